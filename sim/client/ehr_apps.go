package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// LaunchableApp is a SMART app that can be opened on a record (SMART App Launch 2.2, "EHR Launch").
type LaunchableApp struct {
	ID, Name string // its client_id; for people
	// URL is its launch page.
	URL string
}

// openApp opens an app on a patient's record: GET /launch?app=ID&patient=ID. The authorization server is told, and
// gives a handle that the browser carries to the app.
func (e *EHR) openApp(w http.ResponseWriter, r *http.Request) error {
	s := e.session(r)
	if s == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	q := r.URL.Query()
	app, patient := e.app(q.Get("app")), q.Get("patient")
	if app == nil || !validID(patient) {
		return malformed("launch: expected one of this EHR's apps and a patient, got %q and %q", q.Get("app"), patient)
	}
	form := url.Values{"app": {app.ID}, "user": {s.subject}, "patient": {patient}, "need_patient_banner": {"true"}}
	rep, err := e.protocol.post(r.Context(), call{reg: s.reg, at: s.at, endpoint: s.at.LaunchEndpoint, name: "launch_endpoint", form: form})
	if err != nil {
		return err
	}
	if rep.status != http.StatusCreated {
		return refusedBy(s.at.LaunchEndpoint, rep)
	}
	var answer struct {
		Launch string `json:"launch"`
	}
	if err := json.Unmarshal(rep.body, &answer); err != nil || answer.Launch == "" {
		return fmt.Errorf("expected a launch from %s, got %.80q", s.at.LaunchEndpoint, rep.body)
	}
	http.Redirect(w, r, withQuery(app.URL, url.Values{"iss": {e.fhirBase}, "launch": {answer.Launch}}), http.StatusSeeOther)
	return nil
}

func (e *EHR) app(id string) *LaunchableApp {
	for i := range e.apps {
		if e.apps[i].ID == id {
			return &e.apps[i]
		}
	}
	return nil
}

// apps offers them on a patient's page.
func (p *page) apps(apps []LaunchableApp, patient string) {
	if len(apps) == 0 {
		return
	}
	p.raw("<ul id=\"apps\">\n")
	for _, a := range apps {
		p.raw("<li><a href=\"").text("/launch?" + url.Values{"app": {a.ID}, "patient": {patient}}.Encode()).raw("\">Open in ").text(a.Name).raw("</a></li>\n")
	}
	p.raw("</ul>\n")
}
