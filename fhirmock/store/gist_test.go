package store

import (
	"testing"
	"time"
)

// Of each part of the store something is made once, whoever asks how often, and what is there now is for Get to say.
func TestGistsAreMadeOnce(t *testing.T) {
	s := New(NewBase([]*Record{Prerendered("Consent", "a", "p", time.Time{}, []byte(`{"resourceType":"Consent","id":"a"}`), "-")}))
	made := 0
	names := func(v View) (out []string) {
		for _, part := range v.Gists("Consent", func(all []*Sealed) any { made++; return all }) {
			for _, r := range part.([]*Sealed) {
				if v.Get("Consent", r.ID()).Same(r) {
					out = append(out, r.Ref())
				}
			}
		}
		return out
	}
	before := s.View()
	if got := s.View().Gists("Patient", nil); got != nil {
		t.Errorf("expected nothing of no records, got %v", got)
	}
	for range 3 {
		if got := names(s.View()); len(got) != 1 {
			t.Errorf("expected one, got %v", got)
		}
	}
	if err := s.Update(time.Now, func(tx *Tx) error { tx.Delete("Consent", "a"); return nil }); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := names(s.View()); len(got) != 1 || !s.View().Get("Consent", "a").Deleted() {
			t.Errorf("expected the deletion alone, got %v", got)
		}
	}
	if got := names(before); len(got) != 1 || before.Get("Consent", "a").Deleted() {
		t.Errorf("expected an older view to stay as it was, got %v", got)
	}
	if made != 2 {
		t.Errorf("expected it made for two parts, got %d", made)
	}
}
