package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"time"

	"thiefbox/fhirmock/r4"
)

// header is what is kept of a version beside the resource.
type header struct {
	Type     string    `json:"type"`
	ID       string    `json:"id"`
	Version  int       `json:"version"`
	Updated  time.Time `json:"updated"`
	Patients []string  `json:"patients,omitempty"`
	Deleted  bool      `json:"deleted,omitempty"`
	Method   string    `json:"method"`
	// Label is how confidential it is; of files of before there was a Sum, that of a deletion alone.
	Label byte `json:"label,omitempty"`
	// Sum is the CRC-32C of the resource. A text that it fits was good when it was written, and need not be read to know.
	Sum *uint32 `json:"sum,omitempty"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// MarshalBinary writes a version that was stored by Put or Delete: a line about it, then the resource.
func (r *Record) MarshalBinary() ([]byte, error) {
	body := r.Append(nil, "")
	sum := crc32.Checksum(body, castagnoli)
	head, err := json.Marshal(header{r.Type, r.ID, r.Version, r.Updated, r.Patients, r.Deleted, r.Method, r.Confidentiality, &sum})
	if err != nil {
		return nil, err
	}
	return append(append(head, '\n'), body...), nil
}

// Unmarshal reads a version back.
func Unmarshal(data []byte) (*Record, error) {
	head, body, found := bytes.Cut(data, []byte("\n"))
	var h header
	if err := json.Unmarshal(head, &h); err != nil || !found || h.Type == "" || !r4.ValidID(h.ID) {
		return nil, fmt.Errorf("expected a record, got %.40q", head)
	}
	r := &Record{Type: h.Type, ID: h.ID, Version: h.Version, Updated: h.Updated, Patients: h.Patients, Deleted: h.Deleted, Method: h.Method, Confidentiality: h.Label}
	switch {
	case h.Sum == nil && r.Deleted:
		return r, nil
	case h.Sum == nil: // written before there were any
		if _, err := r4.Parse(body); err != nil {
			return nil, fmt.Errorf("%s/%s: %w", h.Type, h.ID, err)
		}
		r.Confidentiality = confidentialityIn(body)
	case *h.Sum != crc32.Checksum(body, castagnoli):
		return nil, fmt.Errorf("%s/%s: expected the text that was written, got another", h.Type, h.ID)
	case r.Deleted:
		return r, nil
	}
	r.parts = [][]byte{bytes.Clone(body)}
	return r, nil
}
