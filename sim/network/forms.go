package network

import (
	"maps"
	"net/url"
	"slices"
)

// Form is an HTML form.
type Form struct {
	ID     string
	Method string // GET or POST
	Action string // absolute
	// Values are the defaults: hidden fields, what is filled in, checked or selected beforehand.
	Values  url.Values
	Buttons []Button
}

// Button is a way to submit a form. Its Name and Value go along if it is the one pressed.
type Button struct{ Name, Value, Label string }

// Press returns the value that pressing the button adds.
func (b Button) Press() url.Values {
	if b.Name == "" {
		return url.Values{}
	}
	return url.Values{b.Name: {b.Value}}
}

// fill returns the form's values with those of the person who fills it in.
func (f *Form) fill(values url.Values) url.Values {
	all := maps.Clone(f.Values)
	if all == nil {
		all = url.Values{}
	}
	for name, v := range values {
		if len(v) == 0 {
			delete(all, name)
		} else {
			all[name] = slices.Clone(v)
		}
	}
	return all
}
