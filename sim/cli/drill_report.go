package cli

import (
	"os"

	"github.com/spf13/cobra"

	"thiefbox/sim"
	"thiefbox/sim/drill/aar"
)

func (a *app) drillReportCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use: "report TAPE", Short: "the after-action report of a tape",
		Long: "Plays a tape, scores it, and plays it again with single decisions made earlier or left out: every \"what if\" in\n" +
			"the report was run. What people have to say is left empty: ratings are proposals, the plan has no owners yet.",
		Example: "  thiefbox drill report d5.tape\n  thiefbox drill report d5.tape --format html > report.html",
		Args:    arguments(1, 1, "one tape"),
	}
	cmd.Flags().StringVar(&format, "format", "md", "`FORMAT`: md, html or json")
	_ = cmd.RegisterFlagCompletionFunc("format", complete(aar.Formats))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := oneOf("format", format, aar.Formats()...); err != nil {
			return err
		}
		data, err := os.ReadFile(args[0])
		if err != nil {
			return environment("%w", err)
		}
		t, _, err := a.readTape(args[0], data)
		if err != nil {
			return err
		}
		r, err := aar.Make(cmd.Context(), t, sim.NewExercise)
		if err != nil {
			return usage("the tape is of another version of thiefbox, or was changed.", "%s: %w", args[0], err)
		}
		return r.Write(a.out, format)
	}
	return cmd
}
