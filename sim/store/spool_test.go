package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// packed adds runs to a spool.
func packed(t *testing.T, sp *Spool, n, events int) {
	t.Helper()
	for i := range n {
		p, err := Pack(aRun(fmt.Sprintf("T-%02d", i), events))
		if err == nil {
			err = sp.Add(p)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func spoolBeside(t *testing.T, path string) *Spool {
	t.Helper()
	sp, err := NewSpool(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sp.Close() })
	return sp
}

// What was put aside is kept as if it had been saved at once, and nothing of the spool stays behind.
func TestSpool(t *testing.T) {
	path := place(t)
	sp := spoolBeside(t, path)
	packed(t, sp, 5, 100)
	s := open(t, path, Options{})
	started := monday.Add(time.Hour)
	if err := s.SaveSpool(sp, started); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		want := aRun(fmt.Sprintf("T-%02d", i), 100)
		want.ID, want.Started = fmt.Sprintf("r%04d", i+1), started
		got, err := s.Load(want.ID)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("expected %s as it was put aside, got %v", want.ID, err)
		}
	}
	if err := sp.Close(); err != nil {
		t.Error(err)
	}
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".spool-*")); len(files) > 0 {
		t.Errorf("expected no spool to stay behind, got %v", files)
	}
	if sp.Len() != 5 {
		t.Errorf("expected 5, got %d", sp.Len())
	}
}

// Batches keep to the size of a transaction, and make progress where one run is larger than that.
func TestSpoolBatches(t *testing.T) {
	sp := &Spool{}
	for _, size := range []int64{1 << 20, 3 << 20, 1, transaction + 1, 1, 2} {
		sp.runs, sp.ends = append(sp.runs, aRun("T-01", 1)), append(sp.ends, sp.start(len(sp.runs))+size)
	}
	var got []int
	for from := 0; from < len(sp.runs); {
		from = sp.batch(from)
		got = append(got, from)
	}
	if want := []int{2, 3, 4, 6}; !reflect.DeepEqual(got, want) {
		t.Errorf("expected batches to end at %v, got %v", want, got)
	}
}

// A spool that cannot be read to its end leaves the history as it was.
func TestSpoolIsKeptWholeOrNotAtAll(t *testing.T) {
	path := place(t)
	s := open(t, path, Options{})
	if _, err := s.Save(aRun("D-01", 50)); err != nil {
		t.Fatal(err)
	}
	sp := spoolBeside(t, path)
	packed(t, sp, 3, 50)
	sp.ends[0] += transaction // so that the first stands alone, and the rest is cut short
	sp.ends[1] += transaction
	sp.ends[2] += transaction
	if err := sp.file.Truncate(sp.ends[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSpool(sp, monday); err == nil {
		t.Fatal("expected an error")
	}
	runs, err := s.List()
	if err != nil || len(runs) != 1 {
		t.Errorf("expected the one run that was there before, got %d (%v)", len(runs), err)
	}
	err = s.view(func(tx *bbolt.Tx) error {
		if n := tx.Bucket(bucketRecordings).Stats().KeyN; n != 1 {
			return fmt.Errorf("expected one recording, got %d", n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSpoolNeedsADirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewSpool(filepath.Join(file, "history.db")); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Errorf("expected an error about the directory, got %v", err)
	}
}
