package control

// Endpoint is an address that a party serves, as an inventory publishes it: what it gives out, to whom, and which
// controls rule there.
type Endpoint struct {
	Party   Party    `json:"party"`
	Path    string   `json:"path"`
	Types   []string `json:"types,omitempty"` // that {type} in the path stands for
	Methods []string `json:"methods"`
	Title   string   `json:"title"`
	// Scopes of an access token that open it; none where it takes no access token.
	Scopes []string  `json:"scopes,omitempty"`
	Data   DataClass `json:"data"`
	// Controls that may rule on a request to it, in the order of the catalogue.
	Controls []*Control `json:"-"`
}

// DataClass is how much harm is in what an endpoint gives out or takes in. The strictest counts.
type DataClass string

// The classes, from the harmless to the worst.
const (
	NoData          DataClass = "none"             // keys, metadata, what everybody may read
	DirectoryData   DataClass = "directory"        // professionals, organisations, places
	PersonalData    DataClass = "personal"         // who somebody is: names, numbers, sign-ins, who looked at whom
	HealthData      DataClass = "health"           // what stands in a chart
	SensitiveHealth DataClass = "sensitive health" // what is labelled as restricted, or takes a stronger sign-in
)

// InOrder lists controls once each, in the order of the catalogue.
func InOrder(lists ...[]*Control) []*Control {
	var all Set
	for _, list := range lists {
		all = all.With(list...)
	}
	return all.Controls()
}
