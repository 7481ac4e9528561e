package cli

import (
	"bufio"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"thiefbox/sim/tui"
	"thiefbox/sim/verdict"
)

// app is one invocation: the environment, the flags that all commands share, and what came of it.
type app struct {
	env Env
	out *bufio.Writer // standard output; everything a command prints goes here

	seed      uint64
	plain     bool
	data      string
	noHistory bool
	log       string
	logFormat string
	theme     string

	budget   int                                          // of a map, in parts; 0 for the usual
	expected func(attack, profile string) verdict.Outcome // the reviewed matrix
	journal  *journal                                     // nil if nothing is logged
	opened   sync.Mutex                                   // held while the file is open: the screens ask from several goroutines
	keeping  sync.WaitGroup                               // runs that are kept while somebody looks at the screens
	unkept   atomic.Int64                                 // how many those are
	memories sync.Map                                     // *memory by memoryKey: what was found out in this invocation
	// untilInterrupted: the command ends by Ctrl-C, as it is meant to.
	untilInterrupted bool
	screened         bool // the screens own the terminal: nothing else may write to it
	surprised        bool // a run was void, or not as the reviewed matrix says
}

const defaultSeed = 42

var themes = []string{"auto", "light", "dark", "mono"}

const about = `thiefbox is a whole small health-data ecosystem in one program: an authorization server, a FHIR API,
the systems of clinics, the people who use them, and a thief. It plays an attack with real HTTP
messages and real cryptography, and shows what the thief ended up holding, under one security profile
beside another. Everything in it is invented, and nothing leaves this machine.

Without a command it opens its screens.`

const examples = `  thiefbox                                          choose a theft and watch it
  thiefbox list                                     what there is
  thiefbox explain D-04                             what an attack does, and who stops it
  thiefbox run D-04 --profile legacy,fapi2-dpop     one attack under two profiles
  thiefbox matrix                                   every attack under every profile
  thiefbox peel D-04 --profile hardened             what stands behind the first defence
  thiefbox serve                                    the same servers for your own client or API
  thiefbox drill play ten-minutes                   something is leaking: what do you do?
  thiefbox lesson run 1                             guided lessons, eight minutes each
  thiefbox rollout                                  bring a whole ecosystem over, policies side by side
  thiefbox probe http://localhost:8080/fhir/Patient/p01    the thief at your own API
  thiefbox client --issuer URL --client-id ID --key FILE   the same client for your own server

Exit status: 0 as expected, 1 otherwise, 2 wrong usage, 3 a file or the terminal failed.`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "thiefbox",
		Short:         "steal a token, replay it, see what the thief ends up holding",
		Long:          about,
		Example:       examples,
		SilenceErrors: true, // finish prints them, once
		SilenceUsage:  true,
		Args:          a.noSuchCommand,
		RunE:          a.home,
		Version:       a.env.Version, // --version, if it is known
	}
	f := root.PersistentFlags()
	f.Uint64Var(&a.seed, "seed", defaultSeed, "`SEED` of all dice: the same seed gives the same run")
	f.BoolVar(&a.plain, "plain", false, "text only: no screens, no colours, no cursor movement")
	f.StringVar(&a.data, "data", "", "keep the history in `DIR` (default: the user's data directory)")
	f.BoolVar(&a.noHistory, "no-history", false, "keep no run in the history")
	f.StringVar(&a.log, "log", "", "append every event to `FILE`, as JSON lines, secrets redacted")
	f.StringVar(&a.logFormat, "log-format", everyEvent, "`FORMAT` of --log: events, or what the servers' own logs have as json, ocsf, ecs or otlp")
	_ = root.RegisterFlagCompletionFunc("log-format", complete(logFormats))
	f.StringVar(&a.theme, "theme", "auto", "`COLOURS`: auto, light, dark or mono")
	_ = root.RegisterFlagCompletionFunc("theme", complete(func() []string { return themes }))
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.listCommand(), a.explainCommand(), a.runCommand(), a.matrixCommand(), a.peelCommand(), a.ablateCommand(), a.orderCommand(), a.coverageCommand(), a.riskCommand(), a.detectCommand(), a.inventoryCommand(),
		a.historyCommand(), a.replayCommand(), a.drillCommand(), a.lessonCommand(), a.rolloutCommand(), a.serveCommand(), a.clientCommand(), a.probeCommand())
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := a.checkLogFormat(cmd.Name()); err != nil {
			return err
		}
		return oneOf("theme", a.theme, themes...)
	}
	return root
}

// home opens the screens if somebody sits before them, else prints the help.
func (a *app) home(cmd *cobra.Command, _ []string) error {
	if a.interactive() {
		return a.screens(cmd.Context(), tui.Options{})
	}
	return cmd.Help()
}

// interactive tells whether the screens can be used: they need a terminal on both ends that can move
// its cursor, and a person who has not asked for plain text.
func (a *app) interactive() bool {
	return !a.plainTerminal() && a.env.IsTerminal(a.env.Stdin) && a.env.IsTerminal(a.env.Stdout)
}

func (a *app) plainTerminal() bool { return a.plain || a.env.Getenv("TERM") == "dumb" }

// noSuchCommand refuses the arguments of the root command. Somebody who typed an attack where a
// command belongs is told how to run it.
func (a *app) noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	const all = "`thiefbox help` shows the commands."
	if _, err := findSubject(args[0]); err == nil {
		return usage(fmt.Sprintf("did you mean \"thiefbox run %s\"? %s", args[0], all), "no command is called %q", args[0])
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return usage(didYouMean(args[0], names, all), "no command is called %q", args[0])
}

// flagError adds the nearest flag to the message about an unknown one.
func flagError(cmd *cobra.Command, err error) error {
	advice := fmt.Sprintf("`%s --help` shows the flags.", cmd.CommandPath())
	if _, name, found := strings.Cut(err.Error(), "unknown flag: --"); found {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := nearest(name, names); near != "" {
			advice = fmt.Sprintf("did you mean \"--%s\"? %s", near, advice)
		}
	}
	return usage(advice, "%w", err)
}

// oneOf refuses a flag whose value is not among the words allowed.
func oneOf(flag, value string, words ...string) error {
	for _, w := range words {
		if value == w {
			return nil
		}
	}
	return usage(didYouMean(value, words, ""), "--%s: expected one of %s, got %q", flag, strings.Join(words, ", "), value)
}

// arguments makes the check of a command's arguments: at least least, and at most most unless negative.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		return usage(fmt.Sprintf("`%s --help` shows how it is used.", cmd.CommandPath()),
			"%s: expected %s, got %d argument%s", cmd.Name(), what, len(args), ifElse(len(args) == 1, "", "s"))
	}
}

// jsonFlag gives a command its --json.
func jsonFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("json", false, "print one JSON document")
}
