package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"thiefbox/sim"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

func (a *app) peelCommand() *cobra.Command {
	var profiles []string
	var wire string
	cmd := &cobra.Command{
		Use:   "peel ID",
		Short: "take away what stopped an attack, again and again, until it wins",
		Long: "Plays an attack, switches off the control that stopped it, and plays it again until the thief wins.\n" +
			"What was taken away, layer by layer, is the defence in depth. The history does not keep these runs:\n" +
			"`thiefbox run ID --without CONTROL,...` plays one of them and keeps it.",
		Example:           "  thiefbox peel D-04 --profile hardened",
		Args:              arguments(1, 1, "one attack"),
		ValidArgsFunction: complete(playableNames),
	}
	profileFlag(cmd, &profiles, "begin with `P` (default "+defaultProfile+", or the first that makes sense)")
	wireFlag(cmd, &wire)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := oneOf("wire", wire, "memory", "tcp"); err != nil {
			return err
		}
		p, err := onePair(args[0], profiles)
		if err != nil {
			return err
		}
		peel, err := a.peel(cmd.Context(), p, wire)
		if err != nil {
			return err
		}
		if *asJSON {
			return report.WritePeelJSON(a.out, peel)
		}
		return a.report(false, func(w io.Writer, opt report.TextOptions) error { return report.WritePeel(w, peel, opt) })
	}
	return cmd
}

// onePair is the attack to peel, and the one profile to peel it under.
func onePair(name string, profiles []string) (pair, error) {
	t, err := findAttack(name)
	if err != nil {
		return pair{}, err
	}
	p := pair{t, usualProfile(t)}
	if len(profiles) == 0 {
		return p, nil
	}
	asked, err := findProfiles(profiles)
	if err != nil {
		return pair{}, err
	}
	if len(asked) != 1 {
		return pair{}, usage("name the one to begin with.", "--profile: expected one profile, got %d", len(asked))
	}
	p.profile = asked[0]
	if !sim.Applies(t, p.profile.Dialect) {
		what, instead := p.notApplicable()
		return pair{}, usage(instead, "%s", what)
	}
	return p, nil
}

// peel peels. Its first layer is an ordinary run, so the reviewed matrix has a word on it; a void run
// at the end proves nothing and is never as expected.
func (a *app) peel(ctx context.Context, p pair, wire string) (report.Peel, error) {
	if err := a.openJournal(nil); err != nil {
		return report.Peel{}, err
	}
	defer a.closeJournal()
	peel, err := sim.Peel(ctx, p.technique, sim.Options{Profile: p.profile, Seed: a.seed, Wire: wire, Sink: a.sink(ctx)})
	if err != nil {
		return peel, err
	}
	first, last := peel.Layers[0].Verdict.Outcome, peel.Layers[len(peel.Layers)-1].Verdict.Outcome
	expected := a.expected(p.technique.ID, p.profile.Name)
	a.surprised = last == verdict.Void || expected != "" && expected != first
	return peel, nil
}
