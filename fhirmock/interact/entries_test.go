package interact

import (
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/r4"
)

// An entry is carried out as a request of its own would be: HEAD shows no resource, a search may be a POST, and what
// the bundle prefers goes for its entries.
func TestEntriesAreRequests(t *testing.T) {
	e := engine(people.Everybody().Base())
	for _, kind := range []string{"batch", "transaction"} {
		r := request(t, "POST", "", bundleOf(kind,
			entry("HEAD", "Patient/p01", "", ""),
			entry("POST", "Patient/_search?_id=p01", "", ""),
			entry("GET", "Patient?_id=p01&unknown=x", "", "")))
		r.Lenient = true
		res, err := e.Do(&open{}, r)
		if err != nil {
			t.Fatal(kind, err)
		}
		n, err := r4.Parse(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		for i, entry := range n.List("entry") {
			if got := entry.Get("response").String("status"); got != "200 OK" {
				t.Errorf("%s, entry %d: expected 200 OK, got %s", kind, i, entry.Append(nil))
			}
		}
		head := n.List("entry")[0]
		if head.Get("resource") != nil || head.Get("response").String("etag") == "" {
			t.Errorf("%s: expected an etag and no resource, got %s", kind, head.Append(nil))
		}
		for _, i := range []int{1, 2} {
			if found := names(n.List("entry")[i].Get("resource")); len(found) != 1 || found[0] != "Patient/p01" {
				t.Errorf("%s, entry %d: expected the patient, got %v", kind, i, found)
			}
		}
	}
}

// A conditional create that finds its record shows as much of it as is wanted.
func TestKeptRecordsAreShownAsPreferred(t *testing.T) {
	e := engine(people.Everybody().Base())
	unless := `{"request":{"method":"POST","url":"Patient","ifNoneExist":"_id=p01"},"resource":` + ada + `}`
	for _, kind := range []string{"batch", "transaction"} {
		for returns, shown := range map[string]bool{"": true, "representation": true, "anything": true, "minimal": false, "OperationOutcome": false} {
			r := request(t, "POST", "", bundleOf(kind, unless))
			r.Returns = returns
			res, err := e.Do(&open{}, r)
			if err != nil {
				t.Fatal(kind, err)
			}
			n, err := r4.Parse(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			kept := n.List("entry")[0]
			if (kept.Get("resource") != nil) != shown || (kept.Get("response").Get("outcome") != nil) != (returns == "OperationOutcome") {
				t.Errorf("%s, return=%s: got %s", kind, returns, kept.Append(nil))
			}
		}
	}
}

// Whoever asks twice for a record gets it twice, and a bundle in which each fullUrl stands once (R4 bundle, bdl-7).
func TestOneRecordInSeveralEntries(t *testing.T) {
	e := engine(people.Everybody().Base())
	n := do(t, e, &open{}, "POST", "", bundleOf("batch", entry("GET", "Patient/p01", "", ""), entry("GET", "Patient/p01", "", ""),
		entry("HEAD", "Patient/p01", "", ""), entry("HEAD", "Patient/p01", "", ""), entry("GET", "Patient/p02", "", ""),
		entry("PATCH", "Patient/p01", "", jsonPatch(`[{"op":"add","path":"/active","value":true}]`))))
	seen := map[string]bool{}
	for i, entry := range n.List("entry") {
		if got := entry.Get("response").String("status"); got != "200 OK" {
			t.Errorf("entry %d: expected 200 OK, got %s", i, got)
		}
		full := entry.String("fullUrl")
		if full == "" {
			continue
		}
		if full += entry.Get("resource").Get("meta").String("versionId"); seen[full] {
			t.Errorf("entry %d: expected %s once", i, full)
		}
		seen[full] = true
	}
	if len(seen) != 4 {
		t.Errorf("expected p01 with and without the resource, and its next version, and p02, got %v", seen)
	}
}
