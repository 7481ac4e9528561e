package fhirmock

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/sim/control"
)

// What this API publishes of itself. The addresses are templates, and what may be done at each is asked of the
// router; how sensitive a type is follows from HL7's compartment, from the labels that records of the type wear here,
// and from the sign-in that it takes; the controls are those of the guard lists that the interactions meet. A test
// plays every attack and holds the rulings against it.

// templates are the addresses below the base.
var templates = []string{"metadata", "", "$graphql", "$export", "Patient/$export", "Group/{id}/$export", "_export/{id}", "_export/{id}/{file}",
	"{type}", "{type}/_search", "{type}/_history", "{type}/$validate", "{type}/{id}", "{type}/{id}/_history", "{type}/{id}/_history/{version}",
	"{type}/{id}/$everything", "{type}/{id}/$graphql", "{type}/{id}/$validate", "Patient/{id}/{type}"}

var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// meets says by which ways an interaction opens records.
var meets = map[interact.Kind][]way{
	interact.Read: {reading}, interact.VRead: {olding}, interact.HistoryInstance: {reading, olding}, interact.HistoryType: {olding},
	interact.Search: {finding, paging, counting, including, revIncluding, chaining}, interact.Everything: {reading, gathering},
	interact.Create: {writing, conditioning, referring, finding, chaining}, interact.Update: {writing, conditioning, referring, chaining},
	interact.Patch: {writing, conditioning, referring, chaining, finding, reading}, interact.Delete: {writing, conditioning, chaining},
	interact.Graph: {graphing}, interact.Export: {exporting, reading}, interact.ExportStatus: {exporting}, interact.ExportFile: {exporting}, interact.ExportDelete: nil,
	interact.Validate: nil, interact.Capabilities: nil,
}

// HasType tells whether there are records of a resource type here.
func HasType(resourceType string) bool { return query.Served(resourceType) }

// Endpoints lists what an API serves that asks for these sign-ins: an entry for each address and class of data.
func Endpoints(stepUps []StepUp) []control.Endpoint {
	out := []control.Endpoint{
		{Party: control.RS, Path: wellKnownResource, Methods: []string{"GET", "HEAD"}, Title: "whose tokens the API takes (RFC 9728)", Data: control.NoData},
		{Party: control.RS, Path: "{base}" + wellKnownSMART, Methods: []string{"GET", "HEAD"}, Title: "where an app signs people in (SMART App Launch)", Data: control.NoData},
	}
	for _, t := range templates {
		if !strings.Contains(t, "{type}") {
			if e, ok := endpoint(t, "", stepUps); ok {
				out = append(out, e)
			}
			continue
		}
		var alike []*control.Endpoint // of one class, and opened by the same scopes
		for _, name := range query.Types {
			e, ok := endpoint(t, name, stepUps)
			if !ok {
				continue
			}
			i := slices.IndexFunc(alike, func(o *control.Endpoint) bool { return o.Data == e.Data && slices.Equal(o.Scopes, e.Scopes) })
			if i < 0 {
				alike = append(alike, &e)
				continue
			}
			alike[i].Types = append(alike[i].Types, name)
			alike[i].Controls = control.InOrder(alike[i].Controls, e.Controls)
		}
		for _, e := range alike {
			out = append(out, *e)
		}
	}
	return append(out, oldEndpoints(stepUps)...)
}

// endpoint asks the router what may be done at an address.
func endpoint(template, resourceType string, stepUps []StepUp) (control.Endpoint, bool) {
	path := strings.NewReplacer("{type}", resourceType, "{id}", "x", "{file}", "Patient.ndjson", "{version}", "1").Replace(template)
	e := control.Endpoint{Party: control.RS, Path: strings.TrimSuffix("{base}/"+template, "/"), Data: control.NoData}
	var titles []string
	var kinds []interact.Kind
	var rules [][]*control.Control
	for _, method := range methods {
		r, wrong := interact.Route(method, path, url.Values{})
		if wrong != nil {
			continue
		}
		if e.Methods = append(e.Methods, method); method == http.MethodGet {
			e.Methods = append(e.Methods, http.MethodHead)
		}
		if !slices.Contains(titles, string(r.Kind)) {
			titles = append(titles, string(r.Kind))
		}
		rules = append(rules, rulesOf(r.Kind, resourceType, stepUps)...)
		if r.Kind != interact.Capabilities {
			kinds = append(kinds, r.Kind)
			e.Data = classOf(r.Kind, resourceType, stepUps)
		}
	}
	if len(e.Methods) == 0 {
		return e, false
	}
	if resourceType != "" {
		e.Types = []string{resourceType}
	}
	e.Scopes = scopesOf(kinds, resourceType)
	e.Title, e.Controls = strings.Join(titles, ", "), control.InOrder(rules...)
	return e, true
}

// scopesOf is what a token needs for them, with {type} where there is one to name. The log of accesses is read with a
// scope of its own, where anybody asks (rs/audit-reader).
func scopesOf(kinds []interact.Kind, resourceType string) []string {
	letters := ""
	for _, letter := range "cruds" {
		if slices.ContainsFunc(kinds, func(k interact.Kind) bool { return rune(verbs[k]) == letter }) {
			letters += string(letter)
		}
	}
	switch {
	case len(kinds) == 0:
		return nil
	case resourceType == "" && kinds[0] == interact.Batch:
		return []string{"what each entry takes"}
	case resourceType == "" && kinds[0] == interact.Graph:
		return []string{"(patient|user|system)/{type}.rs for each type"}
	case resourceType == "":
		return []string{"(patient|user|system)/{type}.r for each type"}
	}
	out := []string{"(patient|user|system)/{type}." + letters}
	if resourceType == "AuditEvent" && strings.ContainsAny(letters, "rs") {
		out = append(out, audits[0])
	}
	return out
}

