package keep

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/store"
)

// smallDisk has TestAFullDisk fill a real one: mount -t tmpfs -o size=4m tmpfs DIR.
var smallDisk = flag.String("small-disk", "", "fill the small file system at this directory, in place of a file with a limit")

// A disk that is full takes no more, and says so; what was answered for is there, to be read, and after a restart; and
// what fits is taken again when there is room.
func TestAFullDisk(t *testing.T) {
	dir, limit := t.TempDir(), 2<<20
	if *smallDisk != "" {
		dir, limit = *smallDisk, 0
	}
	path := filepath.Join(dir, "records.db")
	f, err := open(path, limit)
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := store.Open(people.Everybody().Base(), f)
	if err != nil {
		t.Fatal(err)
	}
	padding := strings.Repeat("x", 20_000)
	write := func(s *store.Store, n int) error {
		return s.Update(at(time.Unix(int64(n), 0)), func(tx *store.Tx) error {
			for i := range 3 {
				tx.Put(observation(t, fmt.Sprintf("o-%d-%d", n, i), padding), "POST")
			}
			return nil
		})
	}
	answered := 0
	for err = nil; err == nil; answered++ {
		err = write(s, answered)
	}
	answered--
	if !errors.Is(err, store.ErrNotKept) || answered < 5 {
		t.Fatalf("expected %q after a while, got %v after %d", store.ErrNotKept, err, answered)
	}
	check := func(s *store.Store) {
		t.Helper()
		for n := range answered + 1 {
			for i := range 3 {
				if there := s.View().Get("Observation", fmt.Sprintf("o-%d-%d", n, i)) != nil; there != (n < answered) {
					t.Fatalf("commit %d of %d: there is %t", n, answered, there)
				}
			}
		}
	}
	check(s)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if *smallDisk != "" {
		whole, err := os.ReadFile(path)
		if err == nil {
			path = filepath.Join(t.TempDir(), "records.db")
			err = os.WriteFile(path, whole, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s, f = reopen(t, path)
	check(s)
	if err := write(s, answered); err != nil {
		t.Errorf("expected room again, got %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
