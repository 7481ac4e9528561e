package report

import (
	"errors"
	"strings"
	"testing"

	"thiefbox/sim/event"
	"thiefbox/sim/verdict"
)

func text(t *testing.T, write func(*strings.Builder) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteRun(t *testing.T) {
	kept := held()
	kept.ID = "r0007"
	tests := []struct {
		golden string
		run    Run
		opt    TextOptions
	}{
		{"run-held.txt", kept, TextOptions{Plain: true, Width: 100}},
		{"run-held-verbose.txt", held(), TextOptions{Plain: true, Width: 100, Verbose: true}},
		{"run-breached.txt", breached(), TextOptions{Plain: true}},
		{"run-breached-colour.txt", breached(), TextOptions{Width: 60}},
		{"run-void.txt", Run{Profile: "legacy", Wire: "tcp", Verdict: verdict.Verdict{Outcome: verdict.Void, Reason: "there was no attack"}, Expected: verdict.Held}, TextOptions{Plain: true}},
	}
	for _, tt := range tests {
		got := text(t, func(b *strings.Builder) error { return WriteRun(b, tt.run, tt.opt) })
		golden(t, tt.golden, got)
		noSecrets(t, got)
		if tt.opt.Plain && strings.Contains(got, "\x1b") {
			t.Errorf("%s: plain text has colour in it", tt.golden)
		}
		for line := range strings.Lines(got) {
			if n := columns(strings.TrimSuffix(line, "\n")); tt.opt.Width > 0 && n > tt.opt.Width {
				t.Errorf("%s: expected at most %d columns, got %d: %s", tt.golden, tt.opt.Width, n, line)
			}
		}
	}
}

func cell(attack, profile string, got, expected verdict.Outcome, by string) Cell {
	c := Cell{Attack: attack, Profile: profile, Applicable: got != "", Expected: expected}
	c.Verdict = verdict.Verdict{Outcome: got, StoppedBy: by}
	if got != verdict.Held {
		c.Verdict.Reason = "this is why"
	}
	return c
}

func aMatrix() Matrix {
	const b, h, v = verdict.Breached, verdict.Held, verdict.Void
	return Matrix{
		Seed:     42,
		Attacks:  []Attack{{ID: "T-01", Title: "Access token lifted from a log file"}, {ID: "D-04", Title: "Exact proof replay inside the acceptance window, at the very same node"}},
		Profiles: []Profile{{Name: "legacy"}, {Name: "fapi2-dpop"}, {Name: "hardened"}},
		Cells: [][]Cell{
			{cell("T-01", "legacy", b, b, ""), cell("T-01", "fapi2-dpop", h, h, "rs/dpop-binding"), cell("T-01", "hardened", v, h, "")},
			{cell("D-04", "legacy", "", "", ""), cell("D-04", "fapi2-dpop", b, b, ""), cell("D-04", "hardened", b, h, "")},
		},
	}
}

// TestMatrixPartlyReviewed: cells that nobody has reviewed are counted. It once said that everything was as expected.
func TestMatrixPartlyReviewed(t *testing.T) {
	m := aMatrix()
	m.Attacks, m.Profiles = m.Attacks[:1], m.Profiles[:2]
	m.Cells = [][]Cell{{m.Cells[0][0], cell("T-01", "ours", verdict.Held, "", "rs/dpop-binding")}}
	var b strings.Builder
	if err := WriteMatrix(&b, m, TextOptions{Plain: true}); err != nil {
		t.Fatal(err)
	}
	if want := "is as expected: 1 run. Of 1 it says nothing."; !strings.Contains(b.String(), want) {
		t.Errorf("expected %q in:\n%s", want, &b)
	}
}

func TestWriteMatrix(t *testing.T) {
	quiet := aMatrix()
	quiet.Attacks, quiet.Cells = quiet.Attacks[:1], [][]Cell{quiet.Cells[0][:2]}
	quiet.Profiles = quiet.Profiles[:2]
	tests := []struct {
		golden string
		m      Matrix
		opt    TextOptions
	}{
		{"matrix-sentences.txt", aMatrix(), TextOptions{Plain: true, Verbose: true}},
		{"matrix-wide.txt", aMatrix(), TextOptions{Width: 160}},
		{"matrix-narrow.txt", aMatrix(), TextOptions{Width: 60}},
		{"matrix-tiny.txt", aMatrix(), TextOptions{Width: 36}},
		{"matrix-verbose.txt", aMatrix(), TextOptions{Width: 100, Verbose: true}},
		{"matrix-expected.txt", quiet, TextOptions{}},
		{"matrix-empty.txt", Matrix{}, TextOptions{Width: 80}},
	}
	for _, tt := range tests {
		golden(t, tt.golden, text(t, func(b *strings.Builder) error { return WriteMatrix(b, tt.m, tt.opt) }))
	}
}

func TestWritePeel(t *testing.T) {
	layer := func(o verdict.Outcome, by string, removed ...string) Layer {
		return Layer{Verdict: verdict.Verdict{Outcome: o, StoppedBy: by, Reason: "this is why"}, Removed: removed}
	}
	p := Peel{Attack: Attack{ID: "D-04", Title: "Exact proof replay"}, Profile: "hardened", Seed: 42, Layers: []Layer{
		layer(verdict.Held, "rs/dpop-jti"),
		layer(verdict.Held, "rs/dpop-jti-shared", "rs/dpop-jti"),
		layer(verdict.Breached, "", "rs/dpop-jti", "rs/dpop-jti-shared"),
	}}
	tests := []struct {
		golden string
		layers []Layer
	}{
		{"peel.txt", p.Layers},
		{"peel-bare.txt", p.Layers[2:]},
		{"peel-void.txt", []Layer{p.Layers[0], layer(verdict.Void, "", "rs/dpop-jti")}},
		{"peel-held.txt", p.Layers[:2]},
	}
	for _, tt := range tests {
		p.Layers = tt.layers
		golden(t, tt.golden, text(t, func(b *strings.Builder) error { return WritePeel(b, p, TextOptions{Plain: true, Width: 100}) }))
	}
}

func TestWriteCompare(t *testing.T) {
	golden(t, "compare.txt", text(t, func(b *strings.Builder) error {
		return WriteCompare(b, []Run{breached(), held()}, TextOptions{Plain: true, Width: 100})
	}))
	// The same run under other tries: a lost request, a challenge that decided.
	p := morning()
	x := p.ask("mallory", "fhir", 0, "GET "+fhir+"/metadata", "")
	p.answer(x, 200, "")
	x = p.ask("mallory", "fhir", 0, "GET "+fhir+"/Patient/p02", "")
	p.tell(x, event.Lost{Why: "held"})
	x = p.ask("mallory", "fhir", 0, "GET "+fhir+"/Patient/p01", "", "Authorization: DPoP "+accessToken())
	p.tell(x, event.Ruling{Party: "fhir/a", Control: "rs/dpop-nonce", Outcome: "challenged", Cause: "c"})
	p.answer(x, 401, "")
	p.tell(0, event.Ended{})
	golden(t, "compare-paths.txt", text(t, func(b *strings.Builder) error {
		return WriteCompare(b, []Run{breached(), run(p, "hardened", "")}, TextOptions{Plain: true, Width: 100})
	}))
	golden(t, "compare-nothing.txt", text(t, func(b *strings.Builder) error { return WriteCompare(b, nil, TextOptions{}) }))
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a b": "A b.", "A b.": "A b.", "rs/dpop-htu is off": "rs/dpop-htu is off.", "x": "X.",
	} {
		if got := Sentence(in); got != want {
			t.Errorf("Sentence(%q): expected %q, got %q", in, want, got)
		}
	}
}

