package cli

import (
	"context"
	"fmt"
	"os"
	"sync"

	"thiefbox/sim/event"
	"thiefbox/sim/telemetry"
)

// journal is where events go as log records: a file, the screens' log pane, or both.
type journal struct {
	options telemetry.Options
	file    *os.File
	format  telemetry.Format // of the file; everyEvent for the events themselves

	mu     sync.Mutex
	failed error // the first record that could not be written
}

// everyEvent is the --log-format of the whole event log, the thief's doings and what he was granted with it. The
// others are the logs that the honest parties have of their own.
const everyEvent = "events"

func logFormats() []string { return append([]string{everyEvent}, telemetry.Formats()...) }

// checkLogFormat refuses a format that would write nothing.
func (a *app) checkLogFormat(command string) error {
	if err := oneOf("log-format", a.logFormat, logFormats()...); err != nil || a.logFormat == everyEvent {
		return err
	}
	if command != "replay" && a.log == "" {
		return usage("name a file: --log FILE.", "--log-format: expected --log with it")
	}
	return nil
}

// openJournal begins logging if --log asks for it, or if there is a ring to fill.
func (a *app) openJournal(ring *telemetry.Ring) error {
	if a.log == "" && ring == nil {
		return nil
	}
	j := &journal{options: telemetry.Options{Ring: ring}}
	j.options.Failed = j.fail
	if a.log != "" {
		// Secrets are redacted, but who did what to whom is still nobody else's business.
		file, err := os.OpenFile(a.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return environment("--log: %w", err)
		}
		j.file = file
		if j.format = telemetry.Format(a.logFormat); j.format == everyEvent {
			j.options.File = file
		}
	}
	a.journal = j
	return nil
}

// closeJournal warns if the log is not whole: the result of the command stands without it.
func (a *app) closeJournal() {
	if a.journal == nil || a.journal.file == nil {
		return
	}
	a.journal.fail(a.journal.file.Close())
	if err := a.journal.failed; err != nil {
		a.warn("the log is incomplete: %v", err)
	}
}

func (j *journal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed == nil {
		j.failed = err
	}
}

// sink is where the events of one run go as they happen, nil if nobody wants them. Each run has a logger
// of its own, because a logger remembers every secret it has seen in order to hide it.
func (a *app) sink(ctx context.Context) func(event.Event) {
	if a.journal == nil {
		return nil
	}
	j := a.journal
	logger := telemetry.New(j.options)
	record := func(e event.Event) { telemetry.Record(ctx, logger, e) }
	if j.file == nil || j.format == everyEvent {
		return record
	}
	export := telemetry.Export(j.file, j.format, j.fail)
	return func(e event.Event) {
		record(e)
		export(e)
	}
}

// complain puts a warning where the screens show it: nothing else may write to the terminal then.
func (j *journal) complain(ctx context.Context, format string, args ...any) {
	telemetry.New(j.options).WarnContext(ctx, fmt.Sprintf(format, args...))
}
