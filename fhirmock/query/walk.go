package query

import "thiefbox/fhirmock/store"

// Limited is a store.Door that can say beforehand whose records may pass it at all, once it has refused one
// for being another's. It says nothing (false) while it does not know of such a refusal: then whoever asks
// might be let through to everybody.
type Limited interface {
	Only(w store.Way) (patients []string, known bool)
}

// Narrowed is the view as a caller needs it who is entitled to few out of many: a search begins at his
// patients, rather than at everybody's records and with nearly all refused. To know, a few records of others
// are shown to the door, on each of the ways that will be asked about: a caller whom one of them lets through to
// everybody is to see it.
func Narrowed(v store.View, d store.Door, resourceType string, filters []store.Filter, ways ...store.Way) (store.View, error) {
	limited, ok := d.(Limited)
	if !ok {
		return v, nil
	}
	var only []string
	for _, w := range ways {
		known := false
		for _, found := range v.Sample(resourceType, filters) {
			if r, err := found.Open(d, w); err != nil {
				return v, err
			} else if r != nil {
				continue
			}
			if only, known = limited.Only(w); known {
				break
			}
		}
		if !known {
			return v, nil
		}
	}
	return v.Among(only), nil
}
