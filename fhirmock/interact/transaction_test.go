package interact

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

func bundleOf(kind string, entries ...string) string {
	return `{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.Join(entries, ",") + `]}`
}

func entry(method, url, full, resource string) string {
	out := `{"request":{"method":"` + method + `","url":"` + url + `"}`
	if full != "" {
		out += `,"fullUrl":"` + full + `"`
	}
	if resource != "" {
		out += `,"resource":` + resource
	}
	return out + `}`
}

func jsonPatch(ops string) string {
	return `{"resourceType":"Binary","contentType":"application/json-patch+json","data":"` + base64.StdEncoding.EncodeToString([]byte(ops)) + `"}`
}

const ada = `{"resourceType":"Patient","name":[{"family":"Ada"}]}`

func about(patient string) string {
	return `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"` + patient + `"}}`
}

// What entries call each other becomes what the records are called, wherever they say it: references, urls, links in
// the narrative, and references relative to the server that a fullUrl names. Identifiers are names of their own.
func TestATransactionNamesWhatItCreates(t *testing.T) {
	e := engine(people.Everybody().Base())
	uuid := "urn:uuid:11111111-1111-4111-8111-111111111111"
	document := `{"resourceType":"DocumentReference","status":"current","subject":{"reference":"` + uuid + `"},"identifier":[{"system":"urn:ietf:rfc:3986","value":"` + uuid + `"}],` +
		`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"` + uuid + `\">Ada</a></div>"},"content":[{"attachment":{"url":"urn:uuid:22222222-2222-4222-8222-222222222222"}}]}`
	binary := `{"resourceType":"Binary","contentType":"text/plain","data":"eA==","securityContext":{"reference":"` + uuid + `"}}`
	res := do(t, e, &open{}, "POST", "", bundleOf("transaction",
		entry("POST", "DocumentReference", "", document),
		entry("POST", "Patient", uuid, ada),
		entry("POST", "Binary", "urn:uuid:22222222-2222-4222-8222-222222222222", binary),
		entry("POST", "Patient", "http://other.test/r4/Patient/7", ada),
		entry("POST", "Observation", "http://other.test/r4/Observation/8", about("Patient/7"))))
	written := res.List("entry")
	name := func(i int) string {
		r := written[i].Get("resource")
		return r.Resource() + "/" + r.String("id")
	}
	got := string(written[0].Get("resource").Append(nil))
	for _, want := range []string{`"subject":{"reference":"` + name(1) + `"}`, `<a href=\"` + name(1) + `\">`, `"url":"` + name(2) + `"`, `"value":"` + uuid + `"`} {
		if !strings.Contains(got, want) {
			t.Errorf("expected %s in %s", want, got)
		}
	}
	if got := written[4].Get("resource").Get("subject").String("reference"); got != name(3) {
		t.Errorf("expected %s, got %s", name(3), got)
	}
}

