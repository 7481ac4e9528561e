package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"thiefbox/sim/control"
)

// Whose record the gateway may show to whom. The relation is one that the API publishes: a clinician has taken part in an
// encounter with the patient (Encounter.participant).

// fetched is an answer of the API to the gateway, on trial.
type fetched struct {
	person, patient string   // who asks, and whom for
	met             int      // encounters of the two
	about           []string // patients whom the answer is about, or names
}

// checkGatewayObject: OWASP API1:2023; RFC 8693 s1.1 on what gets lost when one acts as oneself for others. Without it
// the gateway shows whatever the supplier may see.
func checkGatewayObject(f *fetched) (string, error) {
	if f.met == 0 {
		return f.patient, control.ExpectedFix("patient", "one whom "+f.person+" has met", f.patient, "ask for a patient of an encounter that this person took part in")
	}
	for _, p := range f.about {
		if p != f.patient {
			return p, control.ExpectedFix("patients in the answer", f.patient+" alone, who was asked for", p, "leave out what draws other records along, such as _include and _revinclude")
		}
	}
	return f.patient, nil
}

// met asks how many encounters a person and a patient have had.
func (g *Gateway) met(ctx context.Context, person, patient string) (int, error) {
	q := url.Values{"patient": {patient}, "participant": {"Practitioner/" + person}, "_summary": {"count"}}
	body, err := g.ask(ctx, "/Encounter?"+q.Encode())
	if err != nil {
		return 0, err
	}
	var found struct{ Total *int }
	if err := json.Unmarshal(body, &found); err != nil || found.Total == nil {
		return 0, fmt.Errorf("encounters of %s: expected a Bundle with a total, got %.80q: %w", patient, body, err)
	}
	return *found.Total, nil
}

// patientsIn lists the patients whose records an answer holds, or who are named in what it holds: each once, in order.
func patientsIn(body []byte) ([]string, error) {
	var all any
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, fmt.Errorf("expected JSON: %w", err)
	}
	var out []string
	walk(all, func(o map[string]any) {
		id := ""
		if o["resourceType"] == "Patient" {
			id, _ = o["id"].(string)
		} else if ref, _ := o["reference"].(string); strings.HasPrefix(ref, "Patient/") || strings.Contains(ref, "/Patient/") {
			_, id, _ = strings.Cut(ref, "Patient/")
			id, _, _ = strings.Cut(id, "/") // _history/2
		}
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	})
	slices.Sort(out)
	return out, nil
}

// walk calls see with each object of a JSON document.
func walk(v any, see func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		see(v)
		for _, member := range v {
			walk(member, see)
		}
	case []any:
		for _, item := range v {
			walk(item, see)
		}
	}
}
