package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"thiefbox/sim/control"
	"thiefbox/sim/report"
)

// runFlags are the flags of `run`.
type runFlags struct {
	profiles []string
	without  []string
	wire     string
	verbose  bool
	json     *bool
	events   bool
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run ID...",
		Short: "play attacks, and say what the thief ended up holding",
		Long: "Plays an attack, named by its catalogue id or its name, or a scenario. Under several profiles the\n" +
			"runs are set side by side. A scenario brings its own profiles; an attack is played under\n" +
			defaultProfile + " unless you say otherwise.",
		Example: "  thiefbox run D-04\n  thiefbox run D-04 --profile legacy,fapi2-dpop\n  thiefbox run D-04 T-01 --profile all --json\n" +
			"  thiefbox run D-04 --profile hardened --without rs/dpop-nonce",
		Args:              arguments(1, -1, "one attack or scenario, or several"),
		ValidArgsFunction: complete(playableNames),
	}
	profileFlag(cmd, &f.profiles, "play under `P,...`, or all")
	cmd.Flags().StringSliceVar(&f.without, "without", nil, "switch off the controls `C,...`")
	_ = cmd.RegisterFlagCompletionFunc("without", completeList(controlNames))
	wireFlag(cmd, &f.wire)
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "tell everything: honest people's messages too, and each check")
	cmd.Flags().BoolVar(&f.events, "events", false, "with --json: the whole event log, secrets replaced by names")
	f.json = jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.run(cmd.Context(), args, f) }
	return cmd
}

func profileFlag(cmd *cobra.Command, to *[]string, help string) {
	cmd.Flags().StringSliceVar(to, "profile", nil, help)
	names := func() []string { return append(profileNames(), "all") }
	_ = cmd.RegisterFlagCompletionFunc("profile", completeList(names))
}

func wireFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "wire", "memory", "`WAY` messages travel: memory, or tcp (real TLS sockets on this machine)")
	_ = cmd.RegisterFlagCompletionFunc("wire", complete(func() []string { return []string{"memory", "tcp"} }))
}

func (a *app) run(ctx context.Context, names []string, f runFlags) error {
	if err := oneOf("wire", f.wire, "memory", "tcp"); err != nil {
		return err
	}
	without, err := findControls(f.without)
	if err != nil {
		return err
	}
	plan, total, err := a.plan(names, f.profiles)
	if err != nil {
		return err
	}
	if err := a.openJournal(nil); err != nil {
		return err
	}
	defer a.closeJournal()
	groups, err := a.playAll(ctx, plan, total, without, f.wire)
	if err != nil {
		return err
	}
	a.keep(groups)
	if *f.json {
		var runs []report.Run
		for _, g := range groups {
			runs = append(runs, g...)
		}
		return report.WriteRunJSON(a.out, runs, report.JSONOptions{Events: f.events})
	}
	return a.tell(groups, f.verbose)
}

// plan turns names into runs to be made, a group for each name, and says on standard error what makes
// no sense. It is wrong usage if nothing is left.
func (a *app) plan(names, profiles []string) (plan [][]pair, total int, err error) {
	var asked []control.Profile
	if len(profiles) > 0 {
		if asked, err = findProfiles(profiles); err != nil {
			return nil, 0, err
		}
	}
	var skipped []pair
	for _, name := range names {
		s, err := findPlayable(name)
		if err != nil {
			return nil, 0, err
		}
		group, not, err := s.pairs(asked)
		if err != nil {
			return nil, 0, err
		}
		if len(group) > 0 {
			plan = append(plan, group)
		}
		skipped = append(skipped, not...)
		total += len(group)
	}
	if total == 0 {
		what, instead := skipped[0].notApplicable()
		return nil, 0, usage(instead, "%s", what)
	}
	for _, p := range skipped {
		what, _ := p.notApplicable()
		fmt.Fprintln(a.env.Stderr, "thiefbox: "+what)
	}
	return plan, total, nil
}

func (a *app) playAll(ctx context.Context, plan [][]pair, total int, without []*control.Control, wire string) ([][]report.Run, error) {
	progress := a.progress("runs")
	defer progress.end()
	groups := make([][]report.Run, len(plan))
	done := 0
	for i, group := range plan {
		for _, p := range group {
			run, err := a.play(ctx, p, without, wire)
			if err != nil {
				return nil, err
			}
			groups[i] = append(groups[i], run)
			a.surprised = a.surprised || run.Surprise()
			done++
			progress.step(done, total)
		}
	}
	return groups, nil
}

// tell prints a run as its story, and several of one attack side by side.
func (a *app) tell(groups [][]report.Run, verbose bool) error {
	for i, g := range groups {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		err := a.report(verbose, func(w io.Writer, opt report.TextOptions) error {
			if len(g) == 1 {
				return report.WriteRun(w, g[0], opt)
			}
			return report.WriteCompare(w, g, opt)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
