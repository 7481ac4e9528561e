package fhirmock

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"thiefbox/fhirmock/query"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
)

// pagesKey is what the links of the worlds of these tests are made with: all begin with the same dice.
var pagesKey = sync.OnceValue(func() query.Blind {
	a := &API{nonces: NewReplayMemory().noncesOf(nil, dice.New(7).Fork("fhir/a"))}
	return a.derived("pages")
})

// page writes a mark as if the API had made it for the reader.
func (r *reader) page(m query.Mark) string { return m.For(pagesKey(), r.client+" "+r.subject) }

// ask sends a request as somebody at a client, to a node.
func (w *world) ask(node *API, sub, client, target string) (status int, body string) {
	w.forget()
	try := w.honest("GET", target)
	try.claims.Subject, try.claims.ClientID = sub, client
	rec := w.send(node, try.request())
	wantValid(w.tb, rec)
	return rec.Code, rec.Body.String()
}

// nextOf is where a bundle says that it goes on.
func nextOf(body string) string {
	_, after, _ := strings.Cut(body, `"relation":"next","url":"`)
	url, _, _ := strings.Cut(after, `"`)
	return strings.ReplaceAll(strings.TrimPrefix(url, testBase), `\u0026`, "&")
}

// F-15: a link is for whom it was made: at either node, and neither for another person at the same client nor for the
// same person at another client. Whoever finds it in a log is not told what it would lead to.
func TestALinkIsForWhomItWasMade(t *testing.T) {
	for _, target := range []string{"/Condition?_count=1", "/Condition?_count=1&_sort=code", "/Patient/p01/$everything?_count=3", "/Condition/_history?_count=1", "/Patient/p01/Observation?_count=1"} {
		w := newWorld(t, strictest(t))
		status, first := w.ask(w.a, "berg", "ehr", target)
		link := nextOf(first)
		if status != http.StatusOK || link == "" {
			t.Fatalf("%s: expected a page and a link to the next, got %d: %s", target, status, first)
		}
		if status, body := w.ask(w.b, "berg", "ehr", link); status != http.StatusOK || !strings.Contains(body, "canary-") {
			t.Errorf("%s: expected the next page at the other node, got %d: %s", link, status, body)
		}
		for _, other := range [][2]string{{"dal", "ehr"}, {"berg", "another"}, {"ehr berg", ""}} {
			status, body := w.ask(w.a, other[0], other[1], link)
			if status != http.StatusForbidden || w.refusedBy() != control.RSPageOwner.ID || strings.Contains(body, "berg") {
				t.Errorf("%s by %v: expected to be refused over the link, got %d by %q: %s", target, other, status, w.refusedBy(), body)
			}
		}
		dot := strings.LastIndexByte(link, '~') + 1
		altered := link[:dot] + map[bool]string{true: "B", false: "A"}[link[dot] == 'A'] + link[dot+1:]
		if status, _ := w.ask(w.a, "berg", "ehr", altered); status != http.StatusForbidden {
			t.Errorf("%s: expected an altered link to be refused, got %d", target, status)
		}
		free := newWorld(t, strictest(t).Without(control.RSPageOwner, control.RSEntitlementPage))
		if status, _ := free.ask(free.a, "berg", "ehr", altered); status != http.StatusOK {
			t.Errorf("%s: expected nobody to look at the code, got %d", target, status)
		}
	}
}

// Whose link it is, and what its page holds, are two questions: without the first, the second leaves out what is not the
// caller's; without the second, his own search is asked about at its first page alone.
func TestAFurtherPageIsAskedAbout(t *testing.T) {
	link := func(w *world, sub, target string) string {
		_, body := w.ask(w.a, sub, "ehr", target)
		return nextOf(body)
	}
	strange := func(body string) bool { return strings.Contains(body, testCanary("p40")) }
	const all = "/Condition?_count=250&_elements=id,subject,text"
	w := newWorld(t, strictest(t).Without(control.RSPageOwner))
	if _, body := w.ask(w.a, "dal", "ehr", link(w, "berg", "/Condition?_count=1")); strings.Contains(body, testCanary("p01")) {
		t.Errorf("expected nothing of p01, got %s", body)
	}
	own := link(w, "berg", "/Condition?_count=1")
	if _, body := w.ask(w.a, "berg", "ehr", strings.Replace(own, "_count=1", all[len("/Condition?"):], 1)); strange(body) {
		t.Errorf("expected nothing of p40, got %s", body)
	}
	w = newWorld(t, strictest(t).Without(control.RSEntitlementPage))
	_, first := w.ask(w.a, "berg", "ehr", all)
	own = link(w, "berg", "/Condition?_count=1")
	_, body := w.ask(w.a, "berg", "ehr", strings.Replace(own, "_count=1", "_count=250", 1))
	if strange(first) || !strange(body) {
		t.Errorf("expected p40 on the second page and not on the first, got %t and %t", strange(body), strange(first))
	}
}

// The nodes of an API that share a key for nonces know each other's links, and one that has started again knows those
// that it gave before.
func TestLinksOutliveARestart(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	made := func(d uint64) query.Blind {
		a := &API{nonces: NewReplayMemory().noncesOf(key, dice.New(d))}
		return a.derived("pages")
	}
	m := query.Mark{ID: "obs-p01-1"}
	if a, b := m.For(made(1), "ehr berg"), m.For(made(2), "ehr berg"); a != b {
		t.Errorf("expected one link, got %s and %s", a, b)
	}
	parsed, err := query.ParseMark(m.For(made(1), "ehr berg"))
	if err != nil || !parsed.MadeFor(made(2), "ehr berg") || parsed.MadeFor(made(2), "ehr dal") {
		t.Errorf("expected berg's, got %+v, %v", parsed, err)
	}
}
