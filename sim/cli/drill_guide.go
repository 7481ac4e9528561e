package cli

import (
	"github.com/spf13/cobra"

	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/drill"
	"thiefbox/sim/drill/handout"
)

func (a *app) drillGuideCommand() *cobra.Command {
	var format, country string
	cmd := &cobra.Command{
		Use: "guide DRILL", Short: "the facilitator's guide to a drill, to print: goals, timetable, what good looks like, questions",
		Long: "Prints what somebody needs who runs a drill with others, and players must not see: what is true, goals, a timetable, what\n" +
			"may be said to whom, what good looks like, traps, whom to tell, what to ask during and after, and how to run it in a\n" +
			"room with one table or with several. The drill is played for it, by nobody and by its reference, so that times are\n" +
			"those of this seed.",
		Example: "  thiefbox drill guide d2 --format html > guide.html\n  thiefbox drill guide mine.yaml",
		Args:    arguments(1, 1, "one drill"), ValidArgsFunction: complete(scenarios.DrillNames),
	}
	cmd.Flags().StringVar(&format, "format", "md", "`FORMAT`: md or html")
	_ = cmd.RegisterFlagCompletionFunc("format", complete(handout.Formats))
	cmd.Flags().StringVar(&country, "country", "", "the obligations of `COUNTRY` in place of the drill's")
	_ = cmd.RegisterFlagCompletionFunc("country", complete(drill.Countries))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := oneOf("format", format, handout.Formats()...); err != nil {
			return err
		}
		if country != "" {
			if err := oneOf("country", country, drill.Countries()...); err != nil {
				return err
			}
		}
		f, err := drillFile(args[0])
		if err != nil {
			return err
		}
		if f, err = f.In(country); err != nil {
			return usage("", "%s: %w", args[0], err)
		}
		g, err := handout.Make(cmd.Context(), args[0], f, a.seed, sim.NewExercise)
		if err != nil {
			return usage("`thiefbox drill check "+args[0]+"` says more.", "%s: %w", args[0], err)
		}
		return g.Write(a.out, format)
	}
	return cmd
}