func TestWords(t *testing.T) {
	if Word("") != "not applicable" || Word(verdict.Void) != "Void" {
		t.Error("expected the words of the verdicts")
	}
	if got := attackSentence("mallory", nil, ""); got != "Now mallory, a stranger with nothing stolen, tries what he can." {
		t.Errorf("expected words for a thief who has nothing, got %q", got)
	}
	if got := attackSentence("mallory", []string{"reads a", "has b"}, "A code is stolen"); got != "Now mallory, who reads a and has b, tries: a code is stolen." {
		t.Errorf("expected what he has and tries, got %q", got)
	}
	if demand("xx/unknown") != "xx/unknown" || Lesson("xx/unknown") != "xx/unknown" {
		t.Error("expected an unknown control to stand for itself")
	}
	if VantageWords("moon") != "listens at moon" || place("moon") != "at moon" || AssetWords("ladder") != "has ladder" {
		t.Error("expected words for what we have none for")
	}
	for got, want := range map[string]string{list(nil): "", list([]string{"a"}): "a", list([]string{"a", "b"}): "a and b", list([]string{"a", "b", "c"}): "a, b and c"} {
		if got != want {
			t.Errorf("expected %q, got %q", want, got)
		}
	}
}

// Every vantage and asset of the vocabulary has words; a new one must not be printed as an identifier.
func TestEveryVantageAndAssetHasWords(t *testing.T) {
	for _, v := range []event.Vantage{event.APILog, event.APIProxy, event.APIProxyHeld, event.TokenLog, event.TokenHeld,
		event.FrontRequest, event.FrontResponse, event.FrontHeld, event.LabServer, event.RogueAS} {
		if vantages[v] == "" || places[v] == "" {
			t.Errorf("%s has no words", v)
		}
	}
	for _, a := range []event.Asset{event.OwnClient, event.OwnSystem, event.ClientDatabase, event.ClientKey, event.DPoPKey, event.Signed, event.LabCredentials, event.ClientSecret, event.ServerKey} {
		if assets[a] == "" {
			t.Errorf("%s has no words", a)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWritingFails(t *testing.T) {
	for name, err := range map[string]error{
		"run": WriteRun(full{}, held(), TextOptions{}), "matrix": WriteMatrix(full{}, aMatrix(), TextOptions{}),
		"peel": WritePeel(full{}, Peel{}, TextOptions{}), "compare": WriteCompare(full{}, []Run{held()}, TextOptions{}),
		"nothing": WriteCompare(full{}, nil, TextOptions{}), "json": WriteRunJSON(full{}, nil, JSONOptions{}),
	} {
		if err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s: expected the error of the writer, got %v", name, err)
		}
	}
}
