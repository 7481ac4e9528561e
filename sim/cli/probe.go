package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"thiefbox/attacker/probe"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/serve"
)

// probeFlags are the flags of `probe`.
type probeFlags struct {
	profile, issuer, client      string
	constraint                   string
	method, body                 string
	headers, claims, otherClaims []string
	scope, audience, subject     string
	other, otherSubject          string
	cert, certKey                string
	otherCert, otherCertKey      string
	only, skip                   []string
	baseline, format             string
	json                         *bool
	verbose, list                bool
	ready, introspects           bool
	wait, timeout                time.Duration
	rate                         float64
	maxRequests                  int
	httpPort, httpsPort          int
	https, beyond                bool
	ca                           []string
}

var probeFormats = []string{"text", "json", "junit", "sarif", "markdown", "baseline"}

func (a *app) probeCommand() *cobra.Command {
	var f probeFlags
	cmd := &cobra.Command{
		Use:   "probe URL",
		Short: "let the thief loose on your own API",
		Long: "Tries an API of yours that takes access tokens. It has an authorization server of its own, which your API\n" +
			"must trust: the command prints what to paste where, and waits for Enter (--ready: it is configured already;\n" +
			"--wait 1m: ask until it serves). The keys are kept, so that this is done once; `thiefbox serve` has the same\n" +
			"ones. With --issuer it uses a `thiefbox serve` that is running, by any of its issuers.\n\n" +
			"First come right requests, which must be served: a thing that refuses everybody proves nothing. Then requests\n" +
			"that are wrong in one thing each (--list), every one followed by a right one. Breached: it was served, which\n" +
			"the bytes of the answer show. Held: it was refused. Void: it proves nothing, since something fell over. What a\n" +
			"breach is good for, the clause and what to do are told; a control that the profile does not ask for is told\n" +
			"too, and fails nothing. Refusals in unusual words are noted.\n\n" +
			"Every request is really made, about two for each try: ask for a record of test data, and think twice about POST.\n" +
			"The API must be on this machine unless told otherwise; redirects are not followed, and no credential is sent\n" +
			"but those that the authorization server here makes up.\n\n" +
			"This is for APIs. For a client of yours: `thiefbox serve`, which says what it does wrong. For an authorization\n" +
			"server: `thiefbox client`.\n\n" +
			"Exit status: 0 every try is held, or its control not asked for by the profile;\n" +
			"             1 a try is breached or void, or the honest are not served, or the baseline is stale;\n" +
			"             2 wrong usage; 3 a file, a port or the authorization server failed.",
		Example: "  thiefbox probe http://localhost:8080/fhir/Patient/p01 --audience http://localhost:8080/fhir --scope system/Patient.r\n" +
			"  thiefbox probe http://localhost:8080/fhir/Patient/p01 --subject p01 --other http://localhost:8080/fhir/Patient/p02 --other-subject p02\n" +
			"  thiefbox probe https://localhost:8443/notes --method POST --body note.json --header 'Content-Type: application/json' --ca ca.pem\n" +
			"  thiefbox probe http://localhost:8080/me --issuer http://localhost:9080/hardened --profile hardened --format junit\n" +
			"  thiefbox probe http://localhost:8080/me --ready --wait 1m --baseline known.yaml --format sarif\n" +
			"  thiefbox probe --list",
		Args: arguments(0, 1, "one URL"),
	}
	f.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *f.json {
			f.format = "json"
		}
		if f.list {
			return a.listTries(*f.json)
		}
		if len(args) == 0 {
			return usage("`thiefbox probe --help` shows examples.", "expected the URL of a record at your API, got none")
		}
		return a.probe(cmd.Context(), args[0], f)
	}
	return cmd
}

