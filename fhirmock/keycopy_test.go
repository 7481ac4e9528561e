package fhirmock

import (
	"slices"
	"testing"
	"time"
)

// TestKeysByAge: an API that fetches keys by age alone does not know a new key, and believes an old one, until its copy
// is old enough or was dropped; one that looks does at once. What Keys says is what it goes by.
func TestKeysByAge(t *testing.T) {
	for _, byAge := range []bool{true, false} {
		w := newWorld(t, strictest(t))
		w.a.authority.byAge, w.a.authority.keyAge = byAge, 4*time.Hour
		wantStatus(t, w.honest("GET", "/Patient/p01").send(), 200)
		before := w.a.Keys()
		if len(before.Kids) == 0 || !before.Fetched.Equal(w.clock.Now()) {
			t.Fatalf("expected a copy as of now, got %+v", before)
		}
		fetch := func(kid string) bool {
			w.clock.Advance(2 * time.Minute)
			return w.a.authority.key(t.Context(), kid, "").err == nil
		}
		fetch("nobody-knows")
		if again := w.a.Keys().Fetched; again.After(before.Fetched) == byAge {
			t.Errorf("by age %v: expected it to have looked for an unknown key: %v", byAge, !byAge)
		}
		if !fetch(before.Kids[0]) || !slices.Contains(w.a.Keys().Kids, before.Kids[0]) {
			t.Error("expected the key that is published to be believed")
		}
		if w.a.ForgetKeys(); len(w.a.Keys().Kids) != 0 {
			t.Errorf("expected an empty copy, got %+v", w.a.Keys())
		}
		if fetch(before.Kids[0]); !w.a.Keys().Fetched.Equal(w.clock.Now()) {
			t.Error("expected the next token to have it fetched")
		}
	}
}
