package keep

import (
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"thiefbox/idp"
)

// What many keep at a time is all there, and what has expired goes with a later write.
func TestLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	f := open(t, path)
	l := f.At("api").InLine()
	var wg sync.WaitGroup
	for n := range 50 {
		wg.Go(func() {
			if err := l.Keep(idp.Change{Kind: "proof", Key: strconv.Itoa(n), Value: []byte("1"), Expires: now.Add(time.Minute)}, now); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := kept(t, f, "api"); len(got) != 50 {
		t.Errorf("expected 50, got %d", len(got))
	}
	seen := 0
	if err := l.Kept(func(idp.Change) error { seen++; return nil }); err != nil || seen != 50 {
		t.Errorf("expected to be shown 50, got %d, %v", seen, err)
	}
	if err := l.Keep(idp.Change{Kind: "proof", Key: "late", Value: []byte("1"), Expires: now.Add(time.Hour)}, now.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := kept(t, f, "api"); len(got) != 1 || got["proof late"] != "1" {
		t.Errorf("expected the late one alone, got %v", got)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Keep(idp.Change{Kind: "proof", Key: "x", Value: []byte("1")}, now); err == nil {
		t.Error("expected a file that is closed to keep nothing")
	}
}
