package interact

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// open is a gate that lets everybody through, and counts who asks.
type open struct {
	closed func(store.Way, *store.Record) bool // may be nil
	asked  map[store.Way]int
}

func (o *open) Enters(Kind, string) error { return nil }
func (o *open) Settle() error             { return nil }
func (o *open) Missed()                   {}
func (o *open) Holds(*r4.Node) error      { return nil }
func (o *open) Handed(int)                {}
func (o *open) More(int) error            { return nil }
func (o *open) Caller() string            { return "somebody" }
func (o *open) Fetches(string) error      { return nil }
func (o *open) Turns(bool) error          { return nil }
func (o *open) Opens(w store.Way, r *store.Record) (bool, error) {
	if o.asked != nil {
		o.asked[w]++
	}
	return o.closed == nil || !o.closed(w, r), nil
}
func (o *open) Refuse(err error) (int, []byte) {
	return 400, Outcome(Issue{Severity: "error", Code: "invalid", Text: err.Error()})
}

const base = "https://fhir.test/fhir"

func engine(b *store.Base) *Engine {
	var mu sync.Mutex
	n := 0
	return &Engine{Store: store.New(b), Base: base, Canary: func(p string) string { return "canary-" + p },
		Exports: &Exports{}, NewID: func() string { mu.Lock(); defer mu.Unlock(); n++; return fmt.Sprintf("new-%d", n) },
		Now: func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }}
}

// request reads "GET Patient?name=x", with a body if it takes one.
func request(tb testing.TB, method, target, body string) *Request {
	tb.Helper()
	u, err := url.Parse(target)
	if err != nil {
		tb.Fatal(err)
	}
	r, p := Route(method, u.Path, u.Query())
	if p != nil {
		tb.Fatal(p)
	}
	if body != "" {
		if r.Body, err = r4.Parse([]byte(body)); err != nil {
			tb.Fatal(err)
		}
		if r.Body.String("type") == "transaction" {
			r.Kind = Transaction
		}
	}
	return r
}

// do carries out a request that must succeed, and holds the answer against HL7's definitions.
func do(tb testing.TB, e *Engine, g Gate, method, target, body string) *r4.Node {
	tb.Helper()
	res, err := e.Do(g, request(tb, method, target, body))
	if err != nil {
		tb.Fatalf("%s %s: %v", method, target, err)
	}
	if len(res.Body) == 0 {
		return nil
	}
	n, err := r4.Parse(res.Body)
	if err != nil {
		tb.Fatalf("%s %s: %v: %s", method, target, err, res.Body)
	}
	for _, i := range r4.Validate(n) {
		tb.Errorf("%s %s: %v", method, target, i)
	}
	return n
}

// names lists what a bundle holds: "Patient/p01", with a star if it was drawn in.
func names(n *r4.Node) []string {
	var out []string
	for _, e := range n.List("entry") {
		r := e.Get("resource")
		name := r.Resource() + "/" + r.String("id")
		if e.Get("search").String("mode") == "include" {
			name += "*"
		}
		out = append(out, name)
	}
	return out
}
