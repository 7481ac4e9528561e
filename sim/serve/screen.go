package serve

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// The first screen: what to paste where. The lines of curl are for a POSIX shell, and work as they are
// under every profile; a test runs them.

// WriteScreen writes the first screen for an issuer.
func (s *Server) WriteScreen(w io.Writer, i *Issuer) error {
	_, err := io.WriteString(w, s.screen(i))
	return err
}

func (i *Issuer) serveScreen(w http.ResponseWriter, r *http.Request) {
	i.tenant.server.show(w, r, "Issuer "+i.Name, i.tenant.server.screen(i))
}

func (s *Server) screen(i *Issuer) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-15s "+format+"\n", append([]any{name}, args...)...)
	}
	b.WriteString("thiefbox serves. Everything is made up: people, records, keys. For tests on this machine only.\n\n")
	line("Issuer", "%s", i.URL)
	line("Metadata", "%s/.well-known/openid-configuration", i.URL)
	line("FHIR base", "%s", i.FHIR)
	line("Own API", "asks about tokens at %s/introspect as %s with the secret %s", i.URL, apiID, i.tenant.secret)
	line("Profile", "%s: %s", i.Profile, i.tenant.policy.Profile().Title)
	if plain := s.PlainOrigin(); plain != "" && !strings.HasPrefix(i.URL, "http:") {
		line("Without TLS", "%s/%s is an issuer of its own, with the same clients", plain, i.Name)
	}
	if i.MTLS != "" {
		line("With mTLS", "%s, where clients are asked for a certificate: endpoints by mtls_endpoint_aliases, and the API", i.MTLS)
	}
	line("Refused?", "%s%s says which rule it was, what it expected, what came, and what to do", i.URL, pathWhy)
	line("More", "%s/<name>, /<profile> or /<name>~<profile>: each is an issuer of its own; %s/ lists them", i.origin, i.origin)
	b.WriteString("\nClients\n")
	cast := i.tenant.systems()
	for n, c := range i.tenant.clients {
		if cast[n].suite {
			continue // it takes them from its configuration
		}
		line(c.ID, "%s: %s", c.AuthMethod, c.For)
		if c.Certificate != nil && i.MTLS != "" {
			line("", "%s and -tls.pem, subject %s", c.CertificateFile, c.Certificate.Certificate.Subject)
		}
		if c.Key != nil {
			line("", "%s and .pem, kid %s", c.JWKFile, c.Key.ID)
		} else {
			line("", "secret %s", c.Secret)
		}
	}
	i.screenNational(line)
	line("Register", "%s/register takes others (RFC 7591)%s", i.URL, i.askToken())
	line("Redirects", "http://localhost, 127.0.0.1 or [::1], any port: /callback /cb /signin-oidc /login/oauth2/code/thiefbox /oauth2/callback")
	line("SMART", "%s opens an app on a patient's record, as an EHR does; by itself an app asks for launch/patient", i.URL+pathEHR)
	line("Suite", "clients %s of the OpenID Foundation's conformance suite: thiefbox serve --print-config oidf", strings.Join(suiteNames(), " "))
	b.WriteString("\nPeople, picked from a list at sign-in, or with the password " + Password + " (and the code " + Code + " for acr_values=loa-high)\n")
	for _, p := range s.people.Practitioners()[:4] {
		line(p.ID, "%s, doctor", p.Name)
	}
	line("p01 to p"+fmt.Sprintf("%02d", len(s.people.Patients())), "patients")
	if n := s.config.People; n > 0 {
		line("t000001 on", "%d further patients in panels of a thousand, berg's first; their records are made when asked for", n)
	}
	if s.told != "" {
		line("imported", "%s", strings.ReplaceAll(s.told, "\n", "\n    "))
	}
	if strings.HasPrefix(i.URL, "https:") {
		b.WriteString(s.trust())
	}
	b.WriteString("\nTo paste in a shell\n" + s.commands(i))
	return b.String()
}

// askToken says what registration asks for under the profile in force.
func (i *Issuer) askToken() string {
	if !slices.Contains(i.tenant.policy.Profile().Controls.Controls(), control.ASRegistrationToken) {
		return ""
	}
	return "; Authorization: Bearer " + i.tenant.initial
}

// trust says how clients come to trust the certificate authority, which vouches for this machine alone.
func (s *Server) trust() string {
	ca := quoted(s.CAFile())
	return `
Trust the certificate authority, which can vouch for this machine and nothing else
  curl        export CURL_CA_BUNDLE=` + ca + `
  Node        export NODE_EXTRA_CA_CERTS=` + ca + `
  Python      export SSL_CERT_FILE=` + ca + ` REQUESTS_CA_BUNDLE=` + ca + `
  Go, .NET    export SSL_CERT_FILE=` + ca + `
  Java        keytool -importcert -noprompt -alias thiefbox -storepass thiefbox -keystore thiefbox.p12 -file ` + ca + `
              java -Djavax.net.ssl.trustStore=thiefbox.p12 -Djavax.net.ssl.trustStorePassword=thiefbox ...
`
}

func quoted(file string) string { return "'" + strings.ReplaceAll(file, "'", `'\''`) + "'" }

