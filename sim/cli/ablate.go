package cli

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"thiefbox/attacker"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
	"thiefbox/sim/worth"
)

func (a *app) ablateCommand() *cobra.Command {
	var profiles []string
	var workers, budget int
	cmd := &cobra.Command{
		Use:   "ablate [ID...]",
		Short: "what each control is worth: take controls away, alone, in pairs and in all ways that matter",
		Long: "Takes the controls of a profile away and plays the attacks again, all or those you name: which control\n" +
			"is missed if it alone is gone, which pairs stand in for each other, the smallest sets that stop an\n" +
			"attack with nothing else on, and how the credit divides (Shapley value). All sets of controls are\n" +
			"covered: what was never asked, or only passed, cannot have mattered, so a few runs stand for the\n" +
			"rest. They are remembered. Where more than 16 controls matter there may be more parts than --budget;\n" +
			"then sets are what a search has found, made smaller until no control can be spared (it says where its\n" +
			"questions were used up), and shares are estimated from orders drawn at random. Chains (family CH)\n" +
			"stand apart and are not counted: the attacks they consist of are. Ctrl-C prints what is done so far.",
		Example:           "  thiefbox ablate\n  thiefbox ablate D-04 --profile hardened\n  thiefbox explain profile fapi2-dpop > ours.yaml\n  thiefbox ablate T-01 --profile ./ours.yaml --json",
		ValidArgsFunction: complete(playableNames),
	}
	profileFlag(cmd, &profiles, "take controls away from `P,...` (default "+defaultProfile+")")
	cmd.Flags().IntVar(&workers, "workers", 0, "`N` attacks at a time; 0 means one for each core")
	cmd.Flags().IntVar(&budget, "budget", worth.Budget, "leave an attack's map incomplete beyond `N` parts")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		catalogues, err := a.ablate(cmd.Context(), args, profiles, workers, budget)
		if err != nil && cmd.Context().Err() == nil {
			return err
		}
		if *asJSON {
			return report.WriteAblationJSON(a.out, catalogues)
		}
		return a.report(false, func(w io.Writer, opt report.TextOptions) error {
			return report.WriteAblation(w, describeAll(), catalogues, opt)
		})
	}
	return cmd
}

// ablate ablates under each profile. Interrupted, it returns what is done and the error.
func (a *app) ablate(ctx context.Context, names, profileNames []string, workers, budget int) ([]worth.Catalogue, error) {
	if workers < 0 {
		return nil, usage("0 means one for each core.", "--workers: expected 0 or more, got %d", workers)
	}
	if budget < 1 {
		return nil, usage("the usual is as many as there are sets of 16 controls.", "--budget: expected 1 or more, got %d", budget)
	}
	a.budget = budget
	if len(profileNames) == 0 {
		profileNames = []string{defaultProfile}
	}
	techniques, profiles, err := crossing(names, profileNames)
	if err != nil {
		return nil, err
	}
	var out []worth.Catalogue
	for _, p := range profiles {
		fitting := applicable(techniques, p)
		if len(names) == 1 && len(fitting) == 0 && len(profiles) == 1 {
			what, instead := pair{techniques[0], p}.notApplicable()
			return nil, usage(instead, "%s", what)
		}
		maps, runs, err := a.maps(ctx, techniques, p, workers)
		c := worth.Across(p, maps, isChain)
		c.Asked, c.Runs, c.Budget = len(fitting), runs, budget
		out = append(out, c)
		for _, x := range slices.Concat(c.Attacks, c.Chains) {
			expected := a.expected(x.Attack, p.Name)
			a.surprised = a.surprised || x.Outcome == verdict.Void || expected != "" && expected != x.Outcome
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func isChain(attack string) bool { return attacker.Technique{ID: attack}.IsChain() }

func applicable(ts []attacker.Technique, p control.Profile) (out []attacker.Technique) {
	for _, t := range ts {
		if sim.Applies(t, p.Dialect) {
			out = append(out, t)
		}
	}
	return out
}

// describeAll is every attack for a reader.
func describeAll() (out []report.Attack) {
	for _, t := range attacker.All() {
		out = append(out, sim.Describe(t))
	}
	return out
}