// classOf is how sensitive what is there can be.
func classOf(k interact.Kind, resourceType string, stepUps []StepUp) control.DataClass {
	switch {
	case k == interact.Validate:
		return control.NoData
	case k == interact.Graph: // whatever can be reached from there
		return control.SensitiveHealth
	case resourceType == "Patient" || resourceType == "AuditEvent" || resourceType == "Group" || resourceType == "Subscription":
		if k == interact.Everything { // and all that belongs to it
			return control.SensitiveHealth
		}
		return control.PersonalData
	case resourceType == "", slices.ContainsFunc(stepUps, func(s StepUp) bool { return s.Type == resourceType }), people.Labels(resourceType):
		return control.SensitiveHealth
	case resourceType == "Binary" || len(r4.Compartment(resourceType)) > 0:
		return control.HealthData
	}
	return control.DirectoryData
}

// rulesOf are the guards that an interaction meets.
func rulesOf(k interact.Kind, resourceType string, stepUps []StepUp) [][]*control.Control {
	if k == interact.Capabilities {
		return nil
	}
	out := [][]*control.Control{controlsOf(tokenGuards), controlsOf(overrideGuards), controlsOf(schemeGuards), controlsOf(certificateGuards), controlsOf(proofGuards),
		controlsOf(tenantGuards), controlsOf(missGuards), controlsOf(volumeGuards), controlsOf(scopeGuards[asked]), controlsOf(limitGuards), controlsOf(glassGuards), controlsOf(onceGuards)}
	kinds := []interact.Kind{k}
	if k == interact.Batch {
		kinds = nil
		for each := range meets {
			kinds = append(kinds, each)
		}
	}
	for _, k := range kinds {
		for _, w := range meets[k] {
			out = append(out, controlsOf(recordGuards[w]), controlsOf(labelGuards[w]), controlsOf(consentGuards), controlsOf(scopeGuards[w.part("")]))
			if resourceType == "Binary" || resourceType == "" || k == interact.Everything || k == interact.Graph {
				out = append(out, controlsOf(concern{way: w, content: true}.guards()))
			}
		}
		switch k {
		case interact.Export, interact.ExportStatus, interact.ExportFile, interact.ExportDelete:
			out = append(out, controlsOf(exportGuards))
		case interact.Search, interact.Everything, interact.HistoryInstance, interact.HistoryType, interact.Graph:
			out = append(out, controlsOf(pageGuards))
		}
	}
	if k == interact.Batch || resourceType == "Consent" && slices.Contains([]interact.Kind{interact.Create, interact.Update, interact.Patch, interact.Delete}, k) {
		out = append(out, controlsOf(authorGuards))
	}
	if k == interact.Batch || resourceType == "Patient" && (k == interact.Update || k == interact.Patch) {
		out = append(out, controlsOf(assignedGuards))
	}
	if k != interact.Validate {
		out = append(out, controlsOf(reachGuards), controlsOf(patientGuards), controlsOf(subscriptionGuards))
	}
	if resourceType == "Subscription" && verbs[k] != 'r' || k == interact.Batch { // and what is sent later, in the name of whoever wrote it
		out = append(out, controlsOf(endpointGuards), controlsOf(subscriberGuards), controlsOf(recordGuards[notifying]), controlsOf(labelGuards[notifying]),
			controlsOf(consentGuards), controlsOf(elementGuards))
	}
	if k == interact.Batch || len(meets[k]) > 0 {
		out = append(out, controlsOf(elementGuards))
	}
	if len(stepUps) > 0 { // of the type itself, or of what would be drawn along
		out = append(out, controlsOf(stepUpGuards))
	}
	if k == interact.Create || k == interact.Update || k == interact.Patch || k == interact.Batch {
		out = append(out, controlsOf(narrativeGuards))
	}
	if resourceType == "AuditEvent" || k == interact.Batch {
		out = append(out, controlsOf(auditGuards), controlsOf(appendGuards))
	}
	if k == interact.Search || k == interact.Everything || k == interact.Graph { // _revinclude=AuditEvent:…
		out = append(out, controlsOf(auditGuards))
	}
	return out
}

func controlsOf(guards []control.Guard[visit]) []*control.Control {
	out := make([]*control.Control, 0, len(guards))
	for _, g := range guards {
		out = append(out, g.Control)
	}
	return out
}

// Serves finds the endpoint of a request: a path below the base, without a slash in front.
func Serves(all []control.Endpoint, method, path string) *control.Endpoint {
	for i := range all {
		e := &all[i]
		template, below := strings.CutPrefix(e.Path, "{base}")
		if below && fits(strings.TrimPrefix(template, "/"), e.Types, path) && (slices.Contains(e.Methods, method)) {
			return e
		}
	}
	return nil
}

func fits(template string, types []string, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		switch {
		case want[i] == "{type}" && !slices.Contains(types, got[i]):
			return false
		case (want[i] == "{id}" || want[i] == "{version}") && want[0] != "_export" && !r4.ValidID(got[i]):
			return false
		case !strings.HasPrefix(want[i], "{") && want[i] != got[i]:
			return false
		}
	}
	return true
}
