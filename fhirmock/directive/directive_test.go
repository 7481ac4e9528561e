package directive

import (
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/terms"
)

const (
	head      = `"resourceType":"Consent","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},`
	optOut    = `"policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}]}`
	haug      = `"actor":[{"reference":{"reference":"Practitioner/haug"}}]`
	lund      = `"actor":[{"reference":{"reference":"Practitioner/lund"}}]`
	restrict  = `"securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]`
	condition = `"class":[{"system":"http://hl7.org/fhir/resource-types","code":"Condition"}]`
)

var now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// paper is a record on which everything is written down.
type paper struct {
	text    string
	dates   []terms.Span
	related string
}

func (p paper) Node() *r4.Node {
	n, err := r4.Parse([]byte(p.text))
	if err != nil {
		panic(err)
	}
	return n
}

func (p paper) Dates() []terms.Span { return p.dates }

func (p paper) Refers(ref string) (itself, related bool) {
	return ref == "Condition/c1", ref == p.related
}

func day(s string) []terms.Span {
	span, _ := terms.Date(s)
	return []terms.Span{span}
}

func labelled(code string) paper {
	return paper{text: `{"resourceType":"Condition","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"` + code + `"}]}}`}
}

// asked is haug's reading of a diagnosis of 2024, in the ordinary course of things.
func asked(change func(*Question)) *Question {
	q := &Question{Means: func(a *r4.Node) bool { return a.String("reference") == "Practitioner/haug" }, Type: "Condition", Now: now,
		Record: paper{text: `{"resourceType":"Condition","code":{"coding":[{"system":"urn:x","code":"P76"}]}}`, dates: day("2024-05-01"), related: "Encounter/e1"}}
	if change != nil {
		change(q)
	}
	return q
}

func read(t *testing.T, body string) *Directive {
	t.Helper()
	n, err := r4.Parse([]byte("{" + body + "}"))
	if err != nil {
		t.Fatal(err)
	}
	return Read(n)
}

func TestWhatAConsentCloses(t *testing.T) {
	writes := func(q *Question) { q.Writes = true }
	emergency := func(q *Question) { q.Emergency, q.Purpose = true, "BTG" }
	for name, c := range map[string]struct {
		provision string
		change    func(*Question)
		closed    bool
	}{
		"him":                              {`"type":"deny",` + haug, nil, true},
		"somebody else":                    {`"type":"deny",` + lund, nil, false},
		"everybody":                        {`"type":"deny"`, nil, true},
		"nested, as R4 defines it":         {`"provision":[{"type":"deny",` + haug + `}]`, nil, true},
		"nested and without a type":        {`"provision":[{` + haug + `}],"type":"permit"`, nil, false}, // it closes nothing in words
		"all but him":                      {`"type":"deny","provision":[{"type":"permit",` + haug + `}]`, nil, false},
		"all but somebody else":            {`"type":"deny","provision":[{"type":"permit",` + lund + `}]`, nil, true},
		"two exceptions that disagree":     {`"type":"deny","provision":[{"type":"permit",` + haug + `},{"type":"deny",` + condition + `}]`, nil, true},
		"an exception to a denial in it":   {`"type":"deny","provision":[{"type":"deny",` + condition + `,"provision":[{"type":"permit",` + haug + `}]}]`, nil, true},
		"an exception to the exception":    {`"type":"deny","provision":[{"type":"permit",` + haug + `,"provision":[{"type":"deny",` + condition + `}]}]`, nil, true},
		"his kind of record":               {`"type":"deny",` + condition, nil, true},
		"another kind":                     {`"type":"deny",` + strings.Replace(condition, "Condition", "Observation", 1), nil, false},
		"a class that cannot be judged":    {`"type":"deny","class":[{"system":"urn:ietf:bcp:13","code":"application/hl7-cda+xml"}]`, nil, true},
		"an exception that cannot be":      {`"type":"deny","provision":[{"type":"permit","class":[{"system":"urn:x","code":"y"}]}]`, nil, true},
		"in its time":                      {`"type":"deny","period":{"start":"2026-01","end":"2026-11-23"}`, nil, true},
		"over":                             {`"type":"deny","period":{"end":"2026-11-22"}`, nil, false},
		"not yet":                          {`"type":"deny","period":{"start":"2026-11-24"}`, nil, false},
		"data of that time":                {`"type":"deny","dataPeriod":{"start":"2024","end":"2024"}`, nil, true},
		"data of another":                  {`"type":"deny","dataPeriod":{"start":"2025"}`, nil, false},
		"data without a date":              {`"type":"deny","dataPeriod":{"start":"2025"}`, func(q *Question) { q.Record = paper{text: `{}`} }, true},
		"who she is, of a time":            {`"type":"deny","dataPeriod":{"start":"1900"}`, func(q *Question) { q.Type = "Patient" }, false},
		"restricted, and it is not":        {`"type":"deny",` + restrict, nil, false},
		"restricted, and it is":            {`"type":"deny",` + restrict, func(q *Question) { q.Record = labelled("R") }, true},
		"restricted, and it is lower":      {`"type":"deny",` + restrict, func(q *Question) { q.Record = labelled("N") }, true},
		"restricted, and it is higher":     {`"type":"deny",` + restrict, func(q *Question) { q.Record = labelled("V") }, true},
		"open up to restricted":            {`"type":"deny","provision":[{"type":"permit",` + restrict + `}]`, func(q *Question) { q.Record = labelled("N") }, false},
		"open up to restricted, higher":    {`"type":"deny","provision":[{"type":"permit",` + restrict + `}]`, func(q *Question) { q.Record = labelled("V") }, true},
		"a diagnosis":                      {`"type":"deny","code":[{"coding":[{"system":"urn:x","code":"P76"}]}]`, nil, true},
		"another diagnosis":                {`"type":"deny","code":[{"coding":[{"system":"urn:x","code":"A01"}]}]`, nil, false},
		"that very record":                 {`"type":"deny","data":[{"meaning":"instance","reference":{"reference":"Condition/c1"}}]`, nil, true},
		"what came of a visit":             {`"type":"deny","data":[{"meaning":"related","reference":{"reference":"Encounter/e1"}}]`, nil, true},
		"the visit alone":                  {`"type":"deny","data":[{"meaning":"instance","reference":{"reference":"Encounter/e1"}}]`, nil, false},
		"reading, and he reads":            {`"type":"deny","action":[{"coding":[{"code":"access"}]}]`, nil, true},
		"reading, and he writes":           {`"type":"deny","action":[{"coding":[{"code":"access"}]}]`, writes, false},
		"correcting, and he writes":        {`"type":"deny","action":[{"coding":[{"code":"correct"}]}]`, writes, true},
		"for research":                     {`"type":"deny","purpose":[{"code":"HRESCH"}]`, nil, false},
		"for research, and he says so":     {`"type":"deny","purpose":[{"code":"HRESCH"}]`, func(q *Question) { q.Purpose = "HRESCH" }, true},
		"for treatment, whatever he says":  {`"type":"deny","purpose":[{"code":"TREAT"}]`, func(q *Question) { q.Purpose = "HOPERAT" }, true},
		"but for research, and he says so": {`"type":"deny","provision":[{"type":"permit","purpose":[{"code":"HRESCH"}]}]`, func(q *Question) { q.Purpose = "HRESCH" }, true},
		"in an emergency":                  {`"type":"deny",` + haug, emergency, false},
		"in an emergency too":              {`"type":"deny","purpose":[{"code":"BTG"}],` + haug, emergency, true},
		"for treatment, in an emergency":   {`"type":"deny","purpose":[{"code":"TREAT"}]`, emergency, false},
	} {
		d := read(t, head+`"provision":{`+c.provision+`}`)
		if got := d != nil && d.Closes(asked(c.change)); got != c.closed {
			t.Errorf("%s: expected closed %t, got %t", name, c.closed, got)
		}
	}
}

