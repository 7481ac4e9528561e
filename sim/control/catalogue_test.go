package control

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

func TestCatalogue(t *testing.T) {
	id := regexp.MustCompile(`^(as|rs|client)/[a-z0-9]+(-[a-z0-9]+)*$`)
	seen, titles := map[string]bool{}, map[string]bool{}
	for i, c := range All() {
		t.Run(c.ID, func(t *testing.T) {
			if !id.MatchString(c.ID) || !strings.HasPrefix(c.ID, string(c.Owner)+"/") {
				t.Errorf("expected an id of the form owner/words-and-hyphens with the owner %q", c.Owner)
			}
			if seen[c.ID] {
				t.Error("expected an id of its own, got one that is taken")
			}
			if title := string(c.Owner) + c.Title; titles[title] {
				t.Errorf("expected a title of its own among those of %q, got %q again", c.Owner, c.Title)
			}
			clause(t, "title", c.Title)
			clause(t, "why", c.Why)
			if c.Clause == "" || c.Clause != strings.TrimSpace(c.Clause) {
				t.Errorf("expected a clause, or words that say there is none, got %q", c.Clause)
			}
			if c.index != i || c.String() != c.ID {
				t.Errorf("expected index %d and string %s, got %d and %s", i, c.ID, c.index, c)
			}
			if found, err := Lookup(c.ID); err != nil || found != c {
				t.Errorf("expected Lookup to find it, got %v, %v", found, err)
			}
		})
		seen[c.ID], titles[string(c.Owner)+c.Title] = true, true
	}
}

// clause holds s to the form in which it can stand inside a sentence of a report.
func clause(t *testing.T, what, s string) {
	t.Helper()
	first := []rune(s + " ")[0]
	// A name such as PKCE or the ID token may begin a clause; an ordinary word begins small.
	name := len(s) > 1 && unicode.IsUpper(first) && unicode.IsUpper([]rune(s)[1])
	if !unicode.IsLower(first) && !name || strings.HasSuffix(s, ".") || s != strings.TrimSpace(s) {
		t.Errorf("expected the %s to be a lower-case clause without full stop, got %q", what, s)
	}
}

func TestAllIsACopy(t *testing.T) {
	All()[0] = nil
	if All()[0] == nil {
		t.Error("expected the catalogue to stay as it is when a reader changes his copy")
	}
}

func TestLookupUnknown(t *testing.T) {
	for _, id := range []string{"", "rs", "rs/", "RS/scope", "rs/scope ", "as/nonsense"} {
		if c, err := Lookup(id); err == nil || c != nil || !strings.Contains(err.Error(), "list controls") {
			t.Errorf("%q: expected an error that says where to look, got %v, %v", id, c, err)
		}
	}
}

func TestDefineRefuses(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("expected a panic at a second control with the same id")
		}
	}()
	define(RS, "scope", "x", "x", "x")
}
