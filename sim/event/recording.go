package event

// Recording is a finished run: everything a reader needs to show or judge it again.
type Recording struct {
	Events []Event `json:"events"`
}

// Began returns the opening event, or the zero value if the recording has none.
func (r Recording) Began() Began {
	for _, e := range r.Events {
		if b, ok := e.Body.(Began); ok {
			return b
		}
	}
	return Began{}
}
