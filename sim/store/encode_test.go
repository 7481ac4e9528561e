package store

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

func packLines(lines ...string) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(strings.Join(lines, "\n"))); err != nil {
		return nil, err
	}
	return b.Bytes(), w.Close()
}

// The line we write for an event is the one event.Event writes for itself, so that recordings can be
// read by either.
func TestWireEventIsTheEventsOwn(t *testing.T) {
	for _, e := range aRun("T-01", 40).Recording.Events {
		own, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := json.Marshal(wireEvent{e.N, e.At, e.Exchange, e.Body.Kind(), e.Body})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(own, ours) {
			t.Fatalf("expected %s, got %s", own, ours)
		}
	}
}

func TestPackAndUnpack(t *testing.T) {
	for _, n := range []int{0, 1, 300} {
		rec := aRun("T-01", n).Recording
		if n == 0 {
			rec = event.Recording{}
		}
		packed, err := pack(rec)
		if err != nil {
			t.Fatal(err)
		}
		got, err := unpack(packed)
		if err != nil || !reflect.DeepEqual(got, rec) {
			t.Errorf("%d events: expected them back, got %d, %v", n, len(got.Events), err)
		}
		for _, cut := range []int{0, 1, len(packed) / 2, len(packed) - 1} {
			if _, err := unpack(packed[:cut]); err == nil {
				t.Errorf("%d events: expected %d of %d bytes to be an error", n, cut, len(packed))
			}
		}
	}
}

func BenchmarkSaveRun(b *testing.B) {
	s := open(b, place(b), Options{})
	run := aRun("T-01", 300)
	packed, err := pack(run.Recording)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Save(run); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(packed)), "bytes/run")
}

// BenchmarkSaveMatrix keeps the 200 runs of a matrix in one transaction.
func BenchmarkSaveMatrix(b *testing.B) {
	s := open(b, place(b), Options{})
	runs := make([]report.Run, 200)
	for i := range runs {
		runs[i] = aRun("T-01", 300)
	}
	for b.Loop() {
		if _, err := s.SaveAll(runs); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	s := open(b, place(b), Options{})
	id, err := s.Save(aRun("T-01", 300))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Load(id); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkList(b *testing.B) {
	s := open(b, place(b), Options{})
	runs := make([]report.Run, 200)
	for i := range runs {
		runs[i] = aRun("T-01", 3)
	}
	if _, err := s.SaveAll(runs); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.List(); err != nil {
			b.Fatal(err)
		}
	}
}
