package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// aRun makes a run with a log of the size of a real one: about n events.
func aRun(attack string, n int) report.Run {
	var events []event.Event
	tell := func(exchange int, b event.Body) {
		events = append(events, event.Event{N: len(events) + 1, At: monday.Add(time.Duration(len(events)) * time.Millisecond), Exchange: exchange, Body: b})
	}
	tell(0, event.Began{Technique: attack, Profile: "legacy", Controls: []string{"as/scope"}, Seed: 42, Wire: "memory"})
	for x := 1; len(events) < n; x++ {
		token := fmt.Sprintf("eyJhbGciOiJFUzI1NiJ9.%064x.%086x", x*7919, x*104729)
		tell(x, event.Request{From: "ehr", To: "fhir", Message: event.Message{Method: "GET", URL: "https://fhir.thiefbox.test/fhir/Patient/p01",
			Header: map[string][]string{"Authorization": {"DPoP " + token}, "Dpop": {token + "x"}}}})
		for i := range 12 {
			tell(x, event.Ruling{Party: "fhir/a", Control: fmt.Sprintf("rs/control-%d", i), Outcome: "pass", Saw: "GET"})
		}
		tell(x, event.Response{Message: event.Message{Status: 200, Header: map[string][]string{"Content-Type": {"application/fhir+json"}},
			Body: bytes.Repeat([]byte(`{"resourceType":"Patient","id":"p01"},`), 40)}})
	}
	tell(0, event.Ended{})
	return report.Run{
		Started: monday, Attack: report.Attack{ID: attack, Name: "token-from-log", Title: "Token lifted from a log file"},
		Profile: "legacy", Seed: 42, Wire: "memory", Expected: verdict.Breached,
		Verdict:   verdict.Verdict{Outcome: verdict.Breached, Reason: "mallory has the record", Facts: []verdict.Fact{{Kind: verdict.Learnt, Event: 3, Patient: "p01", Text: "x"}}},
		Recording: event.Recording{Events: events},
	}
}

func open(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func place(t testing.TB) string { return filepath.Join(t.TempDir(), "thiefbox", "history.db") }

func TestSaveAndLoad(t *testing.T) {
	path := place(t)
	s := open(t, path, Options{})
	want := aRun("T-01", 300)
	id, err := s.Save(want)
	if err != nil || id != "r0001" {
		t.Fatalf("expected r0001, got %q, %v", id, err)
	}
	got, err := s.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	want.ID = id
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected what was saved, got\n%+v", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, path, Options{ReadOnly: true})
	if got, err := again.Load("1"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("expected the same after opening again, got %v", err)
	}
	if _, err := again.Save(want); err == nil {
		t.Error("expected a read-only history to refuse a run")
	}
}

func TestListIsNewestFirstWithoutRecordings(t *testing.T) {
	s := open(t, place(t), Options{})
	if runs, err := s.List(); err != nil || len(runs) != 0 {
		t.Fatalf("expected nothing in a new history, got %v, %v", runs, err)
	}
	first, err := s.Save(aRun("T-01", 20))
	if err != nil {
		t.Fatal(err)
	}
	more, err := s.SaveAll([]report.Run{aRun("D-01", 20), aRun("D-02", 20)})
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, r.ID+" "+r.Attack.ID)
		if len(r.Recording.Events) != 0 {
			t.Errorf("%s comes with its recording", r.ID)
		}
		if r.Verdict.Outcome != verdict.Breached || !r.Started.Equal(monday) {
			t.Errorf("expected the run's verdict and date, got %+v", r)
		}
	}
	want := []string{more[1] + " D-02", more[0] + " D-01", first + " T-01"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %v, got %v", want, got)
	}
}