func (f *probeFlags) flags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.profile, "profile", defaultProfile, "ask what `PROFILE` asks of an API, with tokens as it has them; or a file")
	fs.StringVar(&f.issuer, "issuer", "", "`URL` of an issuer of a thiefbox serve that is running (default: one of its own)")
	fs.StringVar(&f.client, "client", "machine", "tokens are for the issuer's client `ID`")
	fs.StringVar(&f.constraint, "sender-constraint", "", "tokens are bound by `HOW`: dpop, mtls or bearer (default: the profile's)")
	fs.StringVar(&f.method, "method", "GET", "`METHOD` of the honest request")
	fs.StringVar(&f.body, "body", "", "`FILE` with its body")
	fs.StringArrayVar(&f.headers, "header", nil, "a `NAME: VALUE` sent along with every request; may stand several times")
	fs.StringVar(&f.scope, "scope", "", "`SCOPE` of tokens (default: all that the client has)")
	fs.StringVar(&f.audience, "audience", "", "`AUDIENCE` of tokens (default: scheme, host and port of URL)")
	fs.StringVar(&f.subject, "subject", "", "tokens speak for `SUBJECT` (default: the client itself)")
	fs.StringArrayVar(&f.claims, "claim", nil, "a `NAME=VALUE` in every token, JSON or text; may stand several times")
	fs.StringVar(&f.other, "other", "", "`URL` of a record of somebody else, which --subject must not reach")
	fs.StringVar(&f.otherSubject, "other-subject", "", "`SUBJECT` that has a right to --other, to show that it can be reached")
	fs.StringArrayVar(&f.otherClaims, "other-claim", nil, "a `NAME=VALUE` in the token of --other-subject, where a claim besides sub says who she is")
	fs.StringVar(&f.cert, "cert", "", "`FILE` with the client certificate in PEM that tokens are bound to (mtls)")
	fs.StringVar(&f.certKey, "cert-key", "", "`FILE` with its private key in PEM")
	fs.StringVar(&f.otherCert, "other-cert", "", "`FILE` with a certificate of the thief's that the API's TLS lets in (default: self-signed, or of the same authority)")
	fs.StringVar(&f.otherCertKey, "other-cert-key", "", "`FILE` with its private key in PEM")
	fs.StringSliceVar(&f.only, "only", nil, "only the tries `NAME,...`, or those of controls")
	fs.StringSliceVar(&f.skip, "skip", nil, "not the tries `NAME,...`, or those of controls")
	fs.BoolVar(&f.list, "list", false, "list the tries")
	fs.StringVar(&f.baseline, "baseline", "", "accept the known results of `FILE` (--format baseline prints one)")
	fs.StringVar(&f.format, "format", "text", "`FORMAT` of the output: "+strings.Join(probeFormats, ", "))
	f.json = jsonFlag(cmd)
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "say also what was not tried, and why")
	fs.BoolVar(&f.ready, "ready", false, "the API is configured: do not wait for Enter")
	fs.DurationVar(&f.wait, "wait", 0, "ask again for up to `DURATION` until the honest are served")
	fs.BoolVar(&f.introspects, "introspects", false, "the API asks about tokens (RFC 7662), though the issuer's log does not show it")
	fs.DurationVar(&f.timeout, "timeout", 10*time.Second, "`DURATION` to wait for an answer")
	fs.Float64Var(&f.rate, "rate", 50, "at most `N` requests a second")
	fs.IntVar(&f.maxRequests, "max-requests", 1000, "stop after `N` requests")
	fs.IntVar(&f.httpPort, "http-port", serve.DefaultHTTPPort, "`PORT` of its own authorization server; 0 takes a free one")
	fs.IntVar(&f.httpsPort, "https-port", serve.DefaultHTTPSPort, "`PORT` for the same over TLS; 0 takes a free one")
	fs.BoolVar(&f.https, "https", false, "the issuer that the API trusts is the one over TLS")
	fs.StringSliceVar(&f.ca, "ca", nil, "trust the certificates in `FILE,...` at the API, next to the machine's own and that of thiefbox serve")
	fs.BoolVar(&f.beyond, "beyond-loopback", false, "permit an API on another machine: only one of your own, with nobody's real data")
	_ = cmd.RegisterFlagCompletionFunc("profile", complete(profileNames))
	_ = cmd.RegisterFlagCompletionFunc("format", complete(func() []string { return probeFormats }))
	_ = cmd.RegisterFlagCompletionFunc("sender-constraint", complete(func() []string { return probeKinds }))
	_ = cmd.RegisterFlagCompletionFunc("only", completeList(tryNames))
	_ = cmd.RegisterFlagCompletionFunc("skip", completeList(tryNames))
}

