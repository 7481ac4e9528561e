package clause

import (
	"slices"
	"testing"
)

func TestIn(t *testing.T) {
	for text, want := range map[string][]string{
		"RFC 9449 s4.3-12b, s6.1; SP 5.3.4-5":                 {"RFC 9449 s4.3-12b", "RFC 9449 s6.1", "SP 5.3.4-5"},
		"SP 5.3.2.1-6, 5.3.2.2-4":                             {"SP 5.3.2.1-6", "SP 5.3.2.2-4"},
		"BCP s2.1, s4.1; RFC 9126 s2.4":                       {"RFC 9700 s2.1", "RFC 9700 s4.1", "RFC 9126 s2.4"},
		"FAPI 2.0 SP 6.2-3":                                   {"SP 6.2-3"},
		"FAPI 2.0 Attacker Model A5":                          {"AM A5"},
		"RFC 9449 s11.1; not a SHALL of SP":                   {"RFC 9449 s11.1"},
		"RFC 9126 s4; SP 5.3.2.2 note 3; not a SHALL":         {"RFC 9126 s4", "SP 5.3.2.2 note 3"},
		"OIDC Core s3.1.3.7-6; FAPI 2.0 MS 5.6":               {"OIDC Core s3.1.3.7-6", "MS 5.6"},
		"OIDF conformance suite, dpop-negative-tests":         nil,
		"no specification; SP 6.8 speaks of linking":          {"SP 6.8"},
		"RFC 10070; HelseID security profile (60 s); SPECIAL": nil,
	} {
		if got := In(text); !slices.Equal(got, want) {
			t.Errorf("%q: expected %v, got %v", text, want, got)
		}
	}
}

func TestTouches(t *testing.T) {
	for _, test := range []struct {
		ref, id string
		want    bool
	}{
		{"RFC 9449 s4.3-12b", "RFC 9449 s4.3-12", true},
		{"RFC 9449 s4.3-1", "RFC 9449 s4.3-12", false},
		{"RFC 9449 s10", "RFC 9449 s10.1", true},
		{"RFC 9449 s1", "RFC 9449 s10.1", false},
		{"SP 5.4.1", "SP 5.4.1-2", true},
		{"AM A1", "AM A1a", false},
		{"AM A1a", "AM A1a", true},
	} {
		if got := Touches(test.ref, test.id); got != test.want {
			t.Errorf("%s and %s: expected %v, got %v", test.ref, test.id, test.want, got)
		}
	}
}

func TestDocuments(t *testing.T) {
	docs, err := Documents()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range docs {
		for _, c := range d.Clauses {
			if seen[c.ID] || c.Text == "" || !slices.Contains([]string{"must", "should", "may", "consider"}, c.Level) {
				t.Errorf("%s: expected it once, with a text and a level, got %+v", c.ID, c)
			}
			seen[c.ID] = true
		}
	}
	for _, ask := range []struct {
		named string
		want  int
	}{{"RFC 9449 s4.3", 12}, {"rfc 9700", 28}, {"SP 5.3.4", 5}, {"BCP s4.10", 2}, {"AM", 7}, {"MS 5.3.1", 5}, {"PAR", 0}, {"RFC 9207", 5}, {"RFC 1", 0}} {
		if got, err := Find(ask.named); err != nil || len(got) != ask.want {
			t.Errorf("%s: expected %d clauses, got %v, %v", ask.named, ask.want, got, err)
		}
	}
}
