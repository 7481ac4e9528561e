package people

import (
	"maps"
	"testing"

	"thiefbox/fhirmock/terms"
)

// What a chart is said to be about is what its records are found by under code, no more and no less.
func TestCodesAreThoseOfTheRecords(t *testing.T) {
	p := newTown(t, 900)
	kinds := map[string]bool{}
	for n := range p.town.Len() {
		said, found := map[[3]string]bool{}, map[[3]string]bool{}
		p.town.Codes(n, func(kind, system, code string) { said[[3]string{kind, system, code}] = true })
		for _, r := range p.town.Chart(n, "") {
			for _, term := range terms.Of(r.Node("canary")) {
				if term.Param == "code" {
					found[[3]string{r.Type, term.System, term.Key}] = true
					kinds[r.Type] = true
				}
			}
		}
		if !maps.Equal(said, found) {
			t.Fatalf("patient %d: the records are found by %v, and are said to be by %v", n, found, said)
		}
	}
	if len(kinds) < 7 {
		t.Errorf("expected codes of seven types, got those of %v", kinds)
	}
}

func BenchmarkCodes(b *testing.B) {
	p := newTown(b, 10_000)
	n := 0
	for b.Loop() {
		n = (n + 1) % 10_000
		p.town.Codes(n, func(string, string, string) {})
	}
}
