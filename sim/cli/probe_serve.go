package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"thiefbox/attacker/probe"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
	"thiefbox/sim/serve"
)

// probeIssuer finds the authorization server, or starts one, and completes the target: whom tokens are for, and which
// certificates there are. end stops what was started.
func (a *app) probeIssuer(ctx context.Context, f *probeFlags, profile control.Profile, t *probe.Target) (*probeIssuer, func(), error) {
	i, end := &probeIssuer{url: strings.TrimSuffix(f.issuer, "/"), id: f.client, introspects: f.introspects}, func() {}
	var own *serve.Issuer
	if i.url == "" {
		started, stop, err := a.probeServer(ctx, f, profile)
		if err != nil {
			return nil, nil, err
		}
		own, i.url, end = started.issuer, started.url, stop
	} else if err := f.checkIssuer(i.url); err != nil {
		return nil, nil, err
	}
	if err := a.settleProbe(ctx, f, profile, t, i, own); err != nil {
		end()
		return nil, nil, err
	}
	return i, end, nil
}

func (a *app) settleProbe(ctx context.Context, f *probeFlags, profile control.Profile, t *probe.Target, i *probeIssuer, own *serve.Issuer) (err error) {
	if i.http, err = a.dialer(f.ca, false); err != nil {
		return err
	}
	if err = i.open(ctx); err != nil {
		return &failure{exitEnvironment, err, "`thiefbox serve` prints its issuers. Without --issuer, probe starts one of its own."}
	}
	if t.Audience == "" {
		t.Audience = usualAudience(t.URL, i.url)
	}
	if t.Kind == probe.MTLS {
		if err = a.showing(t, own); err != nil {
			return err
		}
		i.certificate = t.Certificate
	}
	if own == nil {
		return nil
	}
	return a.pasteAndWait(ctx, f, profile, t, i.url, own)
}

// ownServer is one that was started here.
type ownServer struct {
	issuer *serve.Issuer
	url    string // of the issuer, over TLS or without
}

// probeName is of the issuer, whatever the profile: an API that trusts it need not be told anew to be asked for more.
const probeName = "probe"

// probeServer starts an authorization server over the keys of `thiefbox serve`, which an API that trusted them yesterday
// trusts today.
func (a *app) probeServer(ctx context.Context, f *probeFlags, profile control.Profile) (own ownServer, end func(), err error) {
	dir, err := dataDir(a.data, runtime.GOOS, a.env.Getenv)
	if err != nil {
		return own, nil, environment("%w", err)
	}
	c := serve.Config{Now: a.env.Now, Dir: filepath.Join(dir, "serve"), HTTPPort: f.httpPort, HTTPSPort: f.httpsPort, MTLSPort: -1, Own: &profile}
	s, err := serve.Start(ctx, c)
	if err != nil {
		return own, nil, &failure{exitEnvironment, err,
			"If a `thiefbox serve` has the ports, --issuer URL uses it; --http-port and --https-port name others, 0 for free ones."}
	}
	end = func() {
		if err := s.Close(); err != nil {
			a.warn("the authorization server: %v", err)
		}
	}
	i, err := s.Issuer(probeName)
	if err != nil {
		end()
		return own, nil, environment("%w", err)
	}
	// An API of somebody's own asks about tokens under another identifier than the one here.
	i.SwitchControl(control.ASIntrospectionAudience, false)
	if plain := s.PlainOrigin(); !f.https && plain != "" {
		return ownServer{i, plain + "/" + i.Name}, end, nil
	}
	return ownServer{i, i.URL}, end, nil
}

// usualAudience is the origin of a URL, or empty for what the issuer writes anyway, if the API is its own.
func usualAudience(rawURL, issuer string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	if i, err := url.Parse(issuer); err == nil && u.Hostname() == i.Hostname() && strings.HasPrefix(u.Path, i.Path+"/fhir/") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// showing finds the certificates: those that were named, or else two of the server's own authority, or at least a
// self-signed one for the thief.
func (a *app) showing(t *probe.Target, own *serve.Issuer) error {
	switch {
	case t.Certificate == nil && own == nil:
		return usage("The certificate is one that the API's TLS lets in.", "expected --cert and --cert-key, since tokens are bound to a certificate")
	case t.Certificate == nil:
		t.Certificate, t.OtherCertificate = own.Client("mtls-app").Certificate, own.Client("oidf-mtls-1").Certificate
	case t.OtherCertificate == nil:
		key, err := fapi.NewES256Key("thief", dice.New(a.seed))
		if err != nil {
			return err
		}
		now := a.env.Now()
		t.OtherCertificate, err = fapi.CertificateTemplate{CommonName: "thiefbox probe", NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), ClientAuthOnly: true}.SelfSigned(key)
		return err
	}
	return nil
}

// pasteAndWait says what the API must be told, and waits until it was.
func (a *app) pasteAndWait(ctx context.Context, f *probeFlags, profile control.Profile, t *probe.Target, issuer string, own *serve.Issuer) error {
	if f.ready {
		return nil
	}
	id, secret := own.Introspection()
	w := a.env.Stderr
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-14s %s\n", name, oneLine(fmt.Sprintf(format, args...)))
	}
	fmt.Fprintf(w, "An authorization server for your API, on this machine only. Nothing that it issues is real.\n\n")
	line("Issuer", "%s", issuer)
	line("Metadata", "%s/.well-known/openid-configuration", issuer)
	line("Keys", "%s/jwks, algorithm %s and no other", issuer, profile.Dialect.TokenAlg)
	line("Introspection", "%s/introspect as %s with the secret %s, if the API asks about tokens", issuer, id, secret)
	line("Audience", "%s", firstWord(t.Audience, own.FHIR))
	line("Scope", "%s", firstWord(t.Scope, own.Client(f.client).Scope))
	line("Subject", "%s", firstWord(t.Subject, f.client))
	line("Tokens", "JWTs of the type at+jwt, %s", map[probe.Kind]string{
		probe.Bearer: "sent as bearer tokens", probe.DPoP: "bound to a key (cnf.jkt): scheme DPoP, and a proof with every request",
		probe.MTLS: "bound to a client certificate (cnf.x5t#S256): scheme Bearer",
	}[t.Kind])
	if t.Kind == probe.MTLS && f.cert == "" {
		line("Certificates", "of the authority in %s", own.CAFile())
	}
	if strings.HasPrefix(issuer, "https:") {
		line("TLS", "trust the authority in %s", own.CAFile())
	}
	if f.wait > 0 {
		return nil
	}
	fmt.Fprint(w, "\nTell your API, start it, and press Enter. With --ready it is not asked again.\n")
	return awaitEnter(ctx, a.env.Stdin)
}

// awaitEnter waits for a line, or the end of what can be read.
func awaitEnter(ctx context.Context, in io.Reader) error {
	read := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(in).ReadString('\n')
		read <- err
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-read:
		if err != nil && !errors.Is(err, io.EOF) {
			return environment("standard input: %w", err)
		}
		return nil
	}
}
