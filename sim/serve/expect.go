package serve

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// What a test expects a client to have sent: POST /_thiefbox/expect answers 200 if it was, and 409 with
// sentences about what was missing if not, so that curl -f is all that a shell script needs.

// Expectation is a request that should have come. Members left empty do not matter. In the maps, "*"
// stands for any value and null for none.
type Expectation struct {
	Method    string             `json:"method,omitempty"`
	Path      string             `json:"path,omitempty"` // below the issuer: "/par", "/fhir/Patient/p01"
	Client    string             `json:"client,omitempty"`
	Query     map[string]*string `json:"query,omitempty"`
	Form      map[string]*string `json:"form,omitempty"`
	Header    map[string]*string `json:"header,omitempty"`
	Proof     map[string]*string `json:"proof,omitempty"`     // claims of the DPoP proof
	Assertion map[string]*string `json:"assertion,omitempty"` // claims of the client assertion
	Status    int                `json:"status,omitempty"`
	RefusedBy string             `json:"refused_by,omitempty"`
	// Times is how often: by default at least once. 0 is said as -1.
	Times int `json:"times,omitempty"`
}

// Unmet are the expectations that what was recorded does not meet, a sentence each.
func (i *Issuer) Unmet(expected ...Expectation) (unmet []string) {
	doors := make([]door, len(expected))
	for n, e := range expected {
		doors[n] = e.door()
	}
	recorded := i.recordedAt(doors...)
	for _, e := range expected {
		met, nearest := 0, ""
		for _, r := range recorded {
			switch missing := e.missingIn(r); {
			case len(missing) == 0:
				met++
			case e.sameDoor(r):
				nearest = fmt.Sprintf("; request %d has %s", r.N, strings.Join(missing, ", "))
			}
		}
		if sentence := e.judge(met); sentence != "" {
			unmet = append(unmet, sentence+nearest)
		}
	}
	return unmet
}

func (e Expectation) judge(met int) string {
	want := "at least one"
	switch {
	case e.Times == 0 && met > 0, e.Times > 0 && met == e.Times, e.Times < 0 && met == 0:
		return ""
	case e.Times > 0:
		want = fmt.Sprint(e.Times)
	case e.Times < 0:
		want = "no"
	}
	return fmt.Sprintf("expected %s %s, got %d", want, e.name(), met)
}

func (e Expectation) name() string {
	text := firstOf(e.Method, "request") + " " + firstOf(e.Path, "anywhere")
	if e.Client != "" {
		text += " from " + e.Client
	}
	return text
}

func (e Expectation) door() door { return door{method: e.Method, path: e.Path, client: e.Client} }

func (e Expectation) sameDoor(r Recorded) bool { return e.door().isOf(r) }

// missingIn says in what a request is another one.
func (e Expectation) missingIn(r Recorded) (missing []string) {
	if !e.sameDoor(r) {
		return []string{"another method, path or client"}
	}
	if e.Status != 0 && e.Status != r.Status {
		missing = append(missing, fmt.Sprintf("status %d", r.Status))
	}
	if e.RefusedBy != "" && e.RefusedBy != r.RefusedBy {
		missing = append(missing, "been refused by "+firstOf(r.RefusedBy, "nothing"))
	}
	for _, part := range []struct {
		name string
		want map[string]*string
		got  func(string) (string, bool)
	}{
		{"query", e.Query, first(r.Query)}, {"form", e.Form, first(r.Form)},
		{"header", e.Header, func(name string) (string, bool) {
			values := r.Header.Values(name)
			return strings.Join(values, ", "), len(values) > 0
		}},
		{"proof", e.Proof, r.claimsOf("DPoP proof")}, {"assertion", e.Assertion, r.claimsOf("client assertion")},
	} {
		missing = append(missing, differences(part.name, part.want, part.got)...)
	}
	return missing
}

func first(values map[string][]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		if len(values[name]) == 0 {
			return "", false
		}
		return values[name][0], true
	}
}

// claimsOf finds a claim of a JWT in the request: a string as it is, anything else as JSON.
func (r Recorded) claimsOf(name string) func(string) (string, bool) {
	claims := map[string]json.RawMessage{}
	for _, j := range r.JWTs {
		if strings.HasPrefix(j.Name, name) {
			_ = json.Unmarshal(j.Claims, &claims) // it was JSON when it was opened
		}
	}
	return func(claim string) (string, bool) {
		raw, there := claims[claim]
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		return text, there
	}
}

func differences(where string, want map[string]*string, got func(string) (string, bool)) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		value, there := got(name)
		switch w := want[name]; {
		case w == nil && there:
			out = append(out, fmt.Sprintf("%s %s %q", where, name, value))
		case w != nil && !there:
			out = append(out, fmt.Sprintf("no %s %s", where, name))
		case w != nil && *w != "*" && *w != value:
			out = append(out, fmt.Sprintf("%s %s %q", where, name, value))
		}
	}
	return out
}

func (i *Issuer) serveExpect(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Requests []Expectation `json:"requests"`
	}
	if err := readJSON(w, r, &in); err != nil {
		badInput(w, err)
		return
	}
	if len(in.Requests) == 0 {
		refuse(w, http.StatusBadRequest, "invalid_request", `expected requests, such as {"requests": [{"path": "/par", "form": {"code_challenge_method": "S256"}}]}`)
		return
	}
	unmet, status := i.Unmet(in.Requests...), http.StatusOK
	if len(unmet) > 0 {
		status = http.StatusConflict
	}
	answerJSON(w, status, struct {
		Met   bool     `json:"met"`
		Unmet []string `json:"unmet"`
	}{len(unmet) == 0, append([]string{}, unmet...)})
}
