package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/profile"
	"thiefbox/sim/report"
	"thiefbox/sim/worth"
)

// riskFlags are the flags of `risk`.
type riskFlags struct{ before, after, weights string }

func (a *app) riskCommand() *cobra.Command {
	var f riskFlags
	cmd := &cobra.Command{
		Use:   "risk",
		Short: "what is left of the ways to steal, before and after",
		Long: "Plays every way to steal records under two profiles, and says which share of them still yields data:\n" +
			"weighted by how common you think each is, with intervals for how unsure that is, with the records lost\n" +
			"per success, and with the thief who picks the best way that is left. Chains (family CH) are not counted:\n" +
			"what they are made of is. Read the caveats it prints.\n" +
			"`explain weights` prints the weights that go without saying, as a file to change; a file that cannot be\n" +
			"read is answered with line and column.",
		Example: "  thiefbox risk --before legacy --after fapi2-dpop\n  thiefbox explain profile bcp > ours.yaml\n  thiefbox explain weights > weights.yaml\n  thiefbox risk --before ./ours.yaml --after hardened --weights weights.yaml --json",
		Args:    arguments(0, 0, "no arguments"),
	}
	cmd.Flags().StringVar(&f.before, "before", "legacy", "the `PROFILE` before, or a file")
	cmd.Flags().StringVar(&f.after, "after", defaultProfile, "the `PROFILE` after, or a file")
	cmd.Flags().StringVar(&f.weights, "weights", "", "`FILE` with how common attacks or families are (default: all alike)")
	for _, flag := range []string{"before", "after"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, complete(profileNames))
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		before, err := oneProfile("before", f.before)
		if err != nil {
			return err
		}
		after, err := oneProfile("after", f.after)
		if err != nil {
			return err
		}
		o, err := a.riskOptions(f.weights)
		if err != nil {
			return err
		}
		progress := a.progress("attacks ablated")
		r, err := a.risk(cmd.Context(), before, after, o, progress.step)
		progress.end()
		if err != nil {
			return err
		}
		if *asJSON {
			return report.WriteRiskJSON(a.out, r)
		}
		return a.report(false, func(w io.Writer, opt report.TextOptions) error {
			return report.WriteRisk(w, describeAll(), r, opt)
		})
	}
	return cmd
}

// waysToSteal are the attacks that count. A chain is made of attacks that are counted by themselves.
func waysToSteal() []attacker.Technique {
	return slices.DeleteFunc(attacker.All(), attacker.Technique.IsChain)
}

func (a *app) riskOptions(file string) (worth.RiskOptions, error) {
	o := worth.RiskOptions{Concentration: worth.UsualConcentration, Draws: worth.UsualDraws, Seed: a.seed}
	if file == "" {
		return o, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return o, usage("`thiefbox explain weights` prints one to begin from.", "--weights: %w", err)
	}
	w, err := profile.ParseWeights(file, data, ids(waysToSteal()), nearest)
	if e := (*profile.Error)(nil); errors.As(err, &e) {
		return o, usage(e.Hint, "%w", err)
	}
	o.Weights = w.ByAttack
	if w.Concentration > 0 {
		o.Concentration = w.Concentration
	}
	return o, err
}

func (a *app) risk(ctx context.Context, before, after control.Profile, o worth.RiskOptions, step func(done, total int)) (worth.Risk, error) {
	var sides []worth.Side
	for _, p := range []control.Profile{before, after} {
		maps, _, err := a.mapsTelling(ctx, waysToSteal(), p, 0, step)
		if err != nil {
			return worth.Risk{}, err
		}
		sides = append(sides, worth.Side{Profile: p, Maps: maps})
	}
	var thefts []worth.Theft
	for _, t := range waysToSteal() {
		theft := worth.Theft{Attack: t.ID}
		for _, v := range t.Needs {
			theft.Foothold = append(theft.Foothold, string(v))
		}
		for _, asset := range t.Has {
			theft.Foothold = append(theft.Foothold, string(asset))
		}
		thefts = append(thefts, theft)
	}
	return worth.Compare(sides[0], sides[1], thefts, o), nil
}
