package serve

import (
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Mistakes in the form of things, which libraries for JOSE and OAuth do not make and code by hand does.
var slipsOfForm = map[string]slip{
	"assertion signed in DER": {make: assertionText(inDER), control: control.ASAssertionSignature, words: []string{"ASN.1 DER", "ieee-p1363"}},
	"proof signed in DER":     {make: func(a *app) answer { return a.withProofText(inDER) }, control: control.ASDPoPSignature, words: []string{"ASN.1 DER"}},
	"assertion with padding":  {make: assertionText(func(s string) string { return s + "=" }), words: []string{"padded with ="}},
	"assertion in plain base64": {make: assertionText(func(s string) string {
		return strings.NewReplacer("-", "+", "_", "/").Replace(s[:len(s)-1]) + "+"
	}), words: []string{"base64url (RFC 4648 s5)"}},
	"assertion after a word": {make: assertionText(func(s string) string { return "Bearer " + s }), words: []string{"a word in front"}},
	"assertion in milliseconds": {make: assertionWith(func(as *fapi.Assertion) { as.IssuedAt *= 1000; as.Expires *= 1000; as.NotPrior *= 1000 }),
		control: control.ASAssertionIat, words: []string{"divide by 1000"}},
	"exp as text":         {make: assertionText(expAsText), words: []string{"exp to be a number of seconds"}},
	"Basic for a key":     {make: func(a *app) answer { return a.withBasic(url.Values{"grant_type": {"client_credentials"}}) }, control: control.ASClientAuth, words: []string{"private_key_jwt, since it has no secret", "client_secret_basic"}},
	"Basic and assertion": {make: func(a *app) answer { return a.withBasic(a.vouched(url.Values{"grant_type": {"client_credentials"}})) }, words: []string{"adds Basic by itself"}},
	"scopes with commas":  {make: formWith(func(f url.Values) { f.Set("scope", "openid,profile") }), control: control.ASScope, words: []string{"no commas"}},
	"scope mistyped":      {make: pushWith(func(f url.Values) { f.Set("scope", "openid usr/*.rs") }), control: control.ASScope, words: []string{"got         usr/*.rs", "did you mean user/*.rs?"}},
	"JSON called a form": {make: func(a *app) answer {
		return a.raw(http.MethodPost, "/token", formType, `{"grant_type":"client_credentials"}`)
	}, words: []string{"JSON with the content type of a form"}},
	"all in the URL":       {make: func(a *app) answer { return a.raw(http.MethodPost, "/token?grant_type=client_credentials", "", "") }, words: []string{"ends up in logs"}},
	"form_post":            {make: pushWith(func(f url.Values) { f.Set("response_mode", "form_post") }), words: []string{"leave response_mode out"}},
	"hybrid flow":          {make: pushWith(func(f url.Values) { f.Set("response_type", "code id_token") }), words: []string{"response_type=code"}},
	"no response_type":     {make: pushWith(func(f url.Values) { f.Del("response_type") }), words: []string{"response_type=code"}},
	"PKCE method lower":    {make: pushWith(func(f url.Values) { f.Set("code_challenge_method", "s256") }), words: []string{"capital S"}},
	"prompt of nobody":     {make: pushWith(func(f url.Values) { f.Set("prompt", "force") }), words: []string{"none, login, consent, select_account"}},
	"max_age in words":     {make: pushWith(func(f url.Values) { f.Set("max_age", "1h") }), words: []string{"send a number"}},
	"claims not JSON":      {make: pushWith(func(f url.Values) { f.Set("claims", "{id_token:{}}") }), words: []string{"send JSON"}},
	"dpop_jkt cut":         {make: pushWith(func(f url.Values) { f.Set("dpop_jkt", "abc") }), words: []string{"thumbprint"}},
	"details without type": {make: pushWith(func(f url.Values) { f.Set("authorization_details", `[{"typ":"x"}]`) }), words: []string{"each with a type"}},
	"no client_id":         {make: func(a *app) answer { return a.get(a.issuer.URL + "/authorize?request_uri=x") }, words: []string{"also beside a request_uri"}},
	"request_uri encoded twice": {make: func(a *app) answer {
		return a.authorize(url.QueryEscape(a.push(redirectURI).member("request_uri")))
	}, words: []string{"percent-encoded twice"}},
	"introspection by a client": {make: func(a *app) answer { return a.back("/introspect", url.Values{"token": {"x"}}) }, control: control.ASIntrospectionCaller, words: []string{"clients ask about no tokens"}},
	"nothing to revoke":         {make: func(a *app) answer { return a.back("/revoke", url.Values{}) }, words: []string{"the parameter token"}},
}

func TestSlipsOfForm(t *testing.T) { play(t, slipsOfForm) }

const formType = "application/x-www-form-urlencoded"

// assertionText sends an assertion whose text was changed after it was signed.
func assertionText(change func(string) string) func(*app) answer {
	return formWith(func(f url.Values) { f.Set("client_assertion", change(f.Get("client_assertion"))) })
}

// inDER writes an ECDSA signature as crypto libraries do.
func inDER(jwt string) string {
	cut := strings.LastIndexByte(jwt, '.')
	rs, err := base64.RawURLEncoding.DecodeString(jwt[cut+1:])
	if err != nil || len(rs) != 64 {
		panic("expected a signature of ES256")
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(rs[:32]), new(big.Int).SetBytes(rs[32:])})
	if err != nil {
		panic(err)
	}
	return jwt[:cut+1] + base64.RawURLEncoding.EncodeToString(der)
}

// expAsText puts exp into quotes, as a template does.
func expAsText(jwt string) string {
	parts := strings.Split(jwt, ".")
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"web-app","sub":"web-app","exp":"1795376647"}`))
	return strings.Join(parts, ".")
}

// withProofText fetches a token with a proof whose text was changed after it was signed.
func (a *app) withProofText(change func(string) string) answer {
	a.t.Helper()
	r := a.request(http.MethodPost, a.issuer.URL+"/token", a.vouched(url.Values{"grant_type": {"client_credentials"}}))
	a.proof(r, "as", "")
	r.Header.Set("DPoP", change(r.Header.Get("DPoP")))
	return a.do(r)
}

// withBasic adds what an HTTP library adds that was given a name and a password.
func (a *app) withBasic(form url.Values) answer {
	a.t.Helper()
	r := a.request(http.MethodPost, a.issuer.URL+"/token", form)
	r.SetBasicAuth(a.client.ID, "a password")
	return a.do(r)
}
