package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/attacker/probe"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/serve"
	"thiefbox/sim/verdict"
)

// probed runs the command.
func probed(t *testing.T, data string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := newApp(Env{
		Args:  append([]string{"probe", "--data", data, "--rate", "1000"}, args...),
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Now: time.Now,
		IsTerminal: func(any) bool { return false }, Width: func() int { return 0 },
	})
	status = a.main(t.Context())
	return status, out.String(), errs.String()
}

func probedJSON(t *testing.T, data string, args ...string) (int, report.Probe) {
	t.Helper()
	status, stdout, stderr := probed(t, data, append(args, "--json")...)
	var d report.Probe
	if err := json.Unmarshal([]byte(stdout), &d); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	return status, d
}

// probeRig is an authorization server that somebody's API trusts.
func probeRig(t *testing.T, profile string) (data string, i *serve.Issuer) {
	t.Helper()
	s := serve.InTest(t, serve.Config{Now: time.Now, HTTPSPort: -1})
	return t.TempDir(), issuerFor(t, s, profile)
}

func issuerFor(t *testing.T, s *serve.Server, name string) *serve.Issuer {
	t.Helper()
	i, err := s.Issuer(name)
	if err != nil {
		t.Fatal(err)
	}
	i.SwitchControl(control.ASIntrospectionAudience, false)
	return i
}

