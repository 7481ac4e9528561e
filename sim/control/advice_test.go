package control

import (
	"strings"
	"testing"
)

// Two values that were meant to be the same are told apart in words, where that helps.
func TestDifference(t *testing.T) {
	for _, c := range []struct{ want, got, hint string }{
		{"https://a.example/token", "http://a.example/token", "https and http"},
		{"https://a.example/token", "https://inner:8080/token", "host or the port"},
		{"https://a.example", "https://a.example/", "slash at the end"},
		{"https://a.example/x", "https://a.example/x/token", "below what was expected"},
		{"the string https://a.example/x", "https://a.example/x/token", "below what was expected"},
		{"http://127.0.0.1/cb or http://localhost/cb", "http://localhost:3000/cb/", "slash at the end"},
		{"POST", "post", "upper and lower case"},
		{"web-app", " web-app", "white space"},
		{"web-app", "nothing", ""}, {"web-app", "other", ""}, {"at most 60 s", "5m0s ago", ""}, {"https://a.example", "%zz://", ""},
	} {
		if got := difference(c.want, c.got); !strings.Contains(got, c.hint) || c.hint == "" && got != "" {
			t.Errorf("%s for %s: expected %q, got %q", c.got, c.want, c.hint, got)
		}
	}
}

// The guard's own advice comes before that of its control, and after what the two values tell.
func TestAdvise(t *testing.T) {
	m := &Mismatch{What: "htu", Want: "https://a.example/x", Got: "http://a.example/x"}
	if got := Advise(ASDPoPHTU, m); !strings.HasSuffix(got, "; "+fixURL) {
		t.Errorf("got %q", got)
	}
	m.Fix = "do so"
	if got := Advise(ASDPoPHTU, m); !strings.HasSuffix(got, "; do so") {
		t.Errorf("got %q", got)
	}
	if got := Advise(RSMisses, &Mismatch{Want: "a", Got: "b"}); got != "" {
		t.Errorf("expected no advice where there is none, got %q", got)
	}
	if got := Advise(RSMisses, &Mismatch{Want: "a", Got: "A"}); got != "they differ in upper and lower case" {
		t.Errorf("got %q", got)
	}
}
