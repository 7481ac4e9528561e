package terms

import "testing"

// Who types a name as he has heard it finds it (R4 search, "string": case, accents, punctuation and spaces do not count).
func TestFold(t *testing.T) {
	for s, want := range map[string]string{
		"":                  "",
		"Berg":              "berg",
		"Ødegård":           "odegard",
		" Berg  Hansen\t":   "berg hansen",
		"Berg-Hansen":       "berg hansen",
		"Berg\u2013Hansen":  "berg hansen",
		"O'Brien":           "obrien",
		"O\u2019Brien":      "obrien",
		"John, Jr.":         "john jr",
		"5.4 mmol":          "5.4 mmol",
		"120/80":            "120/80",
		"a.b":               "ab",
		"-":                 "-", // all that there is
		"...":               "...",
		"\xff.":             "\ufffd",
		"Nedre vei 12, 3. ": "nedre vei 12 3",
	} {
		if got := Fold(s); got != want {
			t.Errorf("%q: expected %q, got %q", s, want, got)
		}
		if again := Fold(Fold(s)); again != Fold(s) {
			t.Errorf("%q: expected what is folded to stay so, got %q", s, again)
		}
	}
}

func BenchmarkFold(b *testing.B) {
	for b.Loop() {
		Fold("Storgata 12 Bergensen")
	}
}
