package telemetry

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// about is who asks, as the server that is asked can read it off the connection and the message: names that
// the message claims are claims.
func (w *Witness) about(e event.Event, r event.Request) []Field {
	var out Entry
	where := w.Address
	if where == nil {
		where = Home
	}
	out.add("src_ip", where(r.From, e.Exchange))
	out.add("x5t", r.Certificate.Thumbprint)
	switch w.roles[r.To] {
	case event.RoleAuthorizationServer:
		out.asked(r.Message, e.At)
	case event.RoleResourceServer:
		out.token(r.Message, e.At)
	case event.RoleClient:
		out.visited(r.Message)
		return out.Fields
	default:
		return out.Fields
	}
	out.proof(r.Message.Header, e.At)
	return out.Fields
}

// message adds what the line of an access log says of the request itself.
func (w *Witness) message(line Entry, _ event.Event, p *pending) Entry {
	line.add("method", p.clean.Message.Method)
	line.address(p.clean.Message.URL)
	line.add("interaction_id", p.clean.Message.Header.Get("X-Fapi-Interaction-Id"))
	return line
}

// methodHeaders name a method that is to be carried out in place of the request line's.
var methodHeaders = []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"}

// token reads the credentials of a request to an API, without trusting them.
func (e *Entry) token(m event.Message, now time.Time) {
	values := m.Header.Values("Authorization")
	scheme, credentials, _ := strings.Cut(m.Header.Get("Authorization"), " ")
	e.add("scheme", scheme)
	count := len(values)
	if inURL := parameters(m.URL).Get("access_token"); inURL != "" {
		e.add("token_in_url", true)
		count++
		if credentials == "" {
			credentials = inURL
		}
	}
	if inForm := form(m).Get("access_token"); inForm != "" {
		e.add("token_in_form", true)
		count++
		if credentials == "" {
			credentials = inForm
		}
	}
	e.add("credentials", count)
	purpose, _, _ := strings.Cut(m.Header.Get("Purpose-Of-Use"), ";") // without the reason, which names people
	e.add("purpose", strings.ToUpper(word(purpose)))
	for _, name := range methodHeaders {
		if method := strings.ToUpper(word(m.Header.Get(name))); method != "" {
			e.add("method_header", method)
			break
		}
	}
	e.add("tenant_header", orgNumber(m.Header.Get("X-Tenant-ID")))
	t, err := fapi.ParseJWT(strings.TrimSpace(credentials))
	if err != nil {
		return
	}
	var c fapi.AccessToken
	if t.Claims(&c) != nil {
		return
	}
	e.add("client_id", c.ClientID)
	e.add("sub", c.Subject)
	e.add("token_jti", c.JTI)
	e.add("token_alg", t.Header.Alg)
	e.add("token_typ", t.Header.Typ)
	e.add("token_kid", t.Header.Kid)
	e.add("token_iss", c.Issuer)
	e.add("token_aud", c.Audience.Values)
	e.add("token_scope", string(c.Scope))
	e.add("token_org", orgNumber(c.OrganisationNumber))
	e.add("jkt", c.JKT())
	e.add("token_x5t", c.X5T())
	e.add("bound", c.Bound() != "")
	if c.Expires > 0 {
		e.add("token_expired", !now.Before(time.Unix(c.Expires, 0)))
		e.add("token_left", int(c.Expires-now.Unix()))
		e.add("token_lifetime", int(c.Expires-c.IssuedAt))
	}
}

// proof reads a DPoP proof, without trusting it.
func (e *Entry) proof(h http.Header, now time.Time) {
	values := h.Values("Dpop")
	if len(values) == 0 {
		return
	}
	e.add("proofs", len(values))
	p, err := fapi.ParseProof(values[0])
	if err != nil {
		if t, err := fapi.ParseJWT(values[0]); err == nil {
			e.add("proof_alg", t.Header.Alg)
		}
		return
	}
	e.add("proof_alg", p.JWT.Header.Alg)
	e.add("proof_typ", p.JWT.Header.Typ)
	e.add("proof_jkt", p.Key.Thumbprint)
	e.add("proof_jti", p.Claims.JTI)
	e.add("proof_htm", p.Claims.HTM)
	e.add("proof_htu", p.Claims.HTU)
	e.add("proof_ath", p.Claims.ATH != "")
	if p.Claims.IAT != 0 {
		e.add("proof_age", int(now.Unix()-p.Claims.IAT))
	}
}