// A verifier and its challenge, for the one sign-in that is done by hand (RFC 7636 appendix B).
const (
	sampleVerifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	sampleChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// commands are lines of shell: metadata, a token in a client's own name, a record, a sign-in.
func (s *Server) commands(i *Issuer) string {
	// A sign-in with web-app: its parameters, and how they are pushed.
	request := `-d response_type=code --data-urlencode redirect_uri=$ISS` + pathCallback + ` --data-urlencode 'scope=openid user/*.rs' -d code_challenge_method=S256 -d code_challenge=` + sampleChallenge
	if d := i.tenant.policy.Profile().Dialect; d.Request == control.SignedRequest {
		request = `-d request=$(curl -s $ISS` + pathRequest + ` -d client=web-app -d response_mode=` + string(d.Response) + ` ` + request + `)`
	}
	trust := ""
	if strings.HasPrefix(i.URL, "https:") {
		trust = " CURL_CA_BUNDLE=" + quoted(s.CAFile())
	}
	return `  export ISS=` + i.URL + trust + `
  curl -s $ISS/.well-known/openid-configuration

  # a token for a machine, and a record
  assertion() { echo "client_id=$1&client_assertion_type=` + fapi.AssertionType + `&client_assertion=$(curl -s -d client=$1 $ISS` + pathAssertion + `)"; }
  proof() { curl -s -d client=$1 --data-urlencode url=$2 -d token=$3 $ISS` + pathProof + `; }
  member() { tee /dev/stderr | sed -n 's/.*"'$1'":"\([^"]*\)".*/\1/p'; }
  TOKEN=$(curl -s $ISS/token -d grant_type=client_credentials -d "$(assertion machine)" -H "DPoP: $(proof machine $ISS/token)" | member access_token)
  curl -s $ISS/fhir/Patient/p01 -H "Authorization: DPoP $TOKEN" -H "DPoP: $(proof machine $ISS/fhir/Patient/p01 $TOKEN)"

` + i.certificateCommands() + `  # a sign-in: open the link, then paste what the last page says
  REQUEST=$(curl -s $ISS/par -d "$(assertion web-app)" ` + request + ` | member request_uri)
  echo "$ISS/authorize?client_id=web-app&request_uri=$REQUEST"

  # a token wrong in one way and a proof for it, an error for the next call, a clock ahead: all that can be asked for
  curl -s $ISS` + pathOpenAPI + `

  # why something was refused: the rule, what it expected and what came; and all that happens, as it does
  curl -s $ISS` + pathWhy + `
  curl -s -N -H 'Accept: text/event-stream' $ISS` + pathEvents + `
`
}

// certificateCommands are a token and a record for a client with a certificate, where one is asked for.
func (i *Issuer) certificateCommands() string {
	if i.MTLS == "" {
		return ""
	}
	c := i.Client("mtls-app")
	shown := "--cert " + quoted(c.CertificateFile) + " --key " + quoted(c.TLSKeyFile)
	return `  # the same with a client certificate: it authenticates the client, and the token is bound to it
  BOUND=$(curl -s ` + shown + " " + i.MTLS + `/token -d grant_type=client_credentials -d client_id=` + c.ID + ` -d 'scope=system/*.rs' | member access_token)
  curl -s ` + shown + " " + i.mtlsFHIR() + `/Patient/p02 -H "Authorization: Bearer $BOUND"

`
}

// serveCallback is where the sign-in by hand ends: it shows what a client would have been sent. The
// answer is text, so that nothing in a URL that a stranger made up is more than letters.
func (i *Issuer) serveCallback(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var b strings.Builder
	b.WriteString("The browser came back to the client with\n\n")
	if q.Has("response") {
		response, err := i.readResponse(q.Get("response"))
		if err != nil {
			response = fapi.AuthorizationResponse{Error: "unreadable_response", Description: err.Error()}
		}
		b.Reset()
		b.WriteString("The browser came back to the client with a signed response (JARM), which says\n\n")
		q = url.Values{}
		for name, value := range map[string]string{"code": response.Code, "error": response.Error, "error_description": response.Description, "state": response.State, "iss": response.Issuer} {
			if value != "" {
				q.Set(name, value)
			}
		}
	}
	for _, name := range []string{"code", "error", "error_description", "state", "iss"} {
		if q.Has(name) {
			fmt.Fprintf(&b, "  %-18s %q\n", name, q.Get(name))
		}
	}
	if code := q.Get("code"); code != "" && fapiSafe(code) {
		b.WriteString("\nTo paste in the shell\n\n  ISS=" + i.URL + "\n  TOKEN=$(curl -s $ISS/token -d grant_type=authorization_code -d code=" + code +
			" --data-urlencode redirect_uri=$ISS" + pathCallback + " -d code_verifier=" + sampleVerifier +
			` -d "$(assertion web-app)" -H "DPoP: $(proof web-app $ISS/token)" | member access_token)` +
			"\n  curl -s $ISS/fhir/Patient/p01 -H \"Authorization: DPoP $TOKEN\" -H \"DPoP: $(proof web-app $ISS/fhir/Patient/p01 $TOKEN)\"\n")
	}
	if q.Has("error") {
		b.WriteString("\nWhy: " + i.URL + pathWhy + "\n")
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	i.tenant.server.show(w, r, "Back at the client", b.String())
}

// fapiSafe tells whether a code is made of what ours are made of: it is pasted into a shell.
func fapiSafe(code string) bool {
	return strings.Trim(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == "" && len(code) <= 128
}
