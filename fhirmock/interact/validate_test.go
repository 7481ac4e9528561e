package interact

import (
	"errors"
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
)

func inParameters(resource string, params ...string) string {
	out := `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + resource + `}`
	for _, p := range params {
		out += "," + p
	}
	return out + "]}"
}

func profile(url string) string { return `{"name":"profile","valueUri":"` + url + `"}` }
func mode(code string) string   { return `{"name":"mode","valueCode":"` + code + `"}` }

// $validate answers what it was asked, or says that it cannot (R4 operation Resource-validate).
func TestValidate(t *testing.T) {
	const base = "http://hl7.org/fhir/StructureDefinition/"
	binary := `{"resourceType":"Binary","contentType":"text/plain","data":"eA=="}`
	named := strings.Replace(ada, "{", `{"id":"p01",`, 1)
	for name, c := range map[string]struct {
		target, body, want string // severity and place, or the place of a refusal
	}{
		"by itself":              {"Patient/$validate", ada, "information"},
		"as a parameter":         {"Patient/$validate", inParameters(ada), "information"},
		"wrong":                  {"Observation/$validate", `{"resourceType":"Observation","code":{"text":"x"}}`, "error Observation.status"},
		"of another type":        {"Observation/$validate", ada, "error Patient"},
		"by R4":                  {"Patient/$validate", inParameters(ada, profile(base+"Patient")), "information"},
		"by this version of R4":  {"Patient/$validate?profile=" + base + "Patient|4.0.1", ada, "information"},
		"by another version":     {"Patient/$validate?profile=" + base + "Patient|3.0", ada, "refused http.profile"},
		"by another type":        {"Patient/$validate", inParameters(ada, profile(base+"Person")), "refused http.profile"},
		"by a national profile":  {"Patient/$validate", inParameters(ada, profile("http://hl7.no/fhir/StructureDefinition/no-basis-Patient")), "refused http.profile"},
		"as a create":            {"Patient/$validate", inParameters(ada, mode("create")), "information"},
		"as a create elsewhere":  {"Patient/p01/$validate", inParameters(ada, mode("create")), "refused http.mode"},
		"a Binary of nobody":     {"Binary/$validate?mode=create", binary, "error Binary.securityContext"},
		"a Binary by itself":     {"Binary/$validate", binary, "information"},
		"as an update":           {"Patient/p01/$validate", inParameters(named, mode("update")), "information"},
		"as an update of others": {"Patient/p02/$validate", inParameters(named, mode("update")), "error Patient.id"},
		"as an update of none":   {"Patient/$validate?mode=update", named, "refused http.mode"},
		"as a delete":            {"Patient/p01/$validate", inParameters(ada, mode("delete")), "refused http.mode"},
		"in no mode":             {"Patient/p01/$validate", inParameters(ada, mode("foo")), "refused http.mode"},
		"what it does not know":  {"Patient/$validate?usageContext=x", ada, "refused http.usageContext"},
		"nothing":                {"Patient/$validate", `{"resourceType":"Parameters"}`, "refused "},
	} {
		e := engine(people.Everybody().Base())
		res, err := e.Do(&open{}, request(t, "POST", c.target, c.body))
		got := ""
		var p *query.Problem
		switch {
		case errors.As(err, &p):
			got = "refused " + p.Expression
		case err != nil:
			got = err.Error()
		default:
			n := do(t, e, &open{}, "POST", c.target, c.body)
			issue := n.List("issue")[0]
			if got = issue.String("severity"); issue.Get("expression") != nil {
				got += " " + issue.List("expression")[0].Text
			}
			if res.Status != 200 {
				t.Errorf("%s: expected 200, got %d", name, res.Status)
			}
		}
		if got != c.want {
			t.Errorf("%s: expected %q, got %q", name, c.want, got)
		}
	}
}