// breached are the controls that were missed, or the names of tries that no control is concerned with.
func breached(d report.Probe) []string {
	found := map[string]bool{}
	for _, t := range d.Tries {
		if t.Verdict.Outcome == verdict.Breached {
			found[firstWord(t.Control, t.Name)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Each defect of an API gives its own breach and no other, and an API without one gives none.
func TestProbeFindsTheDefect(t *testing.T) {
	s, data := serve.InTest(t, serve.Config{Now: time.Now, HTTPSPort: -1}), t.TempDir()
	for n, tt := range []struct{ defect, want string }{
		{"", ""},
		{"open", "request/head,request/method-override,request/no-token,request/other-spellings,rs/token-in-header"},
		{"open path", "request/other-spellings"}, {"open head", "request/head"}, {"override", "request/method-override"},
		{"query", "rs/token-in-header"}, {"body", "rs/token-in-header"}, {"first", "rs/one-credential"}, {"last", "rs/one-credential"},
		{"expiry", "rs/token-expiry"}, {"not before", "rs/token-not-before"}, {"signature", "rs/token-signature"}, {"alg", "rs/token-alg"},
		{"typ", "rs/token-type"}, {"issuer", "rs/token-issuer"}, {"audience", "rs/token-audience"}, {"scope", "rs/scope"},
		{"unbound", "rs/sender-bound"}, {"bearer", "rs/dpop-scheme"}, {"revoked", "rs/token-revoked"},
		{"no proof", "rs/dpop-one-proof"}, {"two proofs", "rs/dpop-one-proof"}, {"claims", "rs/dpop-claims"}, {"proof typ", "rs/dpop-typ"}, {"proof alg", "rs/dpop-alg"},
		{"private", "rs/dpop-private-key"}, {"proof signature", "rs/dpop-signature"}, {"binding", "rs/dpop-binding"}, {"htm", "rs/dpop-htm"}, {"htu", "rs/dpop-htu"},
		{"ath", "rs/dpop-ath"}, {"iat", "rs/dpop-iat"}, {"nonce", "rs/dpop-nonce"}, {"jti", "rs/dpop-jti"}, {"spelling", "rs/dpop-jti-spelling"},
		{"forwarded", "rs/forwarded-host"}, {"entitlement", "rs/entitlement-read"},
	} {
		t.Run(firstWord(tt.defect, "none"), func(t *testing.T) {
			if t.Parallel(); raced && n%6 != 0 {
				t.Skip("a few will do to be raced")
			}
			i := issuerFor(t, s, fmt.Sprintf("defect%d~hardened", n)) // a log for each: who has asked about tokens is read off it
			api := newSloppyAPI(t, i, tt.defect)
			status, d := probedJSON(t, data, "--issuer", i.URL, "--profile", "hardened", "--audience", api.URL, "--subject", "p01", "--other", api.URL+others, "--other-subject", "p02", api.URL+own)
			if got := strings.Join(breached(d), ","); got != tt.want {
				t.Errorf("expected a breach of %q, got %q", tt.want, got)
			}
			if want := exitExpected; (tt.want == "") != (status == want) {
				t.Errorf("got status %d", status)
			}
			for _, r := range d.Tries {
				if r.Skipped == "" && r.Verdict.Outcome == verdict.Void {
					t.Errorf("%s: %+v", r.Name, r.Verdict)
				}
			}
		})
	}
}

// The API of `thiefbox serve` lacks what its profile leaves out, and nothing else.
func TestProbeOfOurOwn(t *testing.T) {
	for _, tt := range []struct{ api, asked, want string }{
		{"hardened", "hardened", ""},
		{"fapi2-dpop", "hardened", "rs/dpop-jti,rs/dpop-nonce,rs/token-audience"},
		{"bcp", "bcp", "rs/one-credential"},
	} {
		t.Run(tt.api, func(t *testing.T) {
			t.Parallel()
			data, i := probeRig(t, tt.api)
			_, d := probedJSON(t, data, "--issuer", i.URL, "--profile", tt.asked, i.FHIR+"/Patient/p01")
			if got := strings.Join(breached(d), ","); got != tt.want || !d.Honest.Served {
				t.Errorf("expected a breach of %q, got %q", tt.want, got)
			}
		})
	}
}

// Tokens bound to certificates, at an API whose TLS asks for them.
func TestProbeWithCertificates(t *testing.T) {
	s := serve.InTest(t, serve.Config{Now: time.Now})
	i, err := s.Issuer("fapi2-mtls")
	if err != nil {
		t.Fatal(err)
	}
	c, other := i.Client("mtls-app"), i.Client("oidf-mtls-1")
	args := []string{"--issuer", i.URL, "--profile", "fapi2-mtls", "--ca", s.CAFile(), "--cert", c.CertificateFile, "--cert-key", c.TLSKeyFile, i.MTLS + "/fhir/Patient/p01"}
	for _, more := range [][]string{nil, {"--other-cert", other.CertificateFile, "--other-cert-key", other.TLSKeyFile}} {
		status, d := probedJSON(t, t.TempDir(), append(more, args...)...)
		if got := strings.Join(breached(d), ","); got != "rs/token-audience" || status != exitExpected {
			t.Errorf("expected a breach of what the profile does not ask for, got %q and %d", got, status)
		}
	}
	for _, missing := range []*control.Control{control.RSMTLSBinding, control.RSMTLSCertificate, control.RSMTLSHeader} {
		i.SwitchControl(missing, false)
		status, d := probedJSON(t, t.TempDir(), append([]string{"--only", "certificate/none,certificate/another,certificate/in-header"}, args...)...)
		if got := breached(d); !slices.Contains(got, missing.ID) || status != exitSurprise {
			t.Errorf("expected a breach of %s, got %q and %d", missing, got, status)
		}
		i.SwitchControl(missing, true)
	}
}

// Where the honest are not served all is void, and the reader is told where to look.
func TestProbeOfWhatRefusesEverybody(t *testing.T) {
	data, i := probeRig(t, "hardened")
	api := newSloppyAPI(t, i, "")
	status, d := probedJSON(t, data, "--issuer", i.URL, "--profile", "hardened", "--audience", "another", api.URL+own)
	if status != exitSurprise || d.Honest.Served || !strings.Contains(strings.Join(d.Honest.Look, "\n"), "aud another") {
		t.Errorf("got %d, %+v", status, d.Honest)
	}
	for _, r := range d.Tries {
		if r.Verdict.Outcome != verdict.Void {
			t.Fatalf("expected %s to be void, got %+v", r.Name, r.Verdict)
		}
	}
	api.Close()
	status, said, _ := probed(t, data, "--issuer", i.URL, "--profile", "hardened", api.URL+own)
	if status != exitSurprise || !strings.Contains(said, "no answer came") {
		t.Errorf("got %d, %s", status, said)
	}
}

// An API that falls over has not refused.
func TestProbeOfWhatFallsOver(t *testing.T) {
	data, i := probeRig(t, "hardened")
	api := newSloppyAPI(t, i, "falls over")
	status, d := probedJSON(t, data, "--issuer", i.URL, "--profile", "hardened", "--audience", api.URL, "--subject", "p01", "--only", "rs/token-alg", api.URL+own)
	if status != exitSurprise || d.Tries[0].Verdict.Outcome != verdict.Void || d.Tries[1].Verdict.Outcome != verdict.Held {
		t.Errorf("got %d, %+v", status, d.Tries)
	}
}

// A claim that names the subject names another in the tokens of others: an API may go by that instead of sub.
func TestProbeByAClaim(t *testing.T) {
	data, i := probeRig(t, "hardened")
	for defect, want := range map[string]string{"": "", "entitlement": "rs/entitlement-read"} {
		api := newSloppyAPI(t, i, defect)
		api.claim = true
		args := []string{"--issuer", i.URL, "--profile", "hardened", "--audience", api.URL, "--subject", "p01", "--claim", "patient=p01", "--only", "rs/entitlement-read"}
		_, d := probedJSON(t, data, append(args, "--other", api.URL+others, "--other-subject", "p02", api.URL+own)...)
		if got := strings.Join(breached(d), ","); got != want || d.Tries[0].Verdict.Outcome == verdict.Void || d.Tries[3].Skipped != "" {
			t.Errorf("%q: expected a breach of %q, got %q, %+v", defect, want, got, d.Tries)
		}
		_, d = probedJSON(t, data, append(args, "--claim", "ward=7", api.URL+own)...)
		if d.Tries[3].Skipped == "" {
			t.Errorf("expected no stranger whose claims are those of somebody else")
		}
	}
}

// A known result can be accepted, and an entry that no longer holds fails.
func TestProbeBaseline(t *testing.T) {
	data, i := probeRig(t, "hardened")
	api := newSloppyAPI(t, i, "typ")
	args := []string{"--issuer", i.URL, "--profile", "hardened", "--audience", api.URL, "--subject", "p01", "--only", "rs/token-type"}
	_, known, _ := probed(t, data, append(args, "--format", "baseline", api.URL+own)...)
	file := filepath.Join(t.TempDir(), "known.yaml")
	if err := os.WriteFile(file, []byte(known), 0o600); err != nil {
		t.Fatal(err)
	}
	args = append(args, "--baseline", file)
	if status, d := probedJSON(t, data, append(args, api.URL+own)...); status != exitExpected || len(d.Stale) > 0 || len(breached(d)) != 1 {
		t.Errorf("expected it to be accepted, got %d, %v; %s", status, d.Stale, known)
	}
	right := newSloppyAPI(t, i, "")
	args = slices.Replace(args, 5, 6, right.URL)
	if status, d := probedJSON(t, data, append(args, right.URL+own)...); status != exitSurprise || len(d.Stale) != 2 {
		t.Errorf("expected stale entries, got %d, %v", status, d.Stale)
	}
}

// The authorization server that the command starts, and how it is told about.
func TestProbeWithItsOwnServer(t *testing.T) {
	data := t.TempDir()
	args := []string{"--http-port", "0", "--https-port", "0", "--only", "token/expired", "http://localhost:1/Patient/p01"}
	status, said, told := probed(t, data, args...)
	if status != exitSurprise || !strings.Contains(said, "no answer came") || !strings.Contains(told, "/probe/introspect as fhir-api") || !strings.Contains(told, "Audience       http://localhost:1") {
		t.Errorf("got %d, %s%s", status, said, told)
	}
	if status, _, told = probed(t, data, append(args, "--ready", "--https", "--profile", "fapi2-mtls")...); status != exitSurprise || told != "" {
		t.Errorf("expected nothing to be told to who is ready, got %d, %s", status, told)
	}
}

// Every format is one.
func TestProbeFormats(t *testing.T) {
	data, i := probeRig(t, "hardened")
	api := newSloppyAPI(t, i, "typ")
	for format, want := range map[string]string{
		"text": "Breached  token/wrong-typ", "junit": `<failure message="token/wrong-typ is Breached, but Held was expected"`, "markdown": "**Breached** `token/wrong-typ`", "sarif": `"ruleId": "token/wrong-typ"`,
	} {
		for _, url := range []string{api.URL + own, "http://localhost:1/"} {
			status, said, stderr := probed(t, data, "--issuer", i.URL, "--profile", "hardened", "--audience", api.URL, "--subject", "p01", "--only", "token/wrong-typ,token/withdrawn", "--format", format, url)
			if status != exitSurprise || stderr != "" || strings.Contains(said, want) == (url == "http://localhost:1/") {
				t.Errorf("%s of %s: got %d, %s%s", format, url, status, said, stderr)
			}
		}
	}
}

// What cannot be meant is refused before anything is sent.
func TestProbeUsage(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "expected the URL"},
		{[]string{"http://example.com/x"}, "on this machine"},
		{[]string{"http://localhost/x", "--other", "https://example.com/x", "--subject", "a"}, "on this machine"},
		{[]string{"http://localhost/x", "--issuer", "https://example.com/x"}, "on this machine"},
		{[]string{"ftp://localhost/x"}, "http or https"},
		{[]string{"http://me:secret@localhost/x"}, "without a password"},
		{[]string{"http://localhost/x", "--header", "authorization: Bearer mine"}, "no credential"},
		{[]string{"http://localhost/x", "--header", "x"}, "NAME: VALUE"},
		{[]string{"http://localhost/x", "--claim", "x"}, "NAME=VALUE"},
		{[]string{"http://localhost/x", "--other-claim", "x=y"}, "expected --other-subject"},
		{[]string{"http://localhost/x", "--other", "http://localhost/y"}, "expected --subject"},
		{[]string{"http://localhost/x", "--only", "token/expird"}, "token/expird"},
		{[]string{"http://localhost/x", "--format", "csv"}, "--format"},
		{[]string{"http://localhost/x", "--method", "HEAD"}, "--method"},
		{[]string{"http://localhost/x", "--profile", "all"}, "one profile"},
		{[]string{"http://localhost/x", "--rate", "0"}, "--rate"},
		{[]string{"http://localhost/x", "--body", "missing"}, "--body"},
		{[]string{"http://localhost/x", "--cert", "missing"}, "--cert-key"},
	} {
		if status, _, said := probed(t, t.TempDir(), tt.args...); status != exitUsage || !strings.Contains(said, tt.want) {
			t.Errorf("%v: expected to be told %q, got %d: %s", tt.args, tt.want, status, said)
		}
	}
	if status, _, said := probed(t, t.TempDir(), "http://localhost/x", "--issuer", "http://localhost:1/x"); status != exitEnvironment || !strings.Contains(said, "expected an issuer of a thiefbox serve") {
		t.Errorf("got %d, %s", status, said)
	}
}

// A try names the control that refuses its mistake here, so that one word means one thing.
func TestTriesAndControls(t *testing.T) {
	_, i := probeRig(t, "hardened")
	var mistakes []struct{ Name, In, Control string }
	resp, err := i.HTTP(t).Get(i.URL + "/_thiefbox/mistakes")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var listed []map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&listed); err != nil {
		t.Fatal(err)
	}
	for _, m := range listed {
		mistakes = append(mistakes, struct{ Name, In, Control string }{m["name"], map[string]string{"access_token": "token", "proof": "proof"}[m["in"]], m["refused_by"]})
	}
	names := map[string]bool{}
	for _, try := range probe.Tries() {
		if names[try.Name] || try.Title == "" || try.Fix == "" {
			t.Errorf("%s: expected a name of its own, a title and advice", try.Name)
		}
		names[try.Name] = true
		if _, err := control.Lookup(try.Control); try.Control != "" && err != nil || try.Control == "" && (try.Clause == "" || try.Gain == "") {
			t.Errorf("%s: expected a control, or a clause: %v", try.Name, err)
		}
		for _, m := range mistakes {
			if m.In+"/"+m.Name == try.Name && m.Control != "" && m.Control != try.Control {
				t.Errorf("%s: expected the control %s, got %s", try.Name, m.Control, try.Control)
			}
		}
	}
}
