package handout_test

import (
	"bytes"
	"context"
	"html"
	"strings"
	"testing"

	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/drill"
	"thiefbox/sim/drill/handout"
)

// TestAGuideHasAllOfTheDrill: every goal, message, answer, trap and question of a drill stands in its guide, in both formats,
// with times of what waits for a condition; and no condition stands there as code.
func TestAGuideHasAllOfTheDrill(t *testing.T) {
	const name = "d2"
	data, err := scenarios.Drill(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := drill.ParseFile(data)
	if err != nil {
		t.Fatal(err)
	}
	g, err := handout.Make(context.Background(), name, f, 42, sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	add := func(texts ...string) {
		for _, s := range texts {
			want = append(want, strings.Join(strings.Fields(s), " "))
		}
	}
	add(f.Guide.Truth, "thiefbox drill brief "+name)
	add(append(f.Guide.Prompts, f.Guide.Debrief...)...)
	for _, o := range f.Objectives {
		add(o.Text)
	}
	for _, in := range f.Injects {
		add(in.Text, in.Prompt)
		for _, r := range in.Answers {
			add(r.Text, r.Wrong)
		}
	}
	for _, trap := range f.Traps {
		add(trap.Text)
	}
	for _, c := range f.Reference {
		add(c.Do)
	}
	for _, format := range handout.Formats() {
		var b bytes.Buffer
		if err := g.Write(&b, format); err != nil {
			t.Fatal(err)
		}
		text := html.UnescapeString(b.String())
		for _, s := range want {
			if !strings.Contains(text, s) {
				t.Errorf("%s as %s: expected %q", name, format, s)
			}
		}
		for _, row := range []string{"| I1 | T+2m | T+2m |", "| I6 | T+18m | T+18m |", "| I5 | does not come | does not come |"} {
			if format == "md" && !strings.Contains(text, row) { // what waits for a decision that nobody makes does not come
				t.Errorf("expected %q, got %s", row, text)
			}
		}
		for _, code := range []string{"&& ", "_broken", "done('", "rounds_since"} {
			if strings.Contains(text, code) {
				t.Errorf("%s as %s: expected words, got code: %q", name, format, code)
			}
		}
	}
}
