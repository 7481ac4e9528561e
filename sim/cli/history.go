package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"thiefbox/sim/report"
	"thiefbox/sim/store"
)

func (a *app) historyCommand() *cobra.Command {
	var last int
	cmd := &cobra.Command{
		Use:   "history",
		Short: "the runs that were kept, newest first",
		Long:  "Lists the runs that were kept, newest first. `thiefbox replay RUN` shows one again without running it.",
		Args:  arguments(0, 0, "no name"),
	}
	cmd.Flags().IntVarP(&last, "last", "n", 30, "show `N` of them; 0 means all")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		if last < 0 {
			return usage("0 means all.", "--last: expected 0 or more, got %d", last)
		}
		runs, err := a.history()
		if err != nil {
			return err
		}
		all := len(runs)
		if last > 0 && all > last {
			runs = runs[:last]
		}
		if *asJSON {
			return report.WriteHistoryJSON(a.out, runs)
		}
		return a.writeHistory(runs, all)
	}
	return cmd
}

// history lists the kept runs, newest first, without their recordings.
func (a *app) history() (runs []report.Run, err error) {
	err = a.fromHistory(func(s *store.Store) error {
		runs, err = s.List()
		return err
	})
	return runs, err
}

func (a *app) writeHistory(runs []report.Run, all int) error {
	if all == 0 {
		fmt.Fprintln(a.out, "No run has been kept yet. `thiefbox run ID` makes one.")
		return nil
	}
	rows := [][]string{{"run", "when", "attack", "under", "outcome", "seed"}}
	for _, r := range runs {
		outcome := report.Word(r.Verdict.Outcome)
		if r.Surprise() {
			outcome += " (!)"
		}
		rows = append(rows, []string{r.ID, r.Started.Local().Format("2006-01-02 15:04"),
			r.Attack.ID + " " + r.Attack.Name, r.Profile, outcome, fmt.Sprint(r.Seed)})
	}
	if err := table(a.out, rows); err != nil {
		return err
	}
	if older := all - len(runs); older > 0 {
		fmt.Fprintf(a.out, "%d older: `thiefbox history --last 0` shows all.\n", older)
	}
	return nil
}
