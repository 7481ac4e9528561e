// Package control is the vocabulary of defence: what a security control is, which there are, and
// which of them a profile switches on.
//
// A control is one named "refuse unless", enforced in exactly one guard by whoever is responsible
// for it. Switching it off removes that check and changes no message. Parsing is not a control.
//
// Begin with catalogue.go (every control, a line each), profile.go (the named profiles) and
// Enforce, the only function in thiefbox that reads a switch. The package imports nothing of ours.
package control

import (
	"fmt"
	"math/bits"
	"sort"
	"strings"
)

// Party says who is responsible for a control, and is the first part of its id.
type Party string

// The three honest parties that enforce controls.
const (
	AS     Party = "as"     // the authorization server
	RS     Party = "rs"     // the resource server, our FHIR API
	Client Party = "client" // the honest client system
)

// Control is one named rule of the form "refuse unless".
type Control struct {
	ID     string // "as/pkce-required"
	Owner  Party
	Title  string // what is demanded, as a clause: "the proof is signed by the key it shows"
	Clause string // where it is demanded: "RFC 7636 s4.6; FAPI 2.0 SP 5.3.2.2-5"
	Why    string // what goes wrong without it, for a reader who does not know the clause
	index  int
}

func (c *Control) String() string { return c.ID }

var (
	catalogue []*Control
	byID      = map[string]*Control{}
)

// define enters a control in the catalogue. It panics on a double id: that is a mistake of ours.
func define(owner Party, name, title, clause, why string) *Control {
	c := &Control{ID: string(owner) + "/" + name, Owner: owner, Title: title, Clause: clause, Why: why, index: len(catalogue)}
	if byID[c.ID] != nil || c.index >= maxControls {
		panic("control: cannot define " + c.ID)
	}
	catalogue = append(catalogue, c)
	byID[c.ID] = c
	return c
}

// All returns every control, in the order of the catalogue.
func All() []*Control { return append([]*Control(nil), catalogue...) }

// Lookup finds a control by id.
func Lookup(id string) (*Control, error) {
	if c := byID[id]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("no control is called %q; `thiefbox list controls` shows them all", id)
}

const maxControls = 256

// Set is a set of controls. The zero value is empty. Sets are values: With and Without return new ones.
type Set struct{ bits [maxControls / 64]uint64 }

// SetOf returns the set of the given controls.
func SetOf(cs ...*Control) Set { return Set{}.With(cs...) }

// Everything is the set of all controls.
func Everything() Set { return SetOf(catalogue...) }

// With returns the set with the given controls added.
func (s Set) With(cs ...*Control) Set {
	for _, c := range cs {
		s.bits[c.index/64] |= 1 << (c.index % 64)
	}
	return s
}

// Without returns the set with the given controls removed.
func (s Set) Without(cs ...*Control) Set {
	for _, c := range cs {
		s.bits[c.index/64] &^= 1 << (c.index % 64)
	}
	return s
}

// Union returns the controls that are in s or in t.
func (s Set) Union(t Set) Set {
	for i := range s.bits {
		s.bits[i] |= t.bits[i]
	}
	return s
}

// Minus returns the controls that are in s and not in t.
func (s Set) Minus(t Set) Set {
	for i := range s.bits {
		s.bits[i] &^= t.bits[i]
	}
	return s
}

// has is deliberately not exported: asking whether a control is on, outside Enforce, is how a
// profile turns into ifs all over the code.
func (s Set) has(c *Control) bool { return s.bits[c.index/64]>>(c.index%64)&1 == 1 }

// Controls lists the set in the order of the catalogue, for display.
func (s Set) Controls() []*Control {
	out := make([]*Control, 0, s.Len())
	for i, word := range s.bits {
		for ; word != 0; word &= word - 1 {
			out = append(out, catalogue[i*64+bits.TrailingZeros64(word)])
		}
	}
	return out
}

// Len is the number of controls in the set.
func (s Set) Len() int {
	n := 0
	for _, word := range s.bits {
		n += bits.OnesCount64(word)
	}
	return n
}

// String lists the ids, sorted and separated by commas.
func (s Set) String() string {
	var ids []string
	for _, c := range s.Controls() {
		ids = append(ids, c.ID)
	}
	sort.Strings(ids)
	return strings.Join(ids, ",")
}

// MarshalText writes a set as its ids, so that it can be kept.
func (s Set) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote. An id that is no longer there is an error.
func (s *Set) UnmarshalText(text []byte) error {
	*s = Set{}
	for id := range strings.SplitSeq(string(text), ",") {
		if id == "" {
			continue
		}
		c, err := Lookup(id)
		if err != nil {
			return err
		}
		*s = s.With(c)
	}
	return nil
}
