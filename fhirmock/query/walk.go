package query

import "thiefbox/fhirmock/store"

// Limited is a store.Door that can say beforehand whose records of a type may pass it at all. It says nothing (false)
// where whoever asks would be let through to everybody.
type Limited interface {
	Only(w store.Way, resourceType string) (patients []string, known bool)
	// Entered tells of a patient who was entered later whether his may pass.
	Entered(patient string) bool
}

// Narrowed is the view as a caller needs it who is entitled to few out of many: a search begins at his
// patients, rather than at everybody's records and with nearly all refused. The door is asked about each way: a caller
// whom one of them lets through to everybody is to see it. What is there of others does not decide.
func Narrowed(v store.View, d store.Door, resourceType string, filters []store.Filter, ways ...store.Way) (store.View, error) {
	limited, ok := d.(Limited)
	if !ok || !v.Many(resourceType, filters) {
		return v, nil
	}
	var only []string
	for _, w := range ways {
		known := false
		if only, known = limited.Only(w, resourceType); !known {
			return v, nil
		}
	}
	return v.Among(only, limited.Entered), nil
}
