package query

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"thiefbox/fhirmock/store"
)

// Mark is where a page ends, as the link to the next one says it. It names the last record of the page and what that
// was sorted by, which the caller has in his hands: its place among all records would tell him how many there are
// besides. Only a search that gave up at a record which he may not see has nothing to name, and hides the place.
type Mark struct {
	Keys   []store.Key `json:"k,omitempty"`
	ID     string      `json:"i,omitempty"`
	Hidden string      `json:"h,omitempty"`
	Link   `json:"-"`
}

// For writes a mark for a caller's link.
func (m Mark) For(b Blind, caller string) string { return b.link(encoded(m), caller) }

// ParseMark reads it back.
func ParseMark(s string) (*Mark, error) {
	m := &Mark{}
	var ok bool
	if m.Link, ok = parseLink(s, m); !ok || len(m.Keys) == 0 && m.ID == "" && m.Hidden == "" {
		return nil, noMark(s)
	}
	return m, nil
}

func noMark(s string) *Problem {
	return bad("value", "parameter \"_page\": expected a value out of a link of this server, got %s", Quote(s))
}

// Position is the place of a mark among the records of a type. The caller must be let see what it names, or he could
// ask by one mark after the other what is there; if he no longer is, or it is gone, he has to begin anew.
func (m *Mark) Position(v store.View, d store.Door, w store.Way, b Blind, resourceType string) (*store.Position, error) {
	p := &store.Position{Keys: m.Keys}
	switch {
	case m.Hidden != "":
		var ok bool
		if p.Seq, ok = b.see(m.Hidden, resourceType); !ok {
			return nil, At("_page", noMark(m.raw))
		}
		return p, nil
	case m.ID == "":
		return p, nil
	}
	for _, s := range v.Versions(resourceType, m.ID) {
		if s.Deleted() { // meanwhile: what it was counts
			continue
		}
		r, err := s.Open(d, w)
		if err != nil {
			return nil, err
		}
		if r != nil {
			p.Seq = r.Seq()
			return p, nil
		}
		break
	}
	return nil, At("_page", noMark(m.raw))
}

// Blind hides places from whoever is given them. The nodes of an API share one; of the zero one, everybody knows the key.
type Blind [16]byte

// hide encrypts a place as one block, which nobody can read or make without the key.
func (b Blind) hide(place uint64, resourceType string) string {
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint64(block[:8], place)
	copy(block[8:], tail(resourceType))
	b.cipher().Encrypt(block[:], block[:])
	return base64.RawURLEncoding.EncodeToString(block[:])
}

func (b Blind) see(hidden, resourceType string) (uint64, bool) {
	block, err := base64.RawURLEncoding.DecodeString(hidden)
	if err != nil || len(block) != aes.BlockSize {
		return 0, false
	}
	b.cipher().Decrypt(block, block)
	var want [aes.BlockSize - 8]byte
	copy(want[:], tail(resourceType))
	return binary.BigEndian.Uint64(block), [8]byte(block[8:]) == want
}

// tail is as much of a type's name as there is room for; no two end alike.
func tail(resourceType string) string { return resourceType[max(0, len(resourceType)-8):] }

func (b Blind) cipher() cipher.Block {
	c, err := aes.NewCipher(b[:])
	if err != nil {
		panic("query: " + err.Error()) // a key of 16 bytes always makes one
	}
	return c
}

// Cursor writes a position in a history for a caller's link; it names a version by its record, its time and its number.
func Cursor(p store.Position, b Blind, caller string) string { return b.link(encoded(p), caller) }

// ParseCursor reads it back. One that was made up leads to another place in the same results, and no further.
func ParseCursor(s string) (*store.Position, Link, error) {
	p := &store.Position{}
	l, ok := parseLink(s, p)
	if !ok {
		return nil, l, noMark(s)
	}
	return p, l, nil
}

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("query: " + err.Error()) // numbers and strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b[1 : len(b)-1]) // with its braces it would begin as a JWT does, and be hidden in logs
}
