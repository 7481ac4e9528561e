package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"thiefbox/sim/report"
	"thiefbox/sim/store"
	"thiefbox/sim/telemetry"
	"thiefbox/sim/tui"
)

// newest is what a person can call the run he made last.
const newest = "last"

func (a *app) replayCommand() *cobra.Command {
	var verbose, events bool
	cmd := &cobra.Command{
		Use:   "replay RUN",
		Short: "show a kept run again, without running it",
		Long: "Opens a run of the history in the screens, step by step. It is printed instead if standard output is\n" +
			"no terminal, or with --plain or --json. \"" + newest + "\" is the newest run. With --log-format json, ocsf, ecs\n" +
			"or otlp it prints the logs that the servers and clients of the run have of their own, a line a record, or\n" +
			"appends them to the file of --log: what a defender would have, and nothing that only the thief knows.",
		Example:           "  thiefbox replay last\n  thiefbox replay last --plain --verbose\n  thiefbox replay last --log-format ecs > logs.jsonl",
		Args:              arguments(1, 1, "one run"),
		ValidArgsFunction: complete(a.runNames),
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "tell everything: honest people's messages too, and each check")
	cmd.Flags().BoolVar(&events, "events", false, "with --json: the whole event log, secrets replaced by names")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		run, err := a.kept(args[0])
		switch {
		case err != nil:
			return err
		case a.logFormat != everyEvent || a.log != "":
			return a.exportRun(cmd.Context(), run)
		case *asJSON:
			return report.WriteRunJSON(a.out, []report.Run{run}, report.JSONOptions{Events: events})
		case a.interactive():
			return a.screens(cmd.Context(), tui.Options{Replay: &run})
		}
		return a.tell([][]report.Run{{run}}, verbose)
	}
	return cmd
}

// exportRun writes the log of a kept run, to the file of --log or else to standard output.
func (a *app) exportRun(ctx context.Context, run report.Run) error {
	if a.log == "" {
		var failed error
		sink := telemetry.Export(a.out, telemetry.Format(a.logFormat), func(err error) { failed = errors.Join(failed, err) })
		for _, e := range run.Recording.Events {
			sink(e)
		}
		return failed
	}
	if err := a.openJournal(nil); err != nil {
		return err
	}
	defer a.closeJournal()
	sink := a.sink(ctx)
	for _, e := range run.Recording.Events {
		sink(e)
	}
	return nil
}

// kept fetches a run from the history. Its id may be cut short, as long as it means one run only.
func (a *app) kept(id string) (run report.Run, err error) {
	err = a.fromHistory(func(s *store.Store) error {
		runs, err := s.List()
		if err != nil {
			return err
		}
		if id == newest && len(runs) > 0 {
			id = runs[0].ID
		}
		run, err = s.Load(id)
		switch {
		case errors.Is(err, store.ErrUnknown):
			var ids []string
			for _, r := range runs {
				ids = append(ids, r.ID)
			}
			return unknown(id, "run", ids, "`thiefbox history` lists them.")
		case errors.Is(err, store.ErrAmbiguous):
			return usage("write more of it; `thiefbox history` lists them.", "%q: %w", id, store.ErrAmbiguous)
		}
		return err
	})
	if err == nil && run.Attack.ID == "" {
		return run, usage("`thiefbox run ID` makes one.", "no run is called %q: none has been kept yet", id)
	}
	return run, err
}

// runNames are the kept runs, for completion.
func (a *app) runNames() []string {
	names := []string{newest}
	runs, _ := a.history() // completion has nowhere to complain
	for _, r := range runs {
		names = append(names, r.ID)
	}
	return names
}
