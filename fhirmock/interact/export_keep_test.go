package interact

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/keep"
	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
)

// kept is an engine over a file, as it is after a start. Ids go on where an earlier one ended.
func kept(t *testing.T, path string, p *people.People) (*Engine, *keep.File) {
	t.Helper()
	f, err := keep.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	e := engine(nil)
	marks, err := e.Exports.Open(f, p.Mark())
	if err != nil {
		t.Fatal(err)
	}
	var views map[uint64]store.View
	if e.Store, views, err = store.Open(p.Base(), f, marks...); err != nil {
		t.Fatal(err)
	}
	e.Exports.Resume(views)
	n := e.Store.View().Mark() * 10
	e.NewID = func() string { n++; return fmt.Sprintf("new-%d", n) }
	return e, f
}

func restarted(t *testing.T, f *keep.File, path string, p *people.People) (*Engine, *keep.File) {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return kept(t, path, p)
}

func noted(id, says string) string {
	return `{"resourceType":"Observation","id":"` + id + `","status":"final","code":{"text":"` + says + `"},"subject":{"reference":"Patient/p01"}}`
}

// manifestOf is an export's list of files, when it is there.
func manifestOf(t *testing.T, e *Engine, g Gate, path string) string {
	t.Helper()
	for range 100 {
		res, err := e.Do(g, request(t, "GET", path, ""))
		if err != nil {
			t.Fatal(err)
		}
		if res.Status == 200 {
			return string(res.Body)
		}
	}
	t.Fatal("expected an export to be listed")
	return ""
}

// A client that asks about its export after a restart gets the same list, with the same time, and the same files: what was
// there when it asked, and nothing of what came later.
func TestExportsOutliveARestart(t *testing.T) {
	path, p, g := filepath.Join(t.TempDir(), "records.db"), town(t, 60), &open{}
	e, f := kept(t, path, p)
	empty := begin(t, e, g, "GET", "$export?_type=Observation&_typeFilter=Observation%3Fcode:text%3Dnone", "")
	do(t, e, g, "PUT", "Observation/a", noted("a", "one"))
	do(t, e, g, "PUT", "Observation/b", noted("b", "one"))
	narrow := begin(t, e, g, "POST", "Group/panel-berg/$export", `{"resourceType":"Parameters","parameter":[{"name":"patient","valueReference":{"reference":"Patient/t000003"}},{"name":"_elements","valueString":"Patient.gender"}]}`)
	whole := begin(t, e, g, "GET", "$export?_type=Observation,Patient&_since=2026-11-23T00:00:00Z", "")
	done := begin(t, e, g, "GET", "$export?_type=Patient", "")
	do(t, e, g, "DELETE", done, "")
	do(t, e, g, "PUT", "Observation/a", noted("a", "two"))
	do(t, e, g, "DELETE", "Observation/b", "")
	do(t, e, g, "PUT", "Observation/c", noted("c", "one"))

	says := func() []string {
		out := []string{manifestOf(t, e, g, empty), manifestOf(t, e, g, narrow), manifestOf(t, e, g, whole)}
		for _, file := range []string{empty + "/Observation", narrow + "/Patient", narrow + "/Observation", whole + "/Observation"} {
			res, err := e.Do(g, request(t, "GET", file+".ndjson", ""))
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, r := range res.Lines {
				text += string(e.Render(nil, r, res.Show)) + "\n"
			}
			out = append(out, text)
		}
		return out
	}
	before := says()
	if got := before[6]; strings.Count(got, "\n") != 2 || strings.Contains(got, "two") {
		t.Fatalf("expected a and b as they were, got %s", got)
	}
	if got := before[4]; strings.Count(got, "\n") != 1 || !strings.Contains(got, `"gender"`) || strings.Contains(got, `"birthDate"`) {
		t.Fatalf("expected the gender of one, got %s", got)
	}
	for range 2 {
		e, f = restarted(t, f, path, p)
		if after := says(); !slices.Equal(after, before) {
			t.Fatalf("expected\n%s\ngot\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
		}
		if _, err := e.Do(g, request(t, "GET", done, "")); err == nil {
			t.Error("expected an export that was deleted to stay so")
		}
	}
	e, f = restarted(t, f, path, town(t, 61))
	if _, err := e.Do(g, request(t, "GET", whole, "")); err == nil {
		t.Error("expected no export of people who are not served any more")
	}
	e, f = restarted(t, f, path, p)
	defer f.Close()
	later := e.Now().Add(lasting)
	e.Now = func() time.Time { return later }
	if _, err := e.Do(g, request(t, "GET", whole, "")); err == nil {
		t.Error("expected the export to be over")
	}
	begin(t, e, g, "GET", "$export", "")
	n := 0
	if err := f.KeptExports(func(string, []byte) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("expected those that are over to be gone from the disk, got %d %v", n, err)
	}
}

// What cannot be kept is not promised: neither an export, nor that one is gone.
func TestExportsThatCannotBeKept(t *testing.T) {
	e, g := engine(people.Everybody().Base()), &open{}
	k := &fullDisk{}
	if _, err := e.Exports.Open(k, ""); err != nil {
		t.Fatal(err)
	}
	path := begin(t, e, g, "GET", "$export", "")
	k.full = true
	r := request(t, "GET", "$export", "")
	r.Async = true
	if _, err := e.Do(g, r); !errors.Is(err, errFull) {
		t.Errorf("expected no export, got %v", err)
	}
	if _, err := e.Do(g, request(t, "DELETE", path, "")); !errors.Is(err, errFull) {
		t.Errorf("expected it to be there still, got %v", err)
	}
	manifestOf(t, e, g, path)
}

var errFull = errors.New("no space left on device")

type fullDisk struct{ full bool }

func (k *fullDisk) err() error {
	if k.full {
		return errFull
	}
	return nil
}
func (k *fullDisk) KeepExport(string, []byte, []string) error            { return k.err() }
func (k *fullDisk) DropExport(string) error                              { return k.err() }
func (k *fullDisk) KeptExports(func(id string, text []byte) error) error { return nil }

// Somebody who asks for ever more exports is told to wait, and nobody else loses his.
func TestTooManyExports(t *testing.T) {
	e := engine(people.Everybody().Base())
	others := begin(t, e, named("other"), "GET", "$export", "")
	me := named("me")
	for range mostOfOne {
		begin(t, e, me, "GET", "$export?_type=Patient", "")
	}
	r := request(t, "GET", "$export", "")
	r.Async = true
	var p *query.Problem
	if _, err := e.Do(me, r); !errors.As(err, &p) || p.Status != 429 || p.RetryAfter != lasting {
		t.Errorf("expected to be told to wait an hour, got %v", err)
	}
	manifestOf(t, e, named("other"), others)
}

type namedGate struct {
	open
	name string
}

func named(name string) *namedGate  { return &namedGate{name: name} }
func (n *namedGate) Caller() string { return n.name }
