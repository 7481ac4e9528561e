package store

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/terms"
)

// Record is one version of a resource. It never changes.
type Record struct {
	Type    string
	ID      string
	Version int
	Updated time.Time
	// Patients are those in whose compartments it lies; none for professionals and places.
	Patients []string
	// Confidentiality is what its label says of who may see it: Ordinary, Restricted, VeryRestricted.
	Confidentiality byte
	Deleted         bool
	Method          string // by which it came about, for the history: POST, PUT, PATCH, DELETE; "" if it was always there

	parts [][]byte                     // JSON, cut where the canary goes; one part if it has none
	data  []byte                       // of a Binary whose content ends with the canary: what follows that in the JSON; nil for others
	later func() *Record               // writes it when it is asked for, in place of parts
	says  Says                         // what it is found by, without its being written; nil for most
	knows knows                        // where it leads, without its being written; nil for most
	terms atomic.Pointer[[]terms.Term] // of a version that was written here and still stands; nil for those that are read when they are indexed
	prev  *Record
	seq   uint64 // its place among the records of its type, the same in all versions
	leads atomic.Pointer[[]lead]
}

// knows lists where a record leads under a search parameter, if it can be told without its being written.
type knows func(param string) (targets []string, known bool)

// lead is where a record leads to under a search parameter.
type lead struct{ param, target string }

// Prerendered makes a record of a base. The text is its JSON with mark wherever the canary goes; the content of a Binary
// may end with it, behind a multiple of three bytes, so that it stands by itself in base64. Its terms are read when its
// type is first searched.
func Prerendered(resourceType, id, patient string, updated time.Time, text []byte, mark string) *Record {
	return Labelled(resourceType, id, patient, updated, text, mark, confidentialityIn(text))
}

// Labelled is Prerendered for who knows how confidential the text says it is.
func Labelled(resourceType, id, patient string, updated time.Time, text []byte, mark string, confidentiality byte) *Record {
	r := &Record{Type: resourceType, ID: id, Version: 1, Updated: updated, Confidentiality: confidentiality}
	if resourceType == "Binary" {
		if before, after, marked := bytes.Cut(text, base64.StdEncoding.AppendEncode(nil, []byte(mark))); marked {
			text, r.data = before, after
		}
	}
	r.parts = bytes.Split(text, []byte(mark))
	if patient != "" {
		r.Patients = []string{patient}
	}
	return r
}

// Of is the record with so much of its resource, which has its canary already: what it leads to, and is sorted by, is what
// this says.
func (r *Record) Of(n *r4.Node) *Record {
	return &Record{Type: r.Type, ID: r.ID, Version: r.Version, Updated: r.Updated, Patients: r.Patients, Confidentiality: r.Confidentiality,
		Method: r.Method, parts: [][]byte{n.Append(nil)}, prev: r.prev, seq: r.seq}
}

// Append writes the resource as JSON with the canary in its places. The canary must need no escaping in JSON.
func (r *Record) Append(dst []byte, canary string) []byte {
	if r.later != nil {
		r = r.later()
	}
	for i, part := range r.parts {
		if i > 0 {
			dst = append(dst, canary...)
		}
		dst = append(dst, part...)
	}
	if r.data != nil {
		dst = base64.StdEncoding.AppendEncode(dst, []byte(canary))
		dst = append(dst, r.data...)
	}
	return dst
}

// Size is about how long the resource is with a canary of the usual length.
func (r *Record) Size() int {
	if r.later != nil {
		return 2048
	}
	n := 0
	for _, part := range r.parts {
		n += len(part) + 32
	}
	if r.data != nil {
		n += len(r.data) + 64
	}
	return n
}

// Node reads the resource.
func (r *Record) Node(canary string) *r4.Node {
	n, err := r4.Parse(r.Append(make([]byte, 0, r.Size()), canary))
	if err != nil {
		panic("store: " + r.Type + "/" + r.ID + ": " + err.Error()) // it was read before it was stored
	}
	return n
}

// ETag is the version as HTTP wants it.
func (r *Record) ETag() string { return `W/"` + strconv.Itoa(r.Version) + `"` }

// termsNow returns the terms. Those of a base, and of what was kept, are read for an index and not held: they take several
// times as much as the text.
func (r *Record) termsNow() []terms.Term {
	if r.Deleted {
		return nil
	}
	if held := r.terms.Load(); held != nil {
		return *held
	}
	return terms.Of(r.Node("canary"))
}

// References lists where the record leads to under a search parameter: "Type/id".
func (r *Record) References(param string) []string {
	if r.knows != nil {
		if targets, known := r.knows(param); known {
			return targets
		}
	}
	var out []string
	var seen map[string]bool
	for _, l := range r.leadsNow() {
		if l.param != param && param != "*" || seen[l.target] {
			continue
		}
		if seen == nil {
			seen = map[string]bool{}
		}
		seen[l.target] = true
		out = append(out, l.target)
	}
	return out
}

// leadsNow returns where the record leads to, under any parameter. Those of a base are read when they are first
// asked for, which takes ten times as long as anything that is done with them, and then kept.
func (r *Record) leadsNow() []lead {
	if known := r.leads.Load(); known != nil {
		return *known
	}
	var all []terms.Term
	held := r.terms.Load()
	switch {
	case r.says != nil:
		for _, p := range r4.Params(r.Type) {
			if p.Type == "reference" {
				r.says(p.Name, func(t *terms.Term) { all = append(all, terms.Term{Param: p.Name, Kind: t.Kind, Key: t.Key}) })
			}
		}
	case held != nil:
		all = *held
	case !r.Deleted:
		all = terms.References(r.Node("canary"))
	}
	var out []lead
	for i := range all {
		if all[i].Kind == terms.Reference {
			out = append(out, lead{all[i].Param, all[i].Key})
		}
	}
	r.leads.Store(&out)
	return out
}

// Dates lists the times that the record can be found by: of what happened, not of its being stored.
func (r *Record) Dates() []terms.Span {
	var out []terms.Span
	for _, t := range r.termsNow() {
		if t.Kind != terms.Interval || t.Param == "_lastUpdated" {
			continue
		}
		if p := r4.ParamNamed(r.Type, t.Param); p != nil && p.Type == "date" {
			out = append(out, terms.Span{Lo: t.Lo, Hi: t.Hi})
		}
	}
	return out
}

// PatientsOf lists in whose compartments a resource lies, by HL7's CompartmentDefinition. A Binary lies
// where its securityContext says, which is a record of its own or a patient.
func PatientsOf(n *r4.Node, ts []terms.Term, v View) []string {
	var out []string
	add := func(id string) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	switch kind := n.Resource(); kind {
	case "Patient":
		add(n.String("id"))
	case "Binary":
		target := terms.Target(n.Get("securityContext").String("reference"))
		resourceType, id, _ := cutRef(target)
		if resourceType == "Patient" {
			add(id)
		} else if r := v.get(resourceType, id); r != nil {
			out = append(out, r.Patients...)
		}
	default:
		for _, name := range r4.Compartment(kind) {
			for i := range ts {
				if t := &ts[i]; t.Param == name && t.Kind == terms.Reference {
					if resourceType, id, ok := cutRef(t.Key); ok && resourceType == "Patient" {
						add(id)
					}
				}
			}
		}
	}
	return out
}

func cutRef(ref string) (resourceType, id string, ok bool) {
	for i := range len(ref) {
		if ref[i] == '/' {
			return ref[:i], ref[i+1:], true
		}
	}
	return "", "", false
}
