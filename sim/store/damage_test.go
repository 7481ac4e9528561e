package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"thiefbox/sim/dice"
	"thiefbox/sim/report"
)

// filled returns the bytes of a history with a few runs in it.
func filled(t *testing.T) []byte {
	t.Helper()
	path := place(t)
	s := open(t, path, Options{})
	for range 3 {
		if _, err := s.SaveAll([]report.Run{aRun("T-01", 100), aRun("D-01", 100)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return read(t, path)
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func written(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "history.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatIsNotOursIsLeftAlone(t *testing.T) {
	whole := filled(t)
	spoil := func(at int, with ...byte) []byte {
		b := bytes.Clone(whole)
		copy(b[at:], with)
		return b
	}
	pageSize := int(binary.LittleEndian.Uint32(whole[pageHeader+8:]))
	bothHeaders := spoil(pageHeader+40, 0xff)
	bothHeaders[pageSize+pageHeader+40] ^= 0xff
	tests := []struct {
		name    string
		content []byte
		err     error
		says    string
	}{
		{"an empty file", nil, ErrDamaged, "it is empty"},
		{"a short text", []byte("dear diary\n"), ErrForeign, "does not begin like a database"},
		{"a long text", bytes.Repeat([]byte("dear diary\n"), 5000), ErrForeign, "does not begin like a database"},
		{"zeros", make([]byte, 1<<16), ErrForeign, ""},
		{"cut in the middle", whole[:len(whole)/2], ErrDamaged, "cut short"},
		{"cut after the headers", whole[:2*pageSize], ErrDamaged, "cut short"},
		{"cut within the first header", whole[:40], ErrForeign, ""},
		{"both headers spoilt", bothHeaders, ErrDamaged, "neither of its two headers"},
		{"a damaged page", zeroed(whole, 2*pageSize, len(whole)), ErrDamaged, ""},
	}
	for _, tt := range tests {
		for _, o := range []Options{{}, {ReadOnly: true}} {
			t.Run(tt.name, func(t *testing.T) {
				path := written(t, tt.content)
				s, err := Open(path, o)
				if err == nil {
					_, err = s.List()
					_ = s.Close()
				}
				if !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "--data") {
					t.Errorf("expected %q (%s) with advice, got %v", tt.err, tt.says, err)
				}
				if !bytes.Equal(read(t, path), tt.content) {
					t.Error("the file was changed")
				}
			})
		}
	}
}

func zeroed(b []byte, from, to int) []byte {
	b = bytes.Clone(b)
	clear(b[from:to])
	return b
}

// One header may be spoilt, by a power cut in a commit: bbolt keeps two for that.
func TestOneHeaderIsEnough(t *testing.T) {
	whole := filled(t)
	pageSize := int(binary.LittleEndian.Uint32(whole[pageHeader+8:]))
	for _, at := range []int{pageHeader, pageSize + pageHeader} {
		s := open(t, written(t, zeroed(whole, at, at+metaLength)), Options{})
		runs, err := s.List()
		if err != nil || len(runs) < 4 { // the older header does not know the last commit
			t.Errorf("expected at least the runs of two commits, got %d, %v", len(runs), err)
		}
	}
}

// Whatever bits are flipped, the answer is the truth or an error: no crash, no hang, no invented run.
func TestFlippedBits(t *testing.T) {
	whole := filled(t)
	d := dice.New(1)
	for range 150 {
		b := bytes.Clone(whole)
		for range 1 + d.IntN(40) {
			b[d.IntN(len(b))] ^= 1 << d.IntN(8)
		}
		path := written(t, b)
		s, err := Open(path, Options{ReadOnly: true})
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) && !errors.Is(err, ErrNewer) {
				t.Errorf("expected one of our errors, got %v", err)
			}
			continue
		}
		for _, id := range []string{"1", "2", "3", "4", "5", "6"} {
			if run, err := s.Load(id); err == nil && len(run.Recording.Events) < 100 {
				t.Errorf("run %s lost events without an error", id)
			}
		}
		_, _ = s.List()
		_ = s.Close()
		if !bytes.Equal(read(t, path), b) {
			t.Error("reading changed the file")
		}
		saveInto(t, path)
	}
}

// saveInto writes to a file with damage that opening it did not show. It may fail, with our error.
func saveInto(t *testing.T, path string) {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		return
	}
	if _, err := s.Save(aRun("T-01", 30)); err != nil && !errors.Is(err, ErrDamaged) {
		t.Errorf("expected ErrDamaged or nothing, got %v", err)
	}
	_ = s.Close()
}

