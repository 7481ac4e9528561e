package keep

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

type anybody struct{}

// at is a clock that stands still.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func (anybody) Opens(store.Way, *store.Record) (bool, error) { return true, nil }

func observation(t *testing.T, id, text string) *r4.Node {
	t.Helper()
	n, err := r4.Parse([]byte(`{"resourceType":"Observation","id":"` + id + `","status":"final","code":{"text":"` + text + `"},"subject":{"reference":"Patient/p01"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func reopen(t *testing.T, path string) (*store.Store, *File) {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := store.Open(people.Everybody().Base(), f)
	if err != nil {
		t.Fatal(err)
	}
	return s, f
}

func TestWhatWasWrittenIsThereAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.db")
	s, f := reopen(t, path)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	err := s.Update(at(now), func(tx *store.Tx) error {
		tx.Put(observation(t, "new", "one"), "POST")
		tx.Put(observation(t, "new", "two"), "PUT")
		tx.Put(observation(t, "obs-p01-1", "changed"), "PUT")
		tx.Delete("Observation", "obs-p01-2")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s, f = reopen(t, path)
	defer f.Close()
	v := s.View()
	r, _ := v.Get("Observation", "new").Open(anybody{}, store.AsRead)
	if r == nil || r.Version != 2 || !strings.Contains(string(r.Append(nil, "")), `"two"`) || len(v.Versions("Observation", "new")) != 2 {
		t.Errorf("expected the second version, got %+v", r)
	}
	if len(v.Versions("Observation", "obs-p01-1")) != 2 || !v.Get("Observation", "obs-p01-2").Deleted() {
		t.Error("expected the changed and the deleted record of the population to be so again")
	}
	search := v.Find("Observation", []store.Filter{{Param: "patient", Any: []store.Match{{Key: "Patient/p01"}}}}, nil, nil)
	n := 0
	for search.Next() != nil {
		n++
	}
	if n != 6 { // six, less the deleted, plus the new
		t.Errorf("expected to find 6, got %d", n)
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("x", 8192)), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "foreign.db")
	db, err := bbolt.Open(foreign, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket(about)
		if err != nil {
			return err
		}
		return b.Put(about, []byte("something else"))
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	held, err := Open(filepath.Join(dir, "held.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for _, path := range []string{garbage, foreign, held.path, dir} {
		if f, err := Open(path); err == nil || !strings.Contains(err.Error(), "expected") {
			_ = f
			t.Errorf("%s: expected an error that says what to do, got %v", filepath.Base(path), err)
		}
	}
}

// A file that was written before records had sums is read as it was then.
func TestAnOlderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.db")
	s, f := reopen(t, path)
	err := s.Update(at(time.Unix(0, 0)), func(tx *store.Tx) error {
		tx.Put(observation(t, "o", "one"), "POST")
		tx.Put(observation(t, "gone", "one"), "POST")
		tx.Delete("Observation", "gone")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sums := regexp.MustCompile(`,"sum":[0-9]+`)
	if err := f.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		if err := tx.DeleteBucket(exports); err != nil {
			return err
		}
		return b.ForEach(func(k, v []byte) error {
			older := sums.ReplaceAll(v, nil)
			if len(older) == len(v) {
				t.Errorf("expected a sum, got %s", v)
			}
			return b.Put(k, older)
		})
	}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s, f = reopen(t, path)
	defer f.Close()
	r, err := s.View().Get("Observation", "o").Open(anybody{}, store.AsRead)
	if err != nil || !strings.Contains(string(r.Append(nil, "")), `"one"`) || !s.View().Get("Observation", "gone").Deleted() {
		t.Errorf("expected what was written, got %v %v", r, err)
	}
	if err := f.KeepExport("e", nil, nil); err != nil {
		t.Error(err)
	}
}
