package report

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"thiefbox/sim/event"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "a\tb\nc": "a b c", "\x1b[2Jx": "·[2Jx", "\u009b31m": "·31m", "æøå …": "æøå …",
		"ab\u202ecd": "ab·cd", "\x7f\r\x00": "···", "\xff": "·", "": "",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q): expected %q, got %q", in, want, got)
		}
	}
}

func TestGuardedLetsOurColoursPass(t *testing.T) {
	for in, want := range map[string]string{
		red + "LEAK" + usual: red + "LEAK" + usual, "\x1b[2J": "·[2J", "a\x1b": "a·", "\x1b]0;x\a": "·]0;x·",
	} {
		if got := guarded(in); got != want {
			t.Errorf("guarded(%q): expected %q, got %q", in, want, got)
		}
	}
}

// nasty is what a stranger could write to take over a terminal: it clears the screen, sets the title,
// rings, overwrites the line, colours, and turns text around; the last but one is CSI in one character.
const nasty = "\x1b[2J\x1b]0;pwned\a\r\b\x1b[32m\u009b31m\u202e"

// poison puts what is nasty at the end of every text in v, whatever it is called.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Pointer {
			poison(v.Elem())
			return
		}
		inside := reflect.New(v.Elem().Type()).Elem()
		inside.Set(v.Elem())
		poison(inside)
		v.Set(inside)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				poison(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(append(append([]byte(nil), v.Bytes()...), nasty...))
			return
		}
		for i := range v.Len() {
			poison(v.Index(i))
		}
	case reflect.String:
		switch v.Interface().(type) {
		case event.PhaseName, event.Role: // what the teller goes by; no stranger writes it
		default:
			v.SetString(v.String() + nasty)
		}
	}
}

// Strangers write a good deal of a recording: what a check saw, what it got, a header, an error, a name.
// None of it reaches a terminal with a control character, in any kind of output.
func TestNoControlCharactersReachATerminal(t *testing.T) {
	r, m := held(), aMatrix()
	p := Peel{Attack: r.Attack, Profile: "hardened", Layers: []Layer{{Verdict: r.Verdict}, {Verdict: breached().Verdict, Removed: []string{"x"}}}}
	for _, v := range []any{&r, &m, &p} {
		poison(reflect.ValueOf(v))
	}
	// An outcome and the kinds of headers are not free text: with those poisoned nothing would be told.
	r.Verdict.Outcome = held().Verdict.Outcome
	outputs := map[string]func(*strings.Builder, TextOptions) error{
		"run":     func(b *strings.Builder, o TextOptions) error { return WriteRun(b, r, o) },
		"compare": func(b *strings.Builder, o TextOptions) error { return WriteCompare(b, []Run{r, held()}, o) },
		"matrix":  func(b *strings.Builder, o TextOptions) error { return WriteMatrix(b, m, o) },
		"peel":    func(b *strings.Builder, o TextOptions) error { return WritePeel(b, p, o) },
		"json": func(b *strings.Builder, _ TextOptions) error {
			return WriteRunJSON(b, []Run{r}, JSONOptions{Events: true})
		},
		"history": func(b *strings.Builder, _ TextOptions) error { return WriteHistoryJSON(b, []Run{r}) },
	}
	for name, write := range outputs {
		for _, o := range []TextOptions{{Plain: true}, {Plain: true, Verbose: true}, {Width: 80}, {Width: 200, Verbose: true}} {
			got := text(t, func(b *strings.Builder) error { return write(b, o) })
			if !strings.Contains(got, "pwned") {
				t.Errorf("%s: expected the stranger's words, without their teeth", name)
			}
			if strings.Contains(got, "LEAK"+"\x1b[32m") {
				t.Errorf("%s: a stranger brought a colour", name)
			}
			for _, code := range colours {
				got = strings.ReplaceAll(got, code, "")
			}
			if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("%s %+v: %q reaches the terminal in %q", name, o, got[i:i+1], got[max(0, i-60):i+10])
			}
			if o.Plain && strings.ContainsRune(got, '\x1b') {
				t.Errorf("%s: plain text has escape sequences in it", name)
			}
		}
	}
}

// What is escaped in JSON is still what was said.
func TestJSONKeepsWhatItEscapes(t *testing.T) {
	var b strings.Builder
	want := map[string]string{"header": nasty + "\U000e0041æ"}
	if err := WriteJSON(&b, want); err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil || got["header"] != want["header"] {
		t.Errorf("expected %q, got %q (%v)", want, got, err)
	}
	if strings.ContainsFunc(b.String(), unprintable) {
		t.Errorf("expected every control character escaped, got %q", b.String())
	}
	if err := WriteJSON(&b, http.DefaultClient.Transport); err != nil {
		t.Error(err)
	}
	if err := WriteJSON(&b, func() {}); err == nil {
		t.Error("expected an error for what JSON cannot hold")
	}
}