func TestWhatRules(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		closed bool
	}{
		"opted out":                {head + optOut, true},
		"opted out, but for him":   {head + optOut + `,"provision":{"type":"permit",` + haug + `}`, false},
		"but for another":          {head + optOut + `,"provision":{"type":"permit",` + lund + `}`, true},
		"but for him, nested":      {head + optOut + `,"provision":{"provision":[{"type":"permit",` + haug + `}]}`, false},
		"opted in":                 {head + strings.Replace(optOut, "OPTOUT", "OPTIN", 1), false},
		"withdrawn":                {strings.Replace(head, "active", "inactive", 1) + `"provision":{"type":"deny"}`, false},
		"proposed":                 {strings.Replace(head, "active", "proposed", 1) + `"provision":{"type":"deny"}`, false},
		"about being resuscitated": {strings.Replace(head, "patient-privacy", "adr", 1) + `"provision":{"type":"deny"}`, false},
	} {
		d := read(t, c.body)
		if got := d != nil && d.Closes(asked(nil)); got != c.closed {
			t.Errorf("%s: expected closed %t, got %t", name, c.closed, got)
		}
	}
	if d := read(t, head+optOut); d.Closes(asked(func(q *Question) { q.Emergency = true })) {
		t.Error("expected an emergency to go before opting out")
	}
}

func TestWhomItConcerns(t *testing.T) {
	means := asked(nil).Means
	for body, concerned := range map[string]bool{
		`"type":"deny",` + haug:                      true,
		`"type":"deny",` + lund:                      false,
		`"type":"deny"`:                              true,
		`"provision":[{"type":"deny",` + haug + `}]`: true,
	} {
		if got := read(t, head+`"provision":{`+body+`}`).Concerns(means); got != concerned {
			t.Errorf("%s: expected %t, got %t", body, concerned, got)
		}
	}
}

// Whatever somebody has stored or imported under the name of a Consent, it is read and asked without a crash.
func FuzzRead(f *testing.F) {
	f.Add("{" + head + optOut + `,"provision":{"type":"deny",` + haug + `,"dataPeriod":{"start":"2024"},"provision":[{"type":"permit",` + restrict + `}]}}`)
	f.Add(`{"resourceType":"Consent","status":"active","scope":[],"provision":[[{"actor":{}}]]}`)
	f.Fuzz(func(_ *testing.T, text string) {
		n, err := r4.Parse([]byte(text))
		if err != nil {
			return
		}
		if d := Read(n); d != nil {
			d.Particular()
			d.Concerns(asked(nil).Means)
			d.Closes(asked(nil))
			d.Closes(asked(func(q *Question) { q.Emergency = true }))
		}
	})
}
