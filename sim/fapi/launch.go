package fapi

import "encoding/json"

// Launch is what a token response says of where the app was launched (SMART App Launch 2.2, "Launch context
// arrives with your access_token"). The zero value says nothing.
type Launch struct {
	Patient   string `json:"patient,omitempty"`   // ids, without the type
	Encounter string `json:"encounter,omitempty"` //
	// Context is the array of other resources, and NeedBanner whether the app is to say whose record it shows.
	Context    json.RawMessage `json:"fhirContext,omitempty"`
	NeedBanner *bool           `json:"need_patient_banner,omitempty"`
	Intent     string          `json:"intent,omitempty"`
	StyleURL   string          `json:"smart_style_url,omitempty"`
	Tenant     string          `json:"tenant,omitempty"`
}

func (l *Launch) composeInto(c *composer) {
	if l == nil {
		return
	}
	c.text("patient", l.Patient)
	c.text("encounter", l.Encounter)
	c.json("fhirContext", l.Context)
	if l.NeedBanner != nil {
		c.truth("need_patient_banner", *l.NeedBanner)
	}
	c.text("intent", l.Intent)
	c.text("smart_style_url", l.StyleURL)
	c.text("tenant", l.Tenant)
}

// Surroundings is the context but for patient and encounter, which an access token says itself, as members of a
// JSON object: for the answer about a token, which repeats them (SMART App Launch 2.2, "Token Introspection").
func (l *Launch) Surroundings() json.RawMessage {
	if l == nil {
		return nil
	}
	rest := *l
	rest.Patient, rest.Encounter = "", ""
	c := composer{}
	rest.composeInto(&c)
	return c.end()
}

// launch reads the context of a token response; nil if it has none.
func (c *claims) launch() *Launch {
	l := Launch{
		Patient: c.text("patient"), Encounter: c.text("encounter"), Context: c.json("fhirContext"), Intent: c.text("intent"),
		StyleURL: c.text("smart_style_url"), Tenant: c.text("tenant"),
	}
	if c.raw("need_patient_banner") != "" {
		needed := c.truth("need_patient_banner")
		l.NeedBanner = &needed
	}
	if l.Patient == "" && l.Encounter == "" && l.Intent == "" && l.StyleURL == "" && l.Tenant == "" && l.Context == nil && l.NeedBanner == nil {
		return nil
	}
	return &l
}
