package cli

import (
	"context"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/sim/control"
	"thiefbox/sim/serve"
	"thiefbox/sim/telemetry"
)

// serveFlags are the flags of `serve`.
type serveFlags struct {
	config    serve.Config
	ephemeral bool
	untilEOF  bool
	print     string // the configuration to print instead of serving; empty to serve
	variant   map[string]string
	lifetimes map[string]string
}

func (a *app) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "put the authorization server and the FHIR API on this machine's sockets",
		Long: "Serves the authorization server and the FHIR API over HTTPS and HTTP on this machine, for your own client\n" +
			"or API to talk to, and says first what to paste where. The first segment of a path is an issuer of its\n" +
			"own, made when it is first used: /team-a under the default profile, /hardened under the profile of that\n" +
			"name, /team-a~hardened under both. Every refusal explains itself at /ISSUER/_thiefbox/why, and tests drive\n" +
			"it over HTTP as /ISSUER/_thiefbox/openapi.yaml says: tokens right or wrong, errors, the clock, controls.\n\n" +
			"The certificate authority, the keys and the clients' files are kept beside the history, so that what trusts\n" +
			"them today does so tomorrow; --ephemeral keeps nothing. With --data DIR, or --keep, so is all that clients and\n" +
			"people do: records, exports, registrations, grants, tokens, sessions, proofs and nonces, what was withdrawn or denied,\n" +
			"who looked at what, the clock. A server that was killed then goes on where it was, with everything that it\n" +
			"had answered, and each answer waits for the disk; --keep=false does without. It binds issuers to their\n" +
			"ports: name them.\n" +
			"On a terminal the requests are shown as they come, with every check; --plain prints the first page only.\n" +
			"Ctrl-C ends it; the screens ask once more while clients call.\n\n" +
			"Forty patients are always there. --people adds as many as you like, in households and panels, whose records\n" +
			"are made when they are asked for. A hundred thousand weigh about 100 MB; two seconds after the start\n" +
			"whatever their records say is searched, sorted and counted by indexes. --import adds those of a folder\n" +
			"of FHIR R4 bundles or NDJSON. Records that are wrong are told by file, entry or line, and path, and then\n" +
			"nothing is served without --skip-invalid. A million records take a minute to be read and indexed, and weigh twice\n" +
			"their text. Until what finds those of a type is made, searches for them are answered with 503 and Retry-After.\n\n" +
			"What it holds is bounded, the oldest first to go: of each issuer the latest events, 4 MiB of them and 32 MiB in all,\n" +
			"the newest 4,096 pushed requests of a client, and 32,768 access tokens, those in use last to go. A body may\n" +
			"have 64 KiB, a record 2 MiB, a bundle of them 16 MiB and 10,000 entries, all headers 64 KiB, a port 1,024\n" +
			"connections. An export is there for an hour, and 100 of a client at a time; versions of records are kept for good.\n" +
			"Who takes 5 seconds over headers or 15 over a body is cut off.\n\n" +
			"Subscriptions (FHIR R4, rest-hook) are sent what is written from the background, three tries each, 1,024 waiting at most; a\n" +
			"subscription that was not served says so. They reach this machine alone, and none of these ports: --hook-site names\n" +
			"other sites, and lets every client subscribe there. rs/subscription-endpoint wants a site of the client's own.\n\n" +
			"Clients with a certificate (RFC 8705) connect to a port of their own, --mtls-port: the metadata has the\n" +
			"aliases, and the API is there too. Browsers on the sign-in pages are asked for none.\n\n" +
			"The OpenID Foundation's conformance suite has its clients at every issuer. --print-config oidf prints what its\n" +
			"test plans take, keys and browser commands included, and ends; --suite-variant names the plan's variant in\n" +
			"the suite's words. Give it the flags you serve with.\n\n" + lifetimesHelp(),
		Example: "  thiefbox serve\n  thiefbox serve --profile hardened --https-port 0 --http-port -1\n  thiefbox serve --ephemeral --separate-replay\n" +
			"  thiefbox serve --sign-in-as berg --consent --lifetime access_token=30s,code=5s\n" +
			"  thiefbox serve --profile hardened --print-config oidf --suite-variant openid=plain_oauth > suite.json\n" +
			"  thiefbox serve --ephemeral --https-port 0 --http-port 0 --ready-file ready.json --until-eof",
		Args: arguments(0, 0, "no name"),
	}
	c := &f.config
	cmd.Flags().StringVar(&c.Profile, "profile", "fapi2-dpop", "`PROFILE` of issuers that name none, or a file")
	cmd.Flags().IntVar(&c.HTTPSPort, "https-port", serve.DefaultHTTPSPort, "`PORT` for HTTPS; 0 takes a free one, -1 none")
	cmd.Flags().IntVar(&c.MTLSPort, "mtls-port", 0, "`PORT` for HTTPS that asks for client certificates; 0 takes the one after --https-port, -1 none")
	cmd.Flags().IntVar(&c.HTTPPort, "http-port", serve.DefaultHTTPPort, "`PORT` for HTTP; 0 takes a free one, -1 none")
	cmd.Flags().StringVar(&c.Host, "host", "", "listen on `ADDRESS` (default: 127.0.0.1 and ::1)")
	cmd.Flags().BoolVar(&c.BeyondLoopback, "beyond-loopback", false, "permit an address that other machines can reach: everything here is open to whoever can reach it")
	cmd.Flags().StringSliceVar(&c.Names, "name", nil, "further host `NAME,...` to answer to, such as that of a container")
	cmd.Flags().StringSliceVar(&c.RedirectURIs, "redirect-uri", nil, "register `URI,...` for the web applications, next to those on localhost")
	cmd.Flags().StringSliceVar(&c.HookSites, "hook-site", nil, "let subscriptions send records to `ORIGIN,...` too; without it they reach this machine alone")
	cmd.Flags().BoolVar(&c.SeparateReplay, "separate-replay", false, "let each node of the FHIR API remember only the proofs it has seen itself")
	cmd.Flags().StringVar(&f.print, "print-config", "", "print a configuration instead of serving: `NAME` is "+strings.Join(configs, ", "))
	cmd.Flags().StringVar(&c.Suite, "suite", serve.DefaultSuite, "`URL` of the conformance suite, where its clients are sent back to")
	cmd.Flags().StringToStringVar(&f.variant, "suite-variant", nil, "`NAME=VALUE,...` of the suite's plan (default: private_key_jwt, dpop, plain_fapi, openid_connect)")
	cmd.Flags().StringVar(&c.SuiteAlias, "suite-alias", serve.DefaultSuiteAlias, "`ALIAS` of its test configuration")
	cmd.Flags().BoolVar(&f.ephemeral, "ephemeral", false, "keep no certificate authority and no keys")
	cmd.Flags().BoolVar(&c.Keep, "keep", false, "keep all that clients and people do (default: with --data); each answer waits for the disk")
	cmd.Flags().StringVar(&c.ClientsFile, "clients", "", "register the clients of `FILE` (YAML or JSON, names of RFC 7591; --print-config clients-schema prints its JSON Schema), and again when it changes")
	cmd.Flags().IntVar(&c.People, "people", 0, "serve `NUMBER` invented patients beside the forty, up to 999,999; their records are made when they are asked for")
	cmd.Flags().Uint64Var(&c.PeopleSeed, "people-seed", 1, "make the same people again by their `NUMBER`")
	cmd.Flags().StringVar(&c.Import, "import", "", "serve the patients of `PATH` too: a folder of FHIR R4 bundles (Synthea) or NDJSON, or one such file")
	cmd.Flags().BoolVar(&c.SkipInvalid, "skip-invalid", false, "with --import: leave out resources that are wrong, in place of loading nothing")
	cmd.Flags().BoolVar(&c.Awkward, "awkward", false, "be right, and awkward still: refuse some good nonces, be busy, replace a key, write token_type in another case")
	cmd.Flags().Uint64Var(&c.AwkwardSeed, "awkward-seed", 1, "repeat a sequence of awkwardness by its `NUMBER`")
	cmd.Flags().StringVar(&c.ReadyFile, "ready-file", "", "write issuer, origins, certificate authority and clients as JSON to `FILE` once it listens")
	cmd.Flags().BoolVar(&f.untilEOF, "until-eof", false, "end when standard input does, so that a test that is killed leaves no server behind")
	f.settingFlags(cmd)
	cmd.Flags().Lookup("suite-variant").DefValue = ""
	_ = cmd.RegisterFlagCompletionFunc("profile", complete(profileNames))
	_ = cmd.RegisterFlagCompletionFunc("suite-variant", complete(serve.SuiteVariants))
	_ = cmd.RegisterFlagCompletionFunc("print-config", complete(func() []string { return configs }))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f.config.Keep = f.keeps(cmd, a.data)
		return a.serve(cmd.Context(), f)
	}
	return cmd
}

