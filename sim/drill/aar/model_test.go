package aar_test

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"runtime"
	"strings"
	"testing"
	"time"

	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/drill"
	"thiefbox/sim/drill/aar"
)

func tapeOf(t *testing.T, lines ...string) *drill.Tape { return tapeNamed(t, "ten-minutes", lines...) }

func tapeNamed(t *testing.T, name string, lines ...string) *drill.Tape {
	t.Helper()
	data, err := scenarios.Drill(name)
	if err != nil {
		t.Fatal(err)
	}
	tape := &drill.Tape{File: data, Seed: 42}
	for _, l := range lines {
		when, what, _ := strings.Cut(l, " ")
		one := drill.ParseLine(what)
		if one.At, err = time.ParseDuration(when); err != nil {
			t.Fatal(err)
		}
		tape.Decisions = append(tape.Decisions, one)
	}
	return tape
}

// TestWhatIfsWerePlayed: the figures of a "what if" are those of a drill that was played with that one
// decision changed.
func TestWhatIfsWerePlayed(t *testing.T) {
	tape := tapeOf(t, "20m believe downgrade 90 e1077", "20m refuse-bearer imaging", "25m disable web-ehr")
	r, err := aar.Make(context.Background(), tape, sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	without := drill.WhatIf(tape, 2, func(*drill.Decision) bool { return false })
	was, err := drill.Replay(context.Background(), tape, sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	defer was.Close()
	other, err := drill.Replay(context.Background(), without, sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for _, w := range r.WhatIfs {
		if w.Tape == without.Hash() {
			if want := was.Harm().Loss - other.Harm().Loss; w.Loss != want {
				t.Errorf("%s: expected %g, which playing it gives, got %g", w.Text, want, w.Loss)
			}
			return
		}
	}
	t.Errorf("no what-if leaves the decisive change out: %+v", r.WhatIfs)
}

// TestFormats: the three texts hold the same, bear the marking, and the HTML carries nobody's markup.
func TestFormats(t *testing.T) {
	r, err := aar.Make(context.Background(), tapeOf(t, "20m refuse-bearer imaging"), sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	r.Title = "<script>alert(1)</script> | x"
	for _, format := range aar.Formats() {
		var b bytes.Buffer
		if err := r.Write(&b, format); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if !strings.Contains(text, aar.Marking) || !strings.Contains(text, r.Tape) || !strings.Contains(text, "refuse-bearer imaging") {
			t.Errorf("%s lacks the marking, the tape or the decision", format)
		}
		if format == "html" && strings.Contains(text, "<script") {
			t.Error("the HTML carries markup of the drill's title")
		}
		if format == "json" && !json.Valid(b.Bytes()) {
			t.Error("not JSON")
		}
	}
	if err := r.Write(&bytes.Buffer{}, "doc"); err == nil {
		t.Error("expected an error for a format there is not")
	}
}

// TestSameReportOnAnyCores: a tape gives the same report, to the byte and in each format, on one core and on many.
func TestSameReportOnAnyCores(t *testing.T) {
	tape := tapeOf(t, "4m believe downgrade 70", "20m refuse-bearer imaging")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	first := map[string]string{}
	for _, cores := range []int{1, 5} {
		runtime.GOMAXPROCS(cores)
		r, err := aar.Make(context.Background(), tape, sim.NewExercise)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range aar.Formats() {
			var b bytes.Buffer
			if err := r.Write(&b, format); err != nil {
				t.Fatal(err)
			}
			if was, there := first[format]; there && was != b.String() {
				t.Errorf("%s on %d cores differs from that on one", format, cores)
			}
			first[format] = b.String()
		}
	}
}

// TestOneModel: JSON holds all that the two texts say: read back, it is written as the same report. What is in a
// table or a list of the one text is in the other.
func TestOneModel(t *testing.T) {
	r, err := aar.Make(context.Background(), tapeOf(t, "9m believe downgrade 80 e1", "20m refuse-bearer imaging", "30m disable web-ehr"), sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, format := range aar.Formats() {
		var b strings.Builder
		if err := r.Write(&b, format); err != nil {
			t.Fatal(err)
		}
		texts[format] = b.String()
	}
	var again aar.Report
	if err := json.Unmarshal([]byte(texts["json"]), &again); err != nil {
		t.Fatal(err)
	}
	for _, format := range aar.Formats() {
		var b strings.Builder
		if err := again.Write(&b, format); err != nil || b.String() != texts[format] {
			t.Errorf("%s: expected what was read back from JSON to be written alike, %v", format, err)
		}
	}
	page := html.UnescapeString(texts["html"])
	for line := range strings.Lines(texts["md"]) {
		for _, cell := range strings.Split(strings.Trim(strings.ReplaceAll(strings.TrimSpace(line), "\\|", "/"), "|-# *"), " | ") {
			if cell = strings.TrimSpace(cell); cell != "" && !strings.Contains(cell, "---") && !strings.Contains(page, cell) {
				t.Errorf("the page lacks %q", cell)
			}
		}
	}
	if len(r.WhatIfs) == 0 || !strings.Contains(r.WhatIfs[0].Sentence, " instead of ") && !strings.Contains(r.WhatIfs[0].Sentence, "without ") || !strings.Contains(texts["md"], r.WhatIfs[0].Sentence) {
		t.Errorf("expected a sentence for each what-if, got %+v", r.WhatIfs)
	}
	if !strings.Contains(texts["md"], "it was right, and none of the lines it was held by has to do with it") {
		t.Error("expected to be told that the evidence was none")
	}
}

// TestPlanFollowsFindings: whatever went wrong has a row in the improvement plan, with an action and nobody's name; of a
// game without fault the report says so in words, and leaves no heading alone.
func TestPlanFollowsFindings(t *testing.T) {
	bad, err := aar.Make(context.Background(), tapeOf(t, "20m believe key 90", "25m disable web-ehr"), sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, p := range bad.Plan {
		text += p.Finding + "\n"
		if p.Action == "" || p.Owner != "" || p.Date != "" {
			t.Errorf("expected an action, no owner and no date, got %+v", p)
		}
	}
	for _, o := range bad.Objectives {
		if o.Rating != "P" && !strings.Contains(text, o.Text) {
			t.Errorf("the plan lacks the objective %q", o.Text)
		}
	}
	for _, want := range append([]string{"where the reference had"}, append(bad.Score.Judgement.Traps, bad.Areas...)...) {
		if !strings.Contains(text, want) {
			t.Errorf("the plan lacks %q", want)
		}
	}
	good, err := drill.Play(context.Background(), tapeOf(t), reference(t), sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	defer good.Close()
	r, err := aar.Make(context.Background(), good.Tape(), sim.NewExercise)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.Write(&b, "md"); err != nil {
		t.Fatal(err)
	}
	if len(r.Plan) > 0 || !strings.Contains(b.String(), "None: every objective came about in time") {
		t.Errorf("expected no plan, in words, got %+v", r.Plan)
	}
	for _, part := range strings.Split(b.String(), "\n## ")[1:] {
		if title, rest, _ := strings.Cut(part, "\n"); strings.TrimSpace(rest) == "" {
			t.Errorf("%q has nothing under it", title)
		}
	}
}

func reference(t *testing.T) drill.Bot {
	t.Helper()
	bot, err := drill.BotNamed("reference")
	if err != nil {
		t.Fatal(err)
	}
	return bot
}