func TestLoadFindsAnIDByItsBeginning(t *testing.T) {
	s := open(t, place(t), Options{})
	var runs []report.Run
	for range 12 {
		runs = append(runs, aRun("T-01", 3))
	}
	if _, err := s.SaveAll(runs); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		ask, got string
		err      error
	}{
		{"r0007", "r0007", nil}, {"R0007 ", "r0007", nil}, {"7", "r0007", nil}, {"r7", "r0007", nil}, {"0012", "r0012", nil},
		{"1", "r0001", nil}, // the run's own number, though r0010 begins with r001
		{"r001", "r0001", nil},
		{"r00", "", ErrAmbiguous}, {"r", "", ErrAmbiguous},
		{"", "", ErrUnknown}, {"r0013", "", ErrUnknown}, {"13", "", ErrUnknown}, {"T-01", "", ErrUnknown},
		{"99999999999999999999999", "", ErrUnknown},
	}
	for _, tt := range tests {
		run, err := s.Load(tt.ask)
		if !errors.Is(err, tt.err) || run.ID != tt.got {
			t.Errorf("Load(%q): expected %q, %v; got %q, %v", tt.ask, tt.got, tt.err, run.ID, err)
		}
	}
}

// An id ends with its number, so a prefix that is nobody's number can still be one run's beginning.
func TestLoadByPrefix(t *testing.T) {
	s := open(t, place(t), Options{})
	if _, err := s.Save(aRun("T-01", 3)); err != nil {
		t.Fatal(err)
	}
	for _, ask := range []string{"r", "r0", "r000"} {
		if run, err := s.Load(ask); err != nil || run.ID != "r0001" {
			t.Errorf("Load(%q): got %q, %v", ask, run.ID, err)
		}
	}
}

func TestSaveAllIsOneTransaction(t *testing.T) {
	s := open(t, place(t), Options{})
	bad := aRun("D-01", 3)
	bad.Recording.Events[1].Body = nil
	if _, err := s.SaveAll([]report.Run{aRun("T-01", 3), bad}); err == nil {
		t.Fatal("expected an event without a body to be refused")
	}
	if runs, err := s.List(); err != nil || len(runs) != 0 {
		t.Errorf("expected nothing to be kept, got %v, %v", runs, err)
	}
	if ids, err := s.SaveAll(nil); err != nil || len(ids) != 0 {
		t.Errorf("expected nothing to do, got %v, %v", ids, err)
	}
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	path := place(t)
	open(t, path, Options{})
	for name, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): fs.ModeDir | 0o700} {
		info, err := os.Stat(name)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: expected mode %v, got %v, %v", filepath.Base(name), want, info.Mode(), err)
		}
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("expected nothing but the history, got %v, %v", left, err)
	}
}

func TestReadOnlyMakesNothing(t *testing.T) {
	path := place(t)
	_, err := Open(path, Options{ReadOnly: true})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("expected fs.ErrNotExist, got %v", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("expected no directory to be made, got %v", err)
	}
}

func TestConcurrentOpenings(t *testing.T) {
	path := place(t)
	writer := open(t, path, Options{})
	for _, o := range []Options{{}, {ReadOnly: true}} {
		if _, err := Open(path, o); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "close the other thiefbox") {
			t.Errorf("expected ErrLocked with advice, got %v", err)
		}
	}
	if _, err := writer.Save(aRun("T-01", 3)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	one, two := open(t, path, Options{ReadOnly: true}), open(t, path, Options{ReadOnly: true})
	for _, s := range []*Store{one, two} {
		if runs, err := s.List(); err != nil || len(runs) != 1 {
			t.Errorf("expected two readers at once, got %v, %v", runs, err)
		}
	}
	if _, err := Open(path, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("expected a writer to wait for readers, got %v", err)
	}
}

// Two thiefboxes started at once in a new directory: nobody may see half a file, and nothing is lost.
func TestConcurrentCreation(t *testing.T) {
	path := place(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := Open(path, Options{})
			for errors.Is(err, ErrLocked) {
				s, err = Open(path, Options{})
			}
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Save(aRun("T-01", 3)); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	runs, err := open(t, path, Options{ReadOnly: true}).List()
	if err != nil || len(runs) != 8 {
		t.Errorf("expected 8 runs, got %d, %v", len(runs), err)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := open(t, place(t), Options{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			id, err := s.Save(aRun("T-01", 30))
			if err != nil {
				t.Error(err)
				return
			}
			if run, err := s.Load(id); err != nil || len(run.Recording.Events) == 0 {
				t.Errorf("expected %s whole, got %v", id, err)
			}
			if _, err := s.List(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
