package report

import (
	"html"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever stands around them, and in whichever form: odd secrets that stand in a text are found there.
func TestOddSecretsAreFound(t *testing.T) {
	word := rapid.StringMatching(`[a-zA-Z0-9_-]{0,14}`)
	glue := rapid.SampledFrom([]string{"", ":", " ", "%3A", "&", "=", "%", "é", ".", "\"", "A1", "urn:x:"})
	rapid.Check(t, func(t *rapid.T) {
		var o oddSecrets
		var secrets []string
		for range rapid.IntRange(1, 6).Draw(t, "secrets") {
			s := word.Draw(t, "a") + rapid.SampledFrom([]string{":", " ", "=", "<", "&", "é"}).Draw(t, "odd") + word.Draw(t, "b") + glue.Draw(t, "between") + word.Draw(t, "c")
			if !slices.Contains(secrets, s) {
				secrets = append(secrets, s)
				o.add(s)
			}
		}
		if len(secrets) > 1 && rapid.Bool().Draw(t, "forget") {
			o.forget(secrets[0])
			secrets = secrets[1:]
		}
		one := rapid.SampledFrom(secrets).Draw(t, "one")
		form := rapid.SampledFrom([]func(string) string{strings.Clone, url.QueryEscape, url.PathEscape, html.EscapeString}).Draw(t, "form")
		text := word.Draw(t, "before") + glue.Draw(t, "left") + form(one) + glue.Draw(t, "right") + word.Draw(t, "after")
		found := o.in(text)
		if !slices.Contains(found, one) {
			t.Fatalf("expected %q in %q, got %q", one, text, found)
		}
		if !slices.IsSortedFunc(found, func(a, b string) int { return o.number[a] - o.number[b] }) {
			t.Fatalf("expected them in order, got %q", found)
		}
		for _, s := range secrets {
			o.forget(s)
		}
		if len(o.heads)+len(o.tails)+len(o.short)+len(o.number) != 0 {
			t.Fatalf("expected nothing to be left, got %+v", o)
		}
	})
}

// What has been redacted once is left alone the next time, and nothing of it is learnt.
func TestRedactedTwice(t *testing.T) {
	r := NewRedactor()
	for _, e := range held().Recording.Events {
		once := Redact(e)
		if twice := r.Event(once); !reflect.DeepEqual(once, twice) {
			t.Errorf("expected the same again, got %+v of %+v", twice, once)
		}
	}
	if len(r.names) != 0 {
		t.Errorf("expected nothing to be learnt, got %v", r.names)
	}
	for value, want := range map[string]bool{"<state 1>": true, "<hash of code 0a944253>": true, "<password>": true, "<>": false, "<": false, "<b>": false, "<state my secret>": false, "state 1": false} {
		if isName(value) != want {
			t.Errorf("%s: expected %t", value, want)
		}
	}
}
