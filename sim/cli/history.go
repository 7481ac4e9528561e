package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"thiefbox/sim/report"
	"thiefbox/sim/store"
)

// historyFlags are the flags of `history`.
type historyFlags struct {
	last int
	all  bool
	json *bool
}

func (a *app) historyCommand() *cobra.Command {
	var f historyFlags
	cmd := &cobra.Command{
		Use:   "history",
		Short: "the runs that were kept, newest first",
		Long: "Lists the runs that were kept, newest first. The runs of a matrix are one line, unless you ask for\n" +
			"--all. `thiefbox replay RUN` shows a run again without running it.",
		Example: "  thiefbox history\n  thiefbox history --all\n  thiefbox history --json --last 1",
		Args:    arguments(0, 0, "no name"),
	}
	cmd.Flags().IntVarP(&f.last, "last", "n", 30, "show `N` lines; 0 means all")
	cmd.Flags().BoolVarP(&f.all, "all", "a", false, "show every run, each of a matrix too")
	f.json = jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if f.last < 0 {
			return usage("0 means all.", "--last: expected 0 or more, got %d", f.last)
		}
		if f.all && !cmd.Flags().Changed("last") {
			f.last = 0
		}
		return a.listHistory(f)
	}
	return cmd
}

func (a *app) listHistory(f historyFlags) error {
	runs, err := a.history()
	if err != nil {
		return err
	}
	entries := report.Entries(runs)
	if f.all {
		entries = nil
		for _, r := range runs {
			entries = append(entries, report.Entry{Runs: []report.Run{r}})
		}
	}
	all := len(entries)
	if f.last > 0 && all > f.last {
		entries = entries[:f.last]
	}
	if !*f.json {
		return a.writeHistory(entries, all)
	}
	runs = nil
	for _, e := range entries { // every run is in the document, and says what it is part of
		runs = append(runs, e.Runs...)
	}
	return report.WriteHistoryJSON(a.out, runs)
}

// history lists the kept runs, newest first, without their recordings.
func (a *app) history() (runs []report.Run, err error) {
	err = a.fromHistory(func(s *store.Store) error {
		runs, err = s.List()
		return err
	})
	return runs, err
}

func (a *app) writeHistory(entries []report.Entry, all int) error {
	if all == 0 {
		fmt.Fprintln(a.out, "No run has been kept yet. `thiefbox run ID` makes one.")
		return nil
	}
	rows := [][]string{{"run", "when", "attack", "under", "outcome", "seed"}}
	for _, e := range entries {
		rows = append(rows, historyRow(e))
	}
	if err := table(a.out, rows); err != nil {
		return err
	}
	if older := all - len(entries); older > 0 {
		fmt.Fprintf(a.out, "%d older: `thiefbox history --last 0` shows them too.\n", older)
	}
	return nil
}

// historyRow is a run, or a matrix in one line: "r0001-r0506  matrix, 506 runs  82 Breached, 424 Held".
func historyRow(e report.Entry) []string {
	r := e.Runs[0]
	what, under, outcome := r.Attack.ID+" "+r.Attack.Name, r.Profile, report.Word(r.Verdict.Outcome)
	if !e.One() {
		what, outcome = fmt.Sprintf("%s, %d runs", r.Part, len(e.Runs)), e.Tally(report.Word)
		if n := e.Profiles(); n > 1 {
			under = fmt.Sprintf("%d profiles", n)
		}
	}
	if n := e.Surprises(); n > 0 {
		outcome += " (!)"
	}
	row := []string{e.ID(), r.Started.Local().Format("2006-01-02 15:04"), what, under, outcome, fmt.Sprint(r.Seed)}
	for i := range row { // the file may be anybody's work
		row[i] = report.Clean(row[i])
	}
	return row
}
