package tui

import (
	"strings"
	"testing"
)

func atWeights(t *testing.T) *app {
	a := testApp(t, 80, 24)
	press(t, a, "9", "tab")
	return a
}

// A family's weight is set in steps and computed at once, and the command beside it has it once it stands in a file.
func TestWeightsAreSet(t *testing.T) {
	a := atWeights(t)
	order, members := a.risk.families()
	if a.risk.risk.Weighed != "all alike" || strings.Contains(a.risk.twin(), "--weights") {
		t.Fatalf("expected all alike to begin with, got %q", a.risk.twin())
	}
	was := a.risk.weights.wish.of(members[order[0]])
	press(t, a, "l")
	if got := a.risk.weights.wish.of(members[order[0]]); got <= was || a.risk.risk.Weighed == "all alike" {
		t.Errorf("expected more than %g, and figures by it, got %g, weighed %s", was, got, a.risk.risk.Weighed)
	}
	if !strings.HasSuffix(a.risk.twin(), "--weights FILE") {
		t.Errorf("expected a twin that wants a file, got %q", a.risk.twin())
	}
	press(t, a, "G", "enter") // keep
	if !strings.HasSuffix(a.risk.twin(), "--weights thiefbox-weights-1.yaml") {
		t.Errorf("expected a twin with the file, got %q, %q", a.risk.twin(), a.note)
	}
	press(t, a, "k", "enter") // all alike
	if a.risk.risk.Weighed != "all alike" || strings.Contains(a.risk.twin(), "--weights") {
		t.Errorf("expected all alike again, got %q", a.risk.twin())
	}
}

// Weights come from a file, and one that cannot be read leaves them as they were.
func TestWeightsAreRead(t *testing.T) {
	a := atWeights(t)
	typed := func(file string) {
		press(t, a, "G", "k", "k", "enter")
		for range 40 {
			press(t, a, "backspace")
		}
		for _, r := range file {
			press(t, a, string(r))
		}
		press(t, a, "enter")
	}
	typed("ours.yaml")
	if w := a.risk.weights.wish; w.ByAttack["T-01"] != 3 || w.Concentration != 10 || !strings.HasSuffix(a.risk.twin(), "--weights ours.yaml") {
		t.Fatalf("expected the file's weights, got %+v, %q", w, a.note)
	}
	typed("theirs.yaml")
	if a.note != "no file theirs.yaml" || a.risk.weights.wish.File != "ours.yaml" {
		t.Errorf("expected to be told, and the weights as they were, got %q, %+v", a.note, a.risk.weights.wish)
	}
}

// One weight has to be above 0, whatever is pressed; a family without one gets its attacks' even share.
func TestAWeightIsLeft(t *testing.T) {
	a := atWeights(t)
	order, members := a.risk.families()
	for i := range order {
		press(t, a, "g")
		for range i {
			press(t, a, "j")
		}
		for range 20 {
			press(t, a, "h")
		}
	}
	last := order[len(order)-1]
	if left := a.risk.weights.wish.of(members[last]); left <= 0 || !strings.Contains(a.note, "above 0") {
		t.Fatalf("expected the last weight to stay, got %g, %q", left, a.note)
	}
	press(t, a, "g", "l")
	if got := a.risk.weights.wish.of(members[order[0]]); got <= 0 {
		t.Errorf("expected a weight again, got %g", got)
	}
}
