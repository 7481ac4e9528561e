package people

import (
	"bytes"
	"encoding/json"
	"html"
	"time"

	"thiefbox/fhirmock/store"
)

// Record is one resource as it is served, rendered but for the canary.
type Record = store.Record

// CanaryMark stands for the canary until a record is served.
const CanaryMark = "{{canary}}"

// CanaryURL is the extension that carries a patient's canary.
const CanaryURL = "https://thiefbox.test/fhir/StructureDefinition/canary"

// resource is a FHIR resource before rendering.
type resource interface {
	header() *head
	summary() string // one line for the narrative
}

// head is what every resource begins with.
type head struct {
	ResourceType string      `json:"resourceType"`
	ID           string      `json:"id"`
	Meta         meta        `json:"meta"`
	Text         *narrative  `json:"text"`
	Extension    []extension `json:"extension,omitempty"`
}

func (h *head) header() *head { return h }

type meta struct {
	VersionID   string   `json:"versionId"`
	LastUpdated string   `json:"lastUpdated"`
	Profile     []string `json:"profile,omitempty"`
	Security    []coding `json:"security"`
}

type narrative struct {
	Status string `json:"status"`
	Div    string `json:"div"`
}

type extension struct {
	URL         string `json:"url"`
	ValueString string `json:"valueString"`
}

func newHead(resourceType, id string, updated time.Time, profile ...string) head {
	return head{ResourceType: resourceType, ID: id, Meta: meta{
		VersionID: "1", LastUpdated: updated.Format(time.RFC3339), Profile: profile,
		// The standard label for data about nobody.
		Security: []coding{{System: "http://terminology.hl7.org/CodeSystem/v3-ActReason", Code: "HTEST", Display: "test health data"}},
	}}
}

// render turns a resource into a record. Those of a patient get a place for the canary in an extension,
// which programs read, and one in the narrative, which people do.
func render(r resource, patient string) *Record {
	h := r.header()
	text := html.EscapeString(r.summary())
	if patient != "" {
		h.Extension = append(h.Extension, extension{URL: CanaryURL, ValueString: CanaryMark})
		text += " (" + CanaryMark + ")"
	}
	h.Text = &narrative{Status: "generated", Div: `<div xmlns="http://www.w3.org/1999/xhtml">` + text + `</div>`}
	var b bytes.Buffer
	b.Grow(2048)
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a narrative is easier to read without \u003c
	if err := e.Encode(r); err != nil {
		panic("people: " + h.ResourceType + "/" + h.ID + ": " + err.Error())
	}
	updated, err := time.Parse(time.RFC3339, h.Meta.LastUpdated)
	if err != nil {
		panic("people: " + err.Error())
	}
	return store.Prerendered(h.ResourceType, h.ID, patient, updated, bytes.TrimSpace(b.Bytes()), CanaryMark)
}
