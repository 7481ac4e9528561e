package query

import (
	"strings"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// Seeking is a store.Door that minds what records are found by. To search by what one is not shown tells what stands
// there, one guess at a time; and so do an order, and a reference that is followed backwards.
type Seeking interface {
	// Seeks asks whether the caller may search records of a type by a parameter: an error ends the search.
	Seeks(resourceType string, p *r4.Param) error
}

// seeks asks about the conditions of a search, before any record has been found.
func seeks(d store.Door, resourceType string, filters []filter) error {
	if _, minds := d.(Seeking); !minds {
		return nil
	}
	for i := range filters {
		f := &filters[i]
		name := f.Param
		switch {
		case f.chain != nil:
			name = f.chain.param
		case f.tree != nil:
			name = f.tree.param
		case f.has != nil:
			if err := seekBy(d, f.has.resourceType, f.has.reference); err != nil {
				return err
			}
			continue // what is asked of those that refer is asked about there
		}
		if err := seekBy(d, resourceType, name); err != nil {
			return err
		}
	}
	return nil
}

// Seek asks about conditions on records by themselves, such as those of a subscription, which no search is made for.
func Seek(d store.Door, resourceType string, conditions []store.Filter) error {
	for i := range conditions {
		name, _, _ := strings.Cut(conditions[i].Param, ":")
		if err := seekBy(d, resourceType, name); err != nil {
			return err
		}
	}
	return nil
}

func seekBy(d store.Door, resourceType, name string) error {
	s, minds := d.(Seeking)
	if !minds || name == store.ID {
		return nil
	}
	p := r4.ParamNamed(resourceType, name)
	if p == nil {
		return nil
	}
	return s.Seeks(resourceType, p)
}