// A transaction deletes, creates, changes, and then reads, in whatever order its entries stand; a patch comes in a Binary.
func TestATransactionsOrder(t *testing.T) {
	e := engine(people.Everybody().Base())
	do(t, e, &open{}, "PUT", "Observation/o", strings.Replace(about("Patient/p01"), "{", `{"id":"o",`, 1))
	r := request(t, "POST", "", bundleOf("transaction",
		entry("GET", "Observation?_id=o", "", ""),
		entry("PATCH", "Observation/o", "", jsonPatch(`[{"op":"replace","path":"/status","value":"amended"}]`)),
		entry("POST", "Observation", "", about("Patient/p01")),
		entry("DELETE", "Observation/obs-p01-1", "", "")))
	r.Returns = "minimal"
	res, err := e.Do(&open{}, r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := r4.Parse(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	status := ""
	for _, entry := range b.List("entry") {
		status += entry.Get("response").String("status")[:3] + " "
	}
	read := b.List("entry")[0].Get("resource")
	if status != "200 200 201 204 " || !strings.Contains(string(read.Append(nil)), `"amended"`) || b.List("entry")[2].Get("resource") != nil {
		t.Errorf("unexpected answer: %s", res.Body)
	}
	do(t, e, &open{}, "POST", "", bundleOf("batch", entry("PATCH", "Observation?_id=o", "", jsonPatch(`[{"op":"replace","path":"/status","value":"final"}]`))))
	if got := do(t, e, &open{}, "GET", "Observation/o", ""); got.String("status") != "final" {
		t.Errorf("expected the patch of the batch to hold, got %s", got.Append(nil))
	}
}

// A refused transaction says at which entry it was refused, and leaves nothing.
func TestATransactionSaysWhere(t *testing.T) {
	for name, c := range map[string]struct {
		bundle, expression string
		status             int
	}{
		"invalid":             {bundleOf("transaction", entry("POST", "Patient", "", ada), entry("POST", "Observation", "", `{"resourceType":"Observation","code":{"text":"x"}}`)), "Bundle.entry[1].resource.status", 422},
		"a bare patch":        {bundleOf("transaction", entry("PATCH", "Patient/p01", "", ada)), "Bundle.entry[0]", 400},
		"a patch of a patch":  {bundleOf("transaction", entry("PATCH", "Patient/p01", "", jsonPatch(`{}`))), "Bundle.entry[0]", 400},
		"no such reference":   {bundleOf("transaction", entry("POST", "Observation", "", about("Patient?identifier=none"))), "Bundle.entry[0]", 412},
		"too many referred":   {bundleOf("transaction", entry("POST", "Observation", "", about("Patient?gender=male"))), "Bundle.entry[0]", 412},
		"one record twice":    {bundleOf("transaction", entry("DELETE", "Patient/p01", "", ""), entry("PUT", "Patient?_id=p01", "", ada)), "Bundle.entry[1]", 400},
		"many for a delete":   {bundleOf("transaction", entry("POST", "Patient", "", ada), entry("DELETE", "Patient?gender=male", "", "")), "Bundle.entry[1]", 412},
		"not for one entry":   {bundleOf("transaction", entry("GET", "metadata", "", "")), "Bundle.entry[0]", 400},
		"a search that fails": {bundleOf("transaction", entry("POST", "Patient", "", ada), entry("GET", "Patient?birthdate=x", "", "")), "Bundle.entry[1].request.url", 400},
	} {
		e := engine(people.Everybody().Base())
		_, err := e.Do(&open{}, request(t, "POST", "", c.bundle))
		var p *query.Problem
		var invalid *Invalid
		expression, status := "", 0
		if errors.As(err, &p) {
			expression, status = p.Expression, p.Status
		} else if errors.As(err, &invalid) {
			expression, status = invalid.Issues[0].Expression, invalid.Status()
		}
		if expression != c.expression || status != c.status {
			t.Errorf("%s: expected %d at %s, got %d at %s: %v", name, c.status, c.expression, status, expression, err)
		}
		if found := names(do(t, e, &open{}, "GET", "Patient?family=ada", "")); len(found) > 0 {
			t.Errorf("%s: expected nothing to have happened, got %v", name, found)
		}
	}
}

// The largest bundle there may be is carried out, whatever its entries ask for, and one entry more is not.
func TestTheLargestBundles(t *testing.T) {
	for name, one := range map[string]func(int) string{
		"conditional creates": func(i int) string {
			return `{"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=` + fmt.Sprint(i) + `"},"resource":` + ada + `}`
		},
		"conditional references": func(int) string { return entry("POST", "Observation", "", about("Patient?_id=p01")) },
		"searches": func(i int) string {
			if i%10 == 9 {
				return entry("GET", "Patient?name=ada&_count=1", "", "")
			}
			return entry("POST", "Patient", "", ada)
		},
	} {
		var entries []string
		for i := range mostEntries {
			entries = append(entries, one(i))
		}
		e := engine(people.Everybody().Base())
		if _, err := e.Do(&open{}, request(t, "POST", "", bundleOf("transaction", entries...))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := e.Do(&open{}, request(t, "POST", "", bundleOf("transaction", append(entries, one(0))...))); err == nil {
			t.Errorf("%s: expected one entry more to be too many", name)
		}
	}
}

// A history can be asked for what stood at a time.
func TestAHistoryAtATime(t *testing.T) {
	e := engine(people.Everybody().Base())
	now := e.Now()
	e.Now = func() time.Time { return now }
	for i := range 3 {
		now = now.Add(time.Hour)
		do(t, e, &open{}, "PUT", "Observation/o", strings.Replace(about("Patient/p01"), "{", fmt.Sprintf(`{"id":"o","note":[{"text":"%d"}],`, i), 1))
	}
	do(t, e, &open{}, "DELETE", "Observation/o", "")
	for at, want := range map[string]int{"2026-11-23T10:30:00Z": 1, "2026-11-23T09:30:00Z": 0, "2026-11-23": 4, "2026-11-24": 1,
		"ge2026-11-23T11:30:00Z&_at=lt2026-11-24": 3, "lt2026-11-23T10:30:00Z": 1, "sa2026-11-24": 1} {
		if n := len(do(t, e, &open{}, "GET", "Observation/o/_history?_at="+at, "").List("entry")); n != want {
			t.Errorf("_at=%s: expected %d versions, got %d", at, want, n)
		}
	}
	all := len(do(t, engine(people.Everybody().Base()), &open{}, "GET", "Observation?_count=1000", "").List("entry"))
	if n := len(do(t, e, &open{}, "GET", "Observation/_history?_count=1000&_at=2026-11-23T09:30:00Z", "").List("entry")); n != all {
		t.Errorf("expected all %d that there were, got %d", all, n)
	}
}

// A bundle that would be answered with more than anybody could want ends there: a batch from that entry on, a
// transaction as a whole, with nothing written.
func TestAnswersOfBundlesAreBounded(t *testing.T) {
	e := engine(people.Everybody().Base())
	big := `{"resourceType":"Binary","id":"big","contentType":"text/plain","securityContext":{"reference":"Patient/p01"},"data":"` + strings.Repeat("QUJD", 1<<18) + `"}`
	do(t, e, &open{}, "PUT", "Binary/big", big)
	reads := make([]string, 80)
	for i := range reads {
		reads[i] = entry("GET", "Binary/big", "", "")
	}
	res, err := e.Do(&open{}, request(t, "POST", "", bundleOf("batch", reads...)))
	if err != nil || len(res.Body) > mostAnswer+(2<<20) || strings.Count(string(res.Body), "at most 64 MiB") == 0 {
		t.Errorf("expected 64 MiB and then refusals, got %d %v", len(res.Body), err)
	}
	var p *query.Problem
	if _, err := e.Do(&open{}, request(t, "POST", "", bundleOf("transaction", append(reads, entry("PUT", "Observation/o", "", noted("o", "x")))...))); !errors.As(err, &p) || p.Status != 413 {
		t.Errorf("expected 413, got %v", err)
	}
	if e.Store.View().Get("Observation", "o") != nil {
		t.Error("expected nothing to be written")
	}
}
