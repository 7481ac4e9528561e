package interact

import (
	"errors"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// After a patch no narrative tells what is no longer so (R4 http, "patch").
func TestNarrativesAfterAPatch(t *testing.T) {
	div := func(s string) string { return `"<div xmlns=\"http://www.w3.org/1999/xhtml\">` + s + `</div>"` }
	for name, c := range map[string]struct {
		status, patch, want string
		refused             bool
	}{
		"made from the data": {"generated", `[{"op":"replace","path":"/gender","value":"male"}]`, "", false},
		"with extensions":    {"extensions", `[{"op":"add","path":"/active","value":true}]`, "", false},
		"something removed":  {"generated", `[{"op":"remove","path":"/gender"}]`, "", false},
		"changed along":      {"generated", `[{"op":"replace","path":"/gender","value":"male"},{"op":"replace","path":"/text/div","value":` + div("male") + `}]`, "male", false},
		"nothing changed":    {"generated", `[{"op":"replace","path":"/gender","value":"female"}]`, "female", false},
		"a tag alone":        {"generated", `[{"op":"add","path":"/meta/tag","value":[{"code":"x"}]}]`, "female", false},
		"more than the data": {"additional", `[{"op":"replace","path":"/gender","value":"male"}]`, "", true},
		"more, and changed":  {"additional", `[{"op":"replace","path":"/gender","value":"male"},{"op":"replace","path":"/text/div","value":` + div("male") + `}]`, "male", false},
	} {
		e := engine(people.Everybody().Base())
		do(t, e, &open{}, "PUT", "Patient/a", `{"resourceType":"Patient","id":"a","text":{"status":"`+c.status+`","div":`+div("female")+`},"gender":"female"}`)
		r := request(t, "PATCH", "Patient/a", "")
		r.Patch = []byte(c.patch)
		res, err := e.Do(&open{}, r)
		var p *query.Problem
		if c.refused {
			if !errors.As(err, &p) || p.Status != 422 || p.Expression != "Patient.text" {
				t.Errorf("%s: expected a refusal, got %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n, err := r4.Parse(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if c.want != "" {
			want = `<div xmlns="http://www.w3.org/1999/xhtml">` + c.want + `</div>`
		}
		if got := n.Get("text").String("div"); got != want {
			t.Errorf("%s: expected %q, got %q", name, want, got)
		}
	}
}
