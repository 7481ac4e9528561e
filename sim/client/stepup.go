package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/fapi"
)

// An API may want the person to have signed in better, or more lately, and says so in its challenge (RFC 9470 s3).
// The EHR then has her sign in again as the API asks, and takes her back to the page she wanted.

const codeStepUp = "insufficient_user_authentication"

// stepUpOf is what a challenge asks of the next sign-in: acr_values and max_age; nil if the error is no such
// challenge.
func stepUpOf(err error) url.Values {
	var upstream *UpstreamError
	if !errors.As(err, &upstream) || upstream.Code != codeStepUp {
		return nil
	}
	asked := url.Values{}
	for _, name := range []string{"acr_values", "max_age"} {
		if v := challengeAttribute(upstream.challenges, name); v != "" {
			asked.Set(name, v)
		}
	}
	return asked
}

// challengeAttribute reads an attribute out of WWW-Authenticate challenges (RFC 9110 s11.6.1). All those that
// matter here are quoted strings without escapes.
func challengeAttribute(challenges []string, name string) string {
	for _, c := range challenges {
		for rest := c; ; {
			_, after, found := strings.Cut(rest, name+`="`)
			if !found {
				break
			}
			before := rest[:len(rest)-len(after)-len(name)-2]
			value, more, closed := strings.Cut(after, `"`)
			if closed && (before == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, ",")) {
				return value
			}
			rest = more
		}
	}
	return ""
}

// stepUp begins the sign-in that a challenge asks for. Once is enough: if the page that asked for it is asked for again and the
// API wants still more, the server cannot do better.
func (e *EHR) stepUp(w http.ResponseWriter, r *http.Request, s *session, asked url.Values, cause error) error {
	if s.returned == r.URL.Path {
		return &failure{http.StatusForbidden, "step_up_failed", "This takes a stronger sign-in than you have.", cause}
	}
	return e.begin(w, r, s.reg, asked, r.URL.Path)
}

// documents shows the documents of a patient, which take a strong sign-in: GET /patients/{id}/documents.
func (e *EHR) documents(w http.ResponseWriter, r *http.Request, s *session, id string) error {
	from := source{e.fhirBase, e.fhirBase, s.purposeFor(id)}
	rows, err := e.search(r.Context(), s, from, "/DocumentReference?patient="+url.QueryEscape(id))
	if asked := stepUpOf(err); asked != nil {
		return e.stepUp(w, r, s, asked, err)
	}
	if err != nil {
		return recordFailure(fmt.Errorf("documents of %s: %w", id, err))
	}
	e.lookAll(r.Context(), rows)
	hanging := e.attached(r.Context(), s, from, rows)
	p := e.newPage("Documents")
	p.raw("<nav><a href=\"/patients/").text(id).raw("\">Record</a></nav>\n<article id=\"documents\">\n")
	p.section(&section{title: "Documents", rows: rows})
	p.documents(hanging)
	p.raw("</article>\n").send(w, http.StatusOK)
	return nil
}

// begin begins a sign-in, with further parameters if there are any, that ends at a page of the EHR's.
func (e *EHR) begin(w http.ResponseWriter, r *http.Request, reg *Registration, extra url.Values, returnTo string) error {
	return e.beginFlow(w, r, &flow{reg: reg, scope: SignInScope, extra: extra, returnTo: returnTo})
}

// beginFlow fills in what every sign-in has, and sends the browser off.
func (e *EHR) beginFlow(w http.ResponseWriter, r *http.Request, f *flow) error {
	var err error
	if f.at, err = e.protocol.discover(r.Context(), f.reg.Issuer); err != nil {
		return err
	}
	dice := e.protocol.party.Dice
	if f.browser = e.cookie(r, e.browserCookie); f.browser == "" {
		f.browser = dice.Token()
		e.setCookie(w, e.browserCookie, f.browser)
	}
	f.state, f.nonce, f.begun = dice.Token(), dice.Token(), e.protocol.party.Clock.Now()
	if e.protocol.party.Dialect().PKCE {
		if f.verifier = e.verifier; f.verifier == "" {
			f.verifier = dice.Token()
		}
	}
	to, err := e.protocol.authorizationURL(r.Context(), f, e.redirectURI)
	if err != nil {
		return err
	}
	e.flows.add(f)
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// upstreamError makes the error for an answer of an API that is no success.
func upstreamError(address string, rep *reply) error {
	return &UpstreamError{URL: fapi.WithoutQuery(address), Status: rep.status, Code: challengeError(rep.header), challenges: rep.header.Values("WWW-Authenticate")}
}
