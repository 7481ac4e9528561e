package keep

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/store"
)

// A file that was damaged, wherever it was, is refused with a word what to do, or read as far as what was damaged means
// nothing; it never panics, and is not changed by being looked at in vain.
func TestADamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.db")
	s, f := reopen(t, path)
	for n := range 40 {
		err := s.Update(at(time.Unix(int64(n), 0)), func(tx *store.Tx) error {
			tx.Put(observation(t, fmt.Sprint("o-", n), strings.Repeat("x", 500)), "POST")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.KeepExport("e", []byte("{}"), nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for at := 0; at < len(whole); at += 1024 {
		for _, spoil := range []func([]byte) []byte{
			func(b []byte) []byte { copy(b[at:], strings.Repeat("\xff", 64)); return b },
			func(b []byte) []byte { clear(b[at:min(at+4096, len(b))]); return b },
			func(b []byte) []byte { return b[:at] },
		} {
			path := filepath.Join(t.TempDir(), "records.db")
			if err := os.WriteFile(path, spoil(append([]byte(nil), whole...)), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := Open(path)
			if err == nil {
				if _, _, err = store.Open(people.Everybody().Base(), f); err == nil {
					err = f.KeptExports(func(string, []byte) error { return nil })
				}
				if closed := f.Close(); closed != nil {
					t.Fatal(closed)
				}
			}
			if err != nil {
				refused++
				if !strings.Contains(err.Error(), "expected") || !strings.Contains(err.Error(), "move it away") {
					t.Errorf("at %d: expected to be told what to do, got %v", at, err)
				}
			}
		}
	}
	if refused == 0 {
		t.Error("expected some damage to be noticed")
	}
	t.Logf("%d of %d damaged files were refused", refused, 3*(len(whole)+1023)/1024)
}
