package serve

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"thiefbox/sim/dice"
)

// Every patient of a town, and every one that was imported, has a canary of the issuer's own, the same each time.
func TestCanariesOfATown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.ndjson")
	if err := os.WriteFile(file, []byte(`{"resourceType":"Patient","id":"theirs"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Server{config: Config{People: 30, PeopleSeed: 2, Import: file}}
	if err := s.settle(); err != nil || !strings.Contains(s.told, "loaded 1 resources: Patient 1") {
		t.Fatalf("%v, %q", err, s.told)
	}
	a, b := &tenant{server: s, dice: dice.New(1), marks: map[string]string{}}, &tenant{server: s, dice: dice.New(2), marks: map[string]string{}}
	a.drawMarks()
	for _, patient := range []string{"p01", "t000030", "theirs"} {
		mark := a.mark(patient)
		if patient != "p01" && (mark != a.mark(patient) || mark == b.mark(patient)) || !regexp.MustCompile(`^canary-[0-9a-f]{16}$`).MatchString(mark) {
			t.Errorf("%s: %s", patient, mark)
		}
	}
	if a.mark("t000031") != "" || a.mark("nobody") != "" {
		t.Error("expected no mark of nobody")
	}
	if err := (&Server{config: Config{Import: filepath.Join(t.TempDir(), "none")}}).settle(); err == nil {
		t.Error("expected no such file")
	}
}
