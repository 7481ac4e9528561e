package cli

import (
	"crypto"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"thiefbox/attacker/probe"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

var probeKinds = []string{string(probe.Bearer), string(probe.DPoP), string(probe.MTLS)}

// check refuses flags that cannot be meant.
func (f probeFlags) check() error {
	if err := oneOf("format", f.format, probeFormats...); err != nil {
		return err
	}
	if err := oneOf("sender-constraint", f.constraint, append(probeKinds, "")...); err != nil {
		return err
	}
	switch {
	case f.rate <= 0 || f.rate > 1000:
		return usage("", "--rate: expected more than 0 and at most 1000, got %g", f.rate)
	case f.maxRequests < 1 || f.maxRequests > 10000:
		return usage("", "--max-requests: expected 1 to 10000, got %d", f.maxRequests)
	case f.timeout <= 0:
		return usage("", "--timeout: expected more than 0, got %s", f.timeout)
	case f.other != "" && f.subject == "":
		return usage("--subject names whom the honest token speaks for.", "--other: expected --subject with it: whose record is it not?")
	case f.otherSubject != "" && f.other == "":
		return usage("", "--other-subject: expected --other with it")
	case len(f.otherClaims) > 0 && f.otherSubject == "":
		return usage("", "--other-claim: expected --other-subject with it")
	case f.otherCert != "" && f.cert == "":
		return usage("", "--other-cert: expected --cert with it")
	}
	return nil
}

// target is what the flags ask for.
func (f probeFlags) target(rawURL string, profile control.Profile) (probe.Target, error) {
	t := probe.Target{
		Method: strings.ToUpper(f.method), URL: rawURL, Kind: probe.Kind(firstWord(f.constraint, string(profile.Dialect.Constraint))),
		Subject: f.subject, Scope: f.scope, Audience: f.audience, Other: f.other, OtherSubject: f.otherSubject, Header: http.Header{}, Claims: map[string]any{}, OtherClaims: map[string]any{},
	}
	for flag, text := range map[string]string{"the URL": rawURL, "--other": f.other} {
		if text == "" {
			continue
		}
		if err := f.checkURL(flag, text); err != nil {
			return t, err
		}
	}
	if slices.Contains([]string{http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodConnect}, t.Method) || strings.ContainsAny(t.Method, " \t/") || t.Method == "" {
		return t, usage("", "--method: expected one whose answer is worth stealing, such as GET or POST, got %q", f.method)
	}
	if err := f.carried(&t); err != nil {
		return t, err
	}
	if f.body != "" {
		body, err := os.ReadFile(f.body)
		if err != nil {
			return t, usage("", "--body: %w", err)
		}
		t.Body = body
	}
	return t, f.certificates(&t)
}

// checkURL refuses what is not on this machine, unless that was asked for. Connections are looked at again.
func (f probeFlags) checkURL(flag, text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return usage("", "expected %s to be http or https, with a host, and without a password or a fragment, got %q", flag, text)
	}
	if !f.beyond && !isLoopback(u.Hostname()) {
		return usage("--beyond-loopback permits another: only an API of your own, with nobody's real data.", "expected %s to be on this machine, got %s", flag, u.Host)
	}
	return nil
}

// checkIssuer: the authorization server is on this machine always, since it is one of ours.
func (f probeFlags) checkIssuer(text string) error {
	f.beyond = false
	if err := f.checkURL("--issuer", text); err != nil {
		var bad *failure
		if errors.As(err, &bad) {
			bad.advice = ""
		}
		return err
	}
	return nil
}

// carried reads headers and claims. A credential of somebody's has no business here.
func (f probeFlags) carried(t *probe.Target) error {
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		name = http.CanonicalHeaderKey(strings.TrimSpace(name))
		switch {
		case !ok || name == "":
			return usage("", "--header: expected NAME: VALUE, got %q", h)
		case slices.Contains([]string{"Authorization", "Proxy-Authorization", "Dpop", "Cookie", "Host", "Content-Length"}, name):
			return usage("", "--header: expected no credential and nothing that the thief sets himself, got %s", name)
		}
		t.Header.Add(name, strings.TrimSpace(value))
	}
	if err := readClaims("--claim", f.claims, t.Claims); err != nil {
		return err
	}
	return readClaims("--other-claim", f.otherClaims, t.OtherClaims)
}

func readClaims(flag string, from []string, to map[string]any) error {
	for _, c := range from {
		name, value, ok := strings.Cut(c, "=")
		if !ok || name == "" {
			return usage("", "%s: expected NAME=VALUE, got %q", flag, c)
		}
		var v any
		if json.Unmarshal([]byte(value), &v) != nil {
			v = value
		}
		to[name] = v
	}
	return nil
}

// certificates reads those that were named.
func (f probeFlags) certificates(t *probe.Target) (err error) {
	if f.cert != "" {
		if t.Certificate, err = readPair("--cert", f.cert, f.certKey); err != nil {
			return err
		}
	}
	if f.otherCert != "" {
		t.OtherCertificate, err = readPair("--other-cert", f.otherCert, f.otherCertKey)
	}
	return err
}

func readPair(flag, certificate, key string) (*fapi.KeyPair, error) {
	if key == "" {
		return nil, usage("", "%s: expected %s-key with it", flag, flag)
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, environment("%s: %w", flag, err)
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, environment("%s-key: expected a key that signs", flag)
	}
	alg := map[string]string{"ECDSA": "ES256", "RSA": "PS256", "Ed25519": "EdDSA"}[pair.Leaf.PublicKeyAlgorithm.String()]
	named, err := fapi.NameKey("", alg, signer)
	if err != nil {
		return nil, environment("%s-key: %w", flag, err)
	}
	return &fapi.KeyPair{Certificate: pair.Leaf, Key: named}, nil
}

// tries are those that were asked for, in their order.
func (f probeFlags) tries() ([]probe.Try, error) {
	names := tryNames()
	all := probe.Tries()
	for _, t := range all {
		if t.Control != "" && !slices.Contains(names, t.Control) {
			names = append(names, t.Control)
		}
	}
	for _, name := range slices.Concat(f.only, f.skip) {
		if !slices.Contains(names, name) {
			return nil, unknown(name, "try", names, "`thiefbox probe --list` shows them.")
		}
	}
	meant := func(list []string, t probe.Try) bool {
		return slices.Contains(list, t.Name) || t.Control != "" && slices.Contains(list, t.Control)
	}
	return slices.DeleteFunc(all, func(t probe.Try) bool {
		return len(f.only) > 0 && !meant(f.only, t) || meant(f.skip, t)
	}), nil
}

func tryNames() (names []string) {
	for _, t := range probe.Tries() {
		names = append(names, t.Name)
	}
	return names
}

func firstWord(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
