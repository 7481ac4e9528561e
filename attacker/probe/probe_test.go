package probe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Refusals in other words than those of the specifications are noted, and those in their words are not.
func TestNotes(t *testing.T) {
	for _, tt := range []struct {
		want      refusal
		kind      Kind
		status    int
		challenge string
		note      string
	}{
		{asBadToken, DPoP, 401, `DPoP error="invalid_token", algs="ES256"`, ""},
		{asBadToken, Bearer, 401, `Bearer error="invalid_token"`, ""},
		{asBadProof, DPoP, 401, `DPoP error="invalid_dpop_proof"`, ""},
		{asNarrow, DPoP, 403, `DPoP error="insufficient_scope"`, ""},
		{asNarrow, DPoP, 403, "", ""},
		{asUnannounced, DPoP, 401, "DPoP, Bearer", ""},
		{asYouLike, DPoP, 404, "", ""},
		{asBadToken, DPoP, 200, "", ""},
		{asBadToken, DPoP, 500, "", ""},
		{asBadToken, DPoP, 401, "", "without WWW-Authenticate"},
		{asBadToken, DPoP, 401, `Bearer error="invalid_token"`, "no scheme DPoP"},
		{asBadToken, Bearer, 401, "Bearer", "expected invalid_token"},
		{asBadToken, Bearer, 401, `Bearer error="expired"`, `"expired"`},
		{asBadToken, Bearer, 403, "", "clients expect 401"},
		{asNarrow, Bearer, 401, `Bearer error="insufficient_scope"`, "clients expect 403"},
		{asUnannounced, Bearer, 401, `Bearer error="invalid_token"`, "there should be none"},
		{asUnannounced, Bearer, 302, "", "by a redirect"},
	} {
		m := event.Message{Status: tt.status, Header: http.Header{}}
		if tt.challenge != "" {
			m.Header.Set("WWW-Authenticate", tt.challenge)
		}
		got := strings.Join(tt.want.notes(tt.kind, []Exchange{{Answer: m}}), "; ")
		if (got == "") != (tt.note == "") || !strings.Contains(got, tt.note) {
			t.Errorf("%d %q to %s: expected %q to be noted, got %q", tt.status, tt.challenge, tt.kind, tt.note, got)
		}
	}
}

// Addresses that are the same to a router, and not to the letter.
func TestSpellings(t *testing.T) {
	for _, path := range []string{"/", "/a", "/fhir/Patient/p01", "/a/"} {
		for i, s := range spellings(path) {
			if s == path || !strings.HasPrefix(s, "/") || slices.Contains(spellings(path)[:i], s) {
				t.Errorf("%s: expected another spelling, got %q", path, s)
			}
		}
	}
	for _, tt := range []struct{ own, other, dots, second string }{
		{"http://a/P/1", "http://a/P/2", "http://a/P/1/../2", ""},
		{"http://a/P/1", "http://b/P/2", "", ""},
		{"http://a/P?patient=1", "http://a/P?patient=2", "", "http://a/P?patient=1&patient=2"},
	} {
		dots, _ := byDots(tt.own, tt.other)
		second, _ := asSecond(tt.own, tt.other)
		if dots != tt.dots || second != tt.second {
			t.Errorf("%s and %s: got %q and %q", tt.own, tt.other, dots, second)
		}
	}
}

// fake is a ground whose API answers as a function says, and whose authorization server writes no JWTs.
type fake struct {
	api  func(*http.Request) (int, error)
	sent int
}

func (f *fake) Do(r *http.Request) (*http.Response, error) {
	f.sent++
	status, err := f.api(r)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

func (f *fake) DoWith(_ *fapi.KeyPair, r *http.Request) (*http.Response, error) { return f.Do(r) }
func (f *fake) Token(_ context.Context, w Wish) (Token, error) {
	return Token{Scheme: "Bearer", Text: "token " + w.Mistake}, nil
}
func (f *fake) Proof(context.Context, ProofWish) (string, error) { return "proof", nil }
func (f *fake) Withdraw(context.Context, Token) error            { return nil }
func (f *fake) Introspects(context.Context) (bool, error)        { return false, nil }

// An API that stops serving is left alone: what follows would prove nothing.
func TestRunStops(t *testing.T) {
	target := Target{Method: "GET", URL: "http://a/b", Kind: Bearer}
	f := &fake{}
	f.api = func(*http.Request) (int, error) {
		if f.sent > 6 {
			return 503, nil
		}
		return 200, nil
	}
	found, err := Run(t.Context(), f, target, Tries(), func(Attempt) {})
	if err != nil || !found.Served || len(found.Attempts) != len(Tries()) || f.sent > 10 {
		t.Errorf("expected it to be left alone, got %d requests, %v", f.sent, err)
	}
	f.sent, f.api = 0, func(*http.Request) (int, error) { return 401, nil }
	if found, err = Run(t.Context(), f, target, Tries(), func(Attempt) {}); err != nil || found.Served || f.sent != honestAtFirst {
		t.Errorf("expected nothing to be tried, got %d requests, %v", f.sent, err)
	}
	lost := errors.New("no pace left")
	f.api = func(*http.Request) (int, error) { return 0, Stop{lost} }
	if _, err = Run(t.Context(), f, target, Tries(), func(Attempt) {}); !errors.Is(err, lost) {
		t.Errorf("expected the reason to stop, got %v", err)
	}
	f.api = func(*http.Request) (int, error) { return 0, errors.New("refused") }
	if found, err = Run(t.Context(), f, target, Tries(), func(Attempt) {}); err != nil || found.Served || found.Honest[0].Lost != "refused" {
		t.Errorf("expected lost requests, got %+v, %v", found, err)
	}
}
