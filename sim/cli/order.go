package cli

import (
	"io"

	"github.com/spf13/cobra"

	"thiefbox/sim"
	"thiefbox/sim/report"
	"thiefbox/sim/worth"
)

func (a *app) orderCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "order",
		Short: "which control to deploy next, and whom it breaks",
		Long: "From where you stand, a named profile or a file of your own, says which control to switch on next: the\n" +
			"one that stops the most attacks that still get in, then the next. The honest clients of the cast play\n" +
			"their day with each control, so you see who would be refused. How clients speak stays as it is;\n" +
			"controls that they could not satisfy are listed with whom they break. Chains (family CH) are not\n" +
			"counted: the attacks they consist of are.",
		Example: "  thiefbox order --from legacy\n  thiefbox explain profile bcp > ours.yaml\n  thiefbox order --from ./ours.yaml --json",
		Args:    arguments(0, 0, "no arguments"),
	}
	cmd.Flags().StringVar(&from, "from", defaultProfile, "the `PROFILE` you have, or a file")
	_ = cmd.RegisterFlagCompletionFunc("from", complete(profileNames))
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := oneProfile("from", from)
		if err != nil {
			return err
		}
		maps, _, err := a.maps(cmd.Context(), waysToSteal(), p, 0)
		if err != nil {
			return err
		}
		breaks, err := sim.Breaks(cmd.Context(), p, a.seed)
		if err != nil {
			return err
		}
		r := worth.Order(p, maps, breaks)
		a.surprised = len(r.Void) > 0
		if *asJSON {
			return report.WriteOrderJSON(a.out, r)
		}
		return a.report(false, func(w io.Writer, opt report.TextOptions) error {
			return report.WriteOrder(w, describeAll(), r, opt)
		})
	}
	return cmd
}