func (a *app) probe(ctx context.Context, rawURL string, f probeFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	profile, err := f.findProfile()
	if err != nil {
		return err
	}
	target, err := f.target(rawURL, profile)
	if err != nil {
		return err
	}
	tries, err := f.tries()
	if err != nil {
		return err
	}
	known, err := readBaselineOf(f.baseline, tryNames())
	if err != nil {
		return err
	}
	if err := a.openJournal(nil); err != nil {
		return err
	}
	defer a.closeJournal()
	issuer, end, err := a.probeIssuer(ctx, &f, profile, &target)
	if err != nil {
		return err
	}
	defer end()
	ground, err := a.newProbeGround(ctx, f, issuer)
	if err != nil {
		return err
	}
	found, err := a.probeUntilServed(ctx, ground, target, tries, f.wait)
	if err != nil {
		return err
	}
	d := a.toldProbe(ctx, f, profile, target, ground, tries, found)
	if known != nil {
		m := d.Matrix()
		known.apply(&m)
		d.Accept(m)
	}
	a.surprised = d.Surprises() > 0
	return a.writeProbe(d, f)
}

// probeUntilServed tries once, or begins again while the honest are not served and there is time left.
func (a *app) probeUntilServed(ctx context.Context, g *probeGround, t probe.Target, tries []probe.Try, wait time.Duration) (probe.Findings, error) {
	progress := a.progress("tries")
	defer progress.end()
	done, until := 0, a.env.Now().Add(wait)
	for {
		found, err := probe.Run(ctx, g, t, tries, func(probe.Attempt) {
			done++
			progress.step(done, len(tries))
		})
		if err != nil || found.Served || !a.env.Now().Before(until) {
			return found, err
		}
		pause(ctx, time.Second)
	}
}

func (a *app) writeProbe(d report.Probe, f probeFlags) error {
	switch f.format {
	case "json":
		return report.WriteProbeJSON(a.out, d)
	case "junit":
		return report.WriteProbeJUnit(a.out, d)
	case "sarif":
		return report.WriteProbeSARIF(a.out, d)
	case "markdown":
		return report.WriteProbeMarkdown(a.out, d)
	case "baseline":
		return writeBaseline(a.out, d.Matrix())
	}
	return a.report(f.verbose, func(w io.Writer, opt report.TextOptions) error { return report.WriteProbe(w, d, opt) })
}

// findProfile finds the one profile.
func (f probeFlags) findProfile() (control.Profile, error) {
	ps, err := findProfiles([]string{f.profile})
	if err == nil && len(ps) != 1 {
		err = usage("Probe once for each.", "--profile: expected one profile, got %d", len(ps))
	}
	if err != nil {
		return control.Profile{}, err
	}
	return ps[0], nil
}

func (a *app) listTries(asJSON bool) error {
	var docs []tryDoc
	for _, t := range probe.Tries() {
		docs = append(docs, describeTry(t))
	}
	if asJSON {
		return document(a.out, explanation{Schema: schemaExplain, Tries: docs})
	}
	rows := [][]string{}
	for _, d := range docs {
		rows = append(rows, []string{d.Name, d.Control, d.Title})
	}
	if err := table(a.out, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.out, "\n`thiefbox explain NAME` says more of one.")
	return err
}
