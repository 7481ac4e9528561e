package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/sim/client"
	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// clientFlags are the flags of `client`.
type clientFlags struct {
	issuer, id, key, dpopKey string
	auth, constraint         string
	cert, certKey            string
	redirect, scope          string
	resource, api, launch    string
	profile, grant           string
	follow, beyond           bool
	ca                       []string
}

const (
	grantCode = "authorization_code"
	grantOwn  = "client_credentials"
)

func (a *app) clientCommand() *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "client --issuer URL --client-id ID --key FILE",
		Short: "be an honest client of any authorization server, and say what it gets wrong",
		Long: "Goes through one sign-in at an authorization server, as the clinics' own systems do: metadata, a pushed\n" +
			"request, the browser, the code, tokens, the ID token, a refresh if there is a refresh token, and a resource\n" +
			"read with the latest token. Each step says which checks it passed. Where a check fails, the client stops,\n" +
			"as an honest one must, and says which rule it was, what it expected and what came.\n\n" +
			"The authorization URL is for a person's browser, who comes back to a loopback redirect URI that the client\n" +
			"listens on; with another redirect URI, paste the address the browser ended at. --follow opens the URL\n" +
			"itself, for a server that answers without pages. The server must be on this machine unless told otherwise.\n\n" +
			"Exit status: 0 if every step worked, 1 if the client or a server refused one.",
		Example: "  thiefbox client --issuer https://localhost:9443/fapi2-dpop --client-id web-app --key web-app.jwk \\\n" +
			"    --redirect http://127.0.0.1/callback --scope 'openid offline_access user/*.rs' \\\n" +
			"    --resource https://localhost:9443/fapi2-dpop/fhir/Patient/p01\n" +
			"  thiefbox client --grant client_credentials --issuer URL --client-id machine --key machine.jwk --scope system/*.rs",
		Args: arguments(0, 0, "no name"),
	}
	fs := cmd.Flags()
	fs.StringVar(&f.issuer, "issuer", "", "`URL` of the issuer, to the letter")
	fs.StringVar(&f.id, "client-id", "", "`ID` that the client is registered under")
	fs.StringVar(&f.key, "key", "", "`FILE` with the client's private key as a JWK")
	fs.StringVar(&f.dpopKey, "dpop-key", "", "`FILE` with the key for DPoP proofs (default: a fresh one)")
	fs.StringVar(&f.cert, "cert", "", "`FILE` with a client certificate in PEM (RFC 8705)")
	fs.StringVar(&f.certKey, "cert-key", "", "`FILE` with the certificate's private key in PEM (default: that of --key)")
	fs.StringVar(&f.auth, "auth", "", "authenticate by `METHOD`: private_key_jwt, tls_client_auth or self_signed_tls_client_auth (default: the profile's)")
	fs.StringVar(&f.constraint, "sender-constraint", "", "bind tokens by `dpop` or mtls (default: the profile's)")
	fs.StringVar(&f.redirect, "redirect", "http://127.0.0.1/callback", "`URI` to be sent back to; on loopback without a port, any free port")
	fs.StringVar(&f.scope, "scope", "openid", "`SCOPE` to ask for; with openid the person is signed in")
	fs.StringVar(&f.resource, "resource", "", "`URL` to read with the token")
	fs.StringVar(&f.api, "api", "", "`URI` of the API that tokens are for (RFC 8707), where the profile asks for one per API; with the scope launch or\nlaunch/patient, the FHIR API that the app is opened at (SMART App Launch)")
	fs.StringVar(&f.launch, "launch", "", "`HANDLE` of a launch, as the EHR's link to the app has it; --scope has to hold launch")
	fs.StringVar(&f.profile, "profile", "fapi2-dpop", "speak as clients of `PROFILE` do, and check what they check")
	fs.StringVar(&f.grant, "grant", grantCode, "`GRANT`: authorization_code, or client_credentials for a client in its own name")
	fs.BoolVar(&f.follow, "follow", false, "open the authorization URL without a person")
	fs.StringSliceVar(&f.ca, "ca", nil, "trust the certificates in `FILE,...`, next to the machine's own and that of thiefbox serve")
	fs.BoolVar(&f.beyond, "beyond-loopback", false, "permit servers on other machines")
	_ = cmd.RegisterFlagCompletionFunc("profile", complete(profileNames))
	_ = cmd.RegisterFlagCompletionFunc("auth", complete(func() []string { return clientMethods }))
	_ = cmd.RegisterFlagCompletionFunc("sender-constraint", complete(func() []string { return constraints }))
	_ = cmd.RegisterFlagCompletionFunc("grant", complete(func() []string { return []string{grantCode, grantOwn} }))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.client(cmd.Context(), f) }
	return cmd
}

