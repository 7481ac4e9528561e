package interact

import (
	"errors"
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// adaBy is a patient with an identifier in a system that has colons, as nearly all have.
func adaBy(value string) string {
	return `{"resourceType":"Patient","identifier":[{"system":"urn:oid:2.16.578.1","value":"` + value + `"}]}`
}

func subjectOf(t *testing.T, answer *r4.Node, i int) string {
	t.Helper()
	return answer.List("entry")[i].Get("resource").Get("subject").String("reference")
}

func nameOf(answer *r4.Node, i int) string {
	r := answer.List("entry")[i].Get("resource")
	return r.Resource() + "/" + r.String("id")
}

// A condition in place of a reference is resolved whatever stands in its value, and last of all: what it means may be
// made by the same transaction (R4 http, "Transaction Processing Rules", 5). Elsewhere it is no reference.
func TestConditionsForReferences(t *testing.T) {
	e := engine(people.Everybody().Base())
	do(t, e, &open{}, "POST", "Patient", adaBy("1"))
	there := do(t, e, &open{}, "GET", "Patient?identifier=urn:oid:2.16.578.1|1", "")
	by := func(value string) string { return about("Patient?identifier=urn:oid:2.16.578.1|" + value) }
	res := do(t, e, &open{}, "POST", "", bundleOf("transaction", entry("POST", "Observation", "", by("1"))))
	if got := subjectOf(t, res, 0); got != nameOf(there, 0) {
		t.Errorf("expected %s, got %s", nameOf(there, 0), got)
	}
	res = do(t, e, &open{}, "POST", "", bundleOf("transaction",
		entry("POST", "Observation", "", by("2")),
		entry("PUT", "Patient?identifier=urn:oid:2.16.578.1|2", "", adaBy("2"))))
	if got := subjectOf(t, res, 0); got != nameOf(res, 1) {
		t.Errorf("expected the patient of the same transaction, %s, got %s", nameOf(res, 1), got)
	}
	res = do(t, e, &open{}, "POST", "", bundleOf("transaction",
		entry("POST", "Observation", "", by("5")),
		entry("POST", "Patient", "", strings.Replace(adaBy("5"), "}]}", `}],"managingOrganization":{"reference":"Organization?identifier=urn:x|o"}}`, 1)),
		entry("PUT", "Organization/o", "", `{"resourceType":"Organization","id":"o","name":"O","identifier":[{"system":"urn:x","value":"o"}]}`)))
	if got := subjectOf(t, res, 0); got != nameOf(res, 1) {
		t.Errorf("expected the patient whose organization is of the same transaction, %s, got %s", nameOf(res, 1), got)
	}
	for name, c := range map[string]struct {
		target, body string
		status       int
	}{
		"nobody":        {"", bundleOf("transaction", entry("POST", "Observation", "", by("none"))), 412},
		"by itself":     {"Observation", by("1"), 422},
		"of no type":    {"Observation", about("?identifier=urn:x|1"), 422},
		"with a colon":  {"Observation", about("Patient/a:b"), 422},
		"one more time": {"", bundleOf("transaction", entry("POST", "Observation", "", by("1")), entry("POST", "Patient", "", adaBy("1")), entry("POST", "Observation", "", by("1"))), 412},
	} {
		_, err := e.Do(&open{}, request(t, "POST", c.target, c.body))
		var p *query.Problem
		var invalid *Invalid
		if errors.As(err, &p) && p.Status == c.status || errors.As(err, &invalid) && invalid.Status() == c.status {
			continue
		}
		t.Errorf("%s: expected %d, got %v", name, c.status, err)
	}
}

// A reference to a version remains one, to the version that the transaction leaves.
func TestReferencesToVersions(t *testing.T) {
	e := engine(people.Everybody().Base())
	for full, ref := range map[string]string{
		"urn:uuid:a":                      "urn:uuid:a/_history/7",
		"http://other.test/r4/Patient/7":  "http://other.test/r4/Patient/7/_history/3",
		"https://other.test/r4/Patient/7": "Patient/7/_history/3",
	} {
		res := do(t, e, &open{}, "POST", "", bundleOf("transaction",
			entry("POST", "Patient", full, ada), entry("POST", "Observation", "https://other.test/r4/Observation/8", about(ref))))
		if got := subjectOf(t, res, 1); got != nameOf(res, 0)+"/_history/1" {
			t.Errorf("%s: expected %s/_history/1, got %s", ref, nameOf(res, 0), got)
		}
	}
	full := "http://other.test/r4/Patient/p01"
	res := do(t, e, &open{}, "POST", "", bundleOf("transaction",
		entry("PUT", "Patient/p01", full, strings.Replace(ada, "{", `{"id":"p01",`, 1)), entry("POST", "Observation", "", about(full+"/_history/1"))))
	if got := subjectOf(t, res, 1); got != "Patient/p01/_history/2" {
		t.Errorf("expected the version that the transaction leaves, got %s", got)
	}
}

// What is published under a URL keeps its name, whatever a bundle calls its entries.
func TestCanonicalsKeepTheirNames(t *testing.T) {
	e := engine(people.Everybody().Base())
	request := `{"resourceType":"ServiceRequest","meta":{"profile":["urn:uuid:a"]},"status":"active","intent":"order","subject":{"reference":"urn:uuid:a"},` +
		`"instantiatesCanonical":["urn:uuid:a"],"instantiatesUri":["urn:uuid:a"]}`
	res := do(t, e, &open{}, "POST", "", bundleOf("transaction", entry("POST", "Patient", "urn:uuid:a", ada), entry("POST", "ServiceRequest", "", request)))
	got := string(res.List("entry")[1].Get("resource").Append(nil))
	for _, want := range []string{`"profile":["urn:uuid:a"]`, `"instantiatesCanonical":["urn:uuid:a"]`, `"instantiatesUri":["` + nameOf(res, 0) + `"]`} {
		if !strings.Contains(got, want) {
			t.Errorf("expected %s in %s", want, got)
		}
	}
}

// Two entries that mean one record must not make two of it.
func TestEntriesThatMeanOneRecord(t *testing.T) {
	unless := func(full string) string {
		return strings.Replace(entry("POST", "Patient", full, adaBy("3")), `"url":"Patient"`, `"url":"Patient","ifNoneExist":"identifier=urn:oid:2.16.578.1|3"`, 1)
	}
	e := engine(people.Everybody().Base())
	for name, bundle := range map[string]string{
		"one fullUrl":   bundleOf("transaction", entry("POST", "Patient", "urn:uuid:a", ada), entry("POST", "Patient", "urn:uuid:a", ada)),
		"if none exist": bundleOf("transaction", unless(""), unless("")),
		"one condition": bundleOf("transaction", entry("PUT", "Patient?identifier=4", "", adaBy("4")), entry("PUT", "Patient?identifier=4", "", adaBy("4"))),
	} {
		var p *query.Problem
		if _, err := e.Do(&open{}, request(t, "POST", "", bundle)); !errors.As(err, &p) || p.Status != 400 || p.Expression != "Bundle.entry[1]" {
			t.Errorf("%s: expected a refusal of the second, got %v", name, err)
		}
	}
	do(t, e, &open{}, "POST", "Patient", adaBy("3"))
	res := do(t, e, &open{}, "POST", "", bundleOf("transaction", unless("urn:uuid:a"), unless("urn:uuid:b")))
	if nameOf(res, 0) != nameOf(res, 1) {
		t.Errorf("expected the patient who was there, twice, got %s and %s", nameOf(res, 0), nameOf(res, 1))
	}
}
