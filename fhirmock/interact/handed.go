package interact

import "thiefbox/fhirmock/store"

// Handed is how many records of patients a response hands to the caller, the log of accesses apart. What he has sent
// himself is not handed to him, and of a bundle of requests each entry is told to the Gate by itself.
func (res *Response) Handed() int {
	n := res.records
	for _, r := range res.Lines {
		n += counted(r)
	}
	if r := res.Record; r != nil && res.Body != nil && (len(res.Written) == 0 || res.Shows) {
		n += counted(r)
	}
	return n
}

func counted(r *store.Record) int {
	if len(r.Patients) == 0 || r.Deleted || r.Type == "AuditEvent" {
		return 0
	}
	return 1
}
