package store

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	// Label is that of a deletion, which has no text to read it in.
	Label byte `json:"label,omitempty"`
}

// MarshalBinary writes a version that was stored by Put or Delete: a line about it, then the resource.
func (r *Record) MarshalBinary() ([]byte, error) {
	head, err := json.Marshal(header{r.Type, r.ID, r.Version, r.Updated, r.Patients, r.Deleted, r.Method, r.Confidentiality})
	if err != nil {
		return nil, err
	}
	return r.Append(append(head, '\n'), ""), nil
}

// Unmarshal reads a version back.
func Unmarshal(data []byte) (*Record, error) {
	head, body, found := bytes.Cut(data, []byte("\n"))
	var h header
	if err := json.Unmarshal(head, &h); err != nil || !found || h.Type == "" || !r4.ValidID(h.ID) {
		return nil, fmt.Errorf("expected a record, got %.40q", head)
	}
	r := &Record{Type: h.Type, ID: h.ID, Version: h.Version, Updated: h.Updated, Patients: h.Patients, Deleted: h.Deleted, Method: h.Method, Confidentiality: h.Label}
	if r.Deleted {
		return r, nil
	}
	if _, err := r4.Parse(body); err != nil {
		return nil, fmt.Errorf("%s/%s: %w", h.Type, h.ID, err)
	}
	r.parts, r.Confidentiality = [][]byte{bytes.Clone(body)}, confidentialityIn(body)
	return r, nil
}