func (a *app) serve(ctx context.Context, f serveFlags) error {
	if isFile(f.config.Profile) {
		p, err := profileFile(f.config.Profile)
		if err != nil {
			return err
		}
		f.config.Own = &p
	} else if _, err := control.ProfileNamed(f.config.Profile); err != nil {
		return unknown(f.config.Profile, "profile", profileNames(), "There are "+strings.Join(profileNames(), ", ")+".")
	}
	if f.print != "" {
		if err := checkPrint(f); err != nil {
			return err
		}
	}
	if err := f.settle(); err != nil {
		return err
	}
	c := f.config
	c.Now = a.env.Now
	if f.ephemeral && c.Keep {
		return usage("", "expected --keep or --ephemeral, got both")
	}
	if !f.ephemeral {
		dir, err := dataDir(a.data, runtime.GOOS, a.env.Getenv)
		if err != nil {
			return environment("%w", err)
		}
		c.Dir, c.SuiteKey = filepath.Join(dir, "serve"), true
	}
	if f.print == "clients-schema" {
		_, err := a.out.Write(serve.ClientsSchema())
		return err
	}
	if f.print != "" {
		c.Keep = false // a server that is running has the file, and its keys are all that is asked for
		return a.printConfig(c, f.variant)
	}
	watched := a.interactive() && !f.untilEOF
	ring := (*telemetry.Ring)(nil)
	if watched {
		ring = telemetry.NewRing(logLines)
	}
	if err := a.openJournal(ring); err != nil {
		return err
	}
	defer a.closeJournal()
	if sink := a.sink(ctx); sink != nil && a.log != "" { // the screens read what they show themselves, when they show it
		a.logServer(&c, sink)
	}
	a.untilInterrupted = true
	defer beThrifty()()
	if f.untilEOF {
		ctx = untilEOF(ctx, a.env.Stdin)
	}
	run := func() error { return serve.Run(ctx, c, a.flushing()) }
	if watched {
		run = func() error {
			return serve.RunWatched(ctx, c, func(ctx context.Context, first string, w serve.Watched) error {
				return a.watchServer(ctx, ring, first, w)
			})
		}
	}
	err := run()
	if err == nil {
		return nil
	}
	advice := ""
	if c.Host != "" && !c.BeyondLoopback {
		advice = "--beyond-loopback lets other machines in; all of this is open to whoever can reach it."
	}
	return &failure{status: exitEnvironment, cause: err, advice: advice}
}

// untilEOF is ctx, ended at the end of a stream that nobody writes to.
func untilEOF(ctx context.Context, in io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, in) // however it ends, it has ended
	}()
	return ctx
}

// flushing is standard output for a command that does not end of itself: what it prints is seen at once.
func (a *app) flushing() *flushWriter { return &flushWriter{a} }

type flushWriter struct{ a *app }

func (w *flushWriter) Write(p []byte) (int, error) {
	n, err := w.a.out.Write(p)
	if err == nil {
		err = w.a.out.Flush()
	}
	return n, err
}