// asked reads the parameters of a request to the authorization server. Secrets go by a piece of their hash,
// passwords and shared secrets not even by that.
func (e *Entry) asked(m event.Message, now time.Time) {
	f := form(m)
	if len(f) == 0 {
		f = parameters(m.URL)
	}
	client, method := f.Get("client_id"), ""
	switch scheme, credentials, _ := strings.Cut(m.Header.Get("Authorization"), " "); {
	case scheme == "Basic":
		method = "client_secret_basic"
		if client == "" {
			r := http.Request{Header: m.Header}
			client, _, _ = r.BasicAuth()
		}
	case f.Get("client_assertion") != "":
		method = "private_key_jwt"
	case f.Get("client_secret") != "":
		method = "client_secret_post"
	case credentials != "":
		e.add("scheme", scheme)
	}
	if t, err := fapi.ParseJWT(f.Get("client_assertion")); err == nil {
		var a fapi.Assertion
		if t.Claims(&a) == nil {
			if client == "" {
				client = a.Issuer
			}
			e.add("assertion_iss", a.Issuer)
			e.add("assertion_sub", a.Subject)
			e.add("assertion_jti", a.JTI)
			e.add("assertion_alg", t.Header.Alg)
			e.add("assertion_kid", t.Header.Kid)
			e.add("assertion_aud", a.Audience.Values)
			if a.Expires > 0 {
				e.add("assertion_left", int(a.Expires-now.Unix()))
			}
		}
	}
	e.add("client_id", client)
	e.add("auth_method", method)
	for _, name := range []string{"grant_type", "response_type", "code_challenge_method", "redirect_uri", "scope", "resource", "dpop_jkt"} {
		e.add(name, f.Get(name))
	}
	for _, name := range []string{"code", "refresh_token", "request_uri", "token"} {
		e.add(name+"_hash", digest(f.Get(name)))
	}
	e.add("request_object", f.Get("request") != "")
}

// visited is what a client's own site notes of a browser's request: which session it is in, and which code it brings.
// The values themselves open doors, so they go by a piece of their hash.
func (e *Entry) visited(m event.Message) {
	r := http.Request{Header: m.Header}
	for _, c := range r.Cookies() {
		if strings.HasSuffix(c.Name, "session") {
			e.add("session_hash", digest(c.Value))
		}
	}
	e.add("fetch_mode", word(m.Header.Get("Sec-Fetch-Mode")))
	f := parameters(m.URL)
	code := f.Get("code")
	if t, err := fapi.ParseJWT(f.Get("response")); err == nil { // a signed answer has it inside
		var a fapi.AuthorizationResponse
		if t.Claims(&a) == nil {
			code = a.Code
		}
	}
	e.add("code_hash", digest(code))
}

// orgNumber is a value if it is an organisation number, which is no secret; whatever else somebody puts there may be.
func orgNumber(value string) string {
	if value = strings.TrimSpace(value); len(value) != 9 || strings.Trim(value, "0123456789") != "" {
		return ""
	}
	return value
}

// word is a header's value if it is one short word, which is all that it may be: whatever else somebody puts there is
// kept out of the log.
func word(value string) string {
	value = strings.TrimSpace(value)
	if len(value) > 16 || strings.ContainsFunc(value, func(r rune) bool { return r != '-' && (r|0x20 < 'a' || r|0x20 > 'z') }) {
		return ""
	}
	return value
}

// digest tells secrets apart: 96 bits of the hash of one that cannot be guessed.
func digest(secret string) string {
	if secret == "" {
		return ""
	}
	return fapi.Hash(secret)[:digestLength]
}

const digestLength = 16

func parameters(raw string) url.Values {
	u, err := url.Parse(raw)
	if err != nil {
		return nil
	}
	return u.Query()
}

func form(m event.Message) url.Values {
	if !strings.HasPrefix(m.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	f, _ := url.ParseQuery(string(m.Body)) // what cannot be read is left out, as a log would
	return f
}
