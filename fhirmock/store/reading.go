package store

import (
	"sync"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/terms"
)

// reading is the memory that reading records for an index takes, one after the other.
type reading struct {
	r4.Rereader
	text  []byte
	terms []terms.Term
}

var readings = sync.Pool{New: func() any { return &reading{} }}

// eachTerm calls see with what the record is found by. The term, and its strings, are see's for the time of the call.
func (r *Record) eachTerm(see func(*terms.Term)) {
	if r.Deleted {
		return
	}
	if held := r.terms.Load(); held != nil {
		for i := range *held {
			see(&(*held)[i])
		}
		return
	}
	again := readings.Get().(*reading)
	again.text = r.Append(again.text[:0], "canary")
	again.terms = terms.AppendOf(again.terms[:0], again.Read(string(again.text)))
	for i := range again.terms {
		see(&again.terms[i])
	}
	clear(again.terms)
	readings.Put(again)
}