// change opens the file as bbolt does and lets edit do what it wants.
func change(t *testing.T, path string, edit func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(edit), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestOtherFormats(t *testing.T) {
	setFormat := func(to string) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket(bucketMeta).Put(keyFormat, []byte(to)) }
	}
	tests := []struct {
		name string
		edit func(*bbolt.Tx) error
		err  error
		says string
	}{
		{"a newer format", setFormat("2"), ErrNewer, "update thiefbox"},
		{"no number", setFormat("one"), ErrDamaged, `got "one"`},
		{"an impossible number", setFormat("0"), ErrDamaged, "expected the number of its format"},
		{"another program's database", func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("accounts"))
			return errors.Join(err, tx.DeleteBucket(bucketMeta))
		}, ErrForeign, "of another program"},
		{"a database without anything", func(tx *bbolt.Tx) error {
			return errors.Join(tx.DeleteBucket(bucketMeta), tx.DeleteBucket(bucketRuns), tx.DeleteBucket(bucketRecordings))
		}, ErrForeign, "of another program"},
		{"no runs", func(tx *bbolt.Tx) error { return tx.DeleteBucket(bucketRuns) }, ErrDamaged, "a part of it is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := written(t, filled(t))
			change(t, path, tt.edit)
			before := read(t, path)
			for _, o := range []Options{{}, {ReadOnly: true}} {
				if _, err := Open(path, o); !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("expected %q, got %v", tt.says, err)
				}
			}
			if !bytes.Equal(before, read(t, path)) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestDamagedRuns(t *testing.T) {
	key := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	tests := []struct {
		name       string
		edit       func(*bbolt.Tx) error
		list, load error
	}{
		{"a run that is no JSON", func(tx *bbolt.Tx) error { return tx.Bucket(bucketRuns).Put(key(1), []byte("{")) }, ErrDamaged, ErrDamaged},
		{"a key that is no number", func(tx *bbolt.Tx) error { return tx.Bucket(bucketRuns).Put([]byte("x"), []byte("{}")) }, ErrDamaged, nil},
		{"no recording", func(tx *bbolt.Tx) error { return tx.Bucket(bucketRecordings).Delete(key(1)) }, nil, ErrDamaged},
		{"a recording that is not compressed", func(tx *bbolt.Tx) error {
			return tx.Bucket(bucketRecordings).Put(key(1), []byte(`{"n":1}`))
		}, nil, ErrDamaged},
		{"a recording with a kind of event we do not know", func(tx *bbolt.Tx) error {
			b, err := packLines(`{"n":1,"kind":"teleported","body":{}}`)
			return errors.Join(err, tx.Bucket(bucketRecordings).Put(key(1), b))
		}, nil, ErrDamaged},
		{"no bucket of recordings", func(tx *bbolt.Tx) error {
			b := tx.Bucket(bucketRecordings)
			return b.ForEach(func(k, _ []byte) error { return b.Delete(k) })
		}, nil, ErrDamaged},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := written(t, filled(t))
			change(t, path, tt.edit)
			s := open(t, path, Options{ReadOnly: true})
			if _, err := s.List(); !errors.Is(err, tt.list) {
				t.Errorf("List: expected %v, got %v", tt.list, err)
			}
			if _, err := s.Load("r0001"); !errors.Is(err, tt.load) {
				t.Errorf("Load: expected %v, got %v", tt.load, err)
			}
		})
	}
}

func TestOpenWhatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrForeign) {
		t.Errorf("a directory: expected ErrForeign, got %v", err)
	}
	file := written(t, []byte("x"))
	if _, err := Open(filepath.Join(file, "history.db"), Options{}); err == nil {
		t.Error("a directory that is a file: expected an error")
	}
	if os.Geteuid() != 0 {
		locked := filepath.Join(t.TempDir(), "locked")
		if err := os.Mkdir(locked, 0o500); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(filepath.Join(locked, "history.db"), Options{}); err == nil {
			t.Error("a directory that may not be written to: expected an error")
		}
	}
}