func (a *app) client(ctx context.Context, f clientFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := a.openJournal(nil); err != nil {
		return err
	}
	defer a.closeJournal()
	steps := a.newSteps(ctx)
	h, err := a.dialer(f.ca, f.beyond)
	if err != nil {
		return err
	}
	h.Transport = steps.witness(h.Transport)
	back, err := a.wayBack(&f, h)
	if err != nil {
		return err
	}
	defer back.close()
	app, err := a.newClient(f, h, steps)
	if err != nil {
		return err
	}
	steps.say("issuer", "%s", f.issuer)
	a.surprised = !a.walk(ctx, app, f, back, steps)
	return nil
}

// check refuses flags that cannot be meant.
func (f clientFlags) check() error {
	for name, value := range map[string]string{"issuer": f.issuer, "client-id": f.id, "key": f.key} {
		if value == "" {
			return usage("`thiefbox client --help` shows an example.", "expected --issuer, --client-id and --key, got no --%s", name)
		}
	}
	if err := oneOf("grant", f.grant, grantCode, grantOwn); err != nil {
		return err
	}
	p, err := control.ProfileNamed(f.profile)
	if err != nil {
		return unknown(f.profile, "profile", profileNames(), "There are "+strings.Join(profileNames(), ", ")+".")
	}
	if err := oneOf("auth", f.auth, append(clientMethods, "")...); err != nil {
		return err
	}
	if err := oneOf("sender-constraint", f.constraint, append(constraints, "")...); err != nil {
		return err
	}
	if f.dialect(p.Dialect).Certificates() && f.cert == "" {
		return usage("--cert FILE names it.", "expected a client certificate, which --profile, --auth or --sender-constraint asks for")
	}
	return nil
}

// dialect is the profile's, but for what the flags say otherwise.
func (f clientFlags) dialect(d control.Dialect) control.Dialect {
	if !d.ClientAuth.Asymmetric() {
		d.ClientAuth = control.PrivateKeyJWT // secrets are no matter for a command line
	}
	if f.auth != "" {
		d.ClientAuth = control.ClientAuth(f.auth)
	}
	if f.constraint != "" {
		d.Constraint = control.Constraint(f.constraint)
	}
	return d
}

var (
	clientMethods = []string{string(control.PrivateKeyJWT), string(control.TLSClientAuth), string(control.SelfSignedTLSClientAuth)}
	constraints   = []string{string(control.DPoP), string(control.MTLS)}
)

// newClient makes the client, which tells its rulings to steps.
func (a *app) newClient(f clientFlags, h *http.Client, steps *steps) (*client.App, error) {
	jwk, err := readKey(f.key)
	if err != nil {
		return nil, err
	}
	d := dice.Secure()
	var proofs *fapi.Key
	if f.dpopKey == "" {
		proofs, err = fapi.NewES256Key("dpop", d)
	} else {
		proofs, err = readKey(f.dpopKey)
	}
	if err != nil {
		return nil, err
	}
	profile, err := control.ProfileNamed(f.profile)
	if err != nil {
		return nil, err
	}
	profile.Dialect = f.dialect(profile.Dialect)
	if err := f.showCertificate(h, jwk); err != nil {
		return nil, err
	}
	c, err := client.NewApp(client.AppConfig{
		Party: &party.Party{Name: "client", Policy: party.NewPolicy(profile), Clock: clock.Real(a.env.Now), Dice: d, Tell: steps.tell},
		HTTP:  h, RedirectURI: f.redirect, Scope: f.scope, API: f.api, Launch: f.launch, DPoPKey: proofs,
		Registration: client.Registration{Key: jwk, Credentials: fapi.Credentials{Issuer: f.issuer, ClientID: f.id, AuthMethod: string(profile.Dialect.ClientAuth)}},
	})
	if err != nil {
		return nil, usage("", "%w", err)
	}
	return c, nil
}

// readKey reads a private JWK, or the only one of a JWK Set.
func readKey(name string) (*fapi.Key, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, environment("%w", err)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(content, &set) == nil && len(set.Keys) == 1 {
		content = set.Keys[0]
	}
	key, err := fapi.ParseKey(content)
	if err != nil {
		return nil, environment("%s: %w", name, fmt.Errorf("expected a private JWK: %w", err))
	}
	return key, nil
}
