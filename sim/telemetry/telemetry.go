// Package telemetry turns events into log records, as the people who defend such a system get them.
//
// New makes a logger: records pass through redaction (redact.go) and fan out to a file of JSON lines
// and to a Ring that the screens show. Record hands it an event: evidence.go names what a defender
// would want to know of it, levels.go how much it matters. Secrets never leave the pipeline; tokens
// are told apart by their jti, keys by their thumbprint.
//
// Witness is the other half: out of the events of a run it makes the logs that the honest parties have
// of their own (witness.go, request.go), without the thief's inner life, and a Format writes them as others read
// them: a mapping file each, format_*.go. Detection rules are written against the fields of an Entry.
//
// A record's time is the event's. Nothing here knows the time of day, whether a breach happened, or
// how to write to a terminal.
package telemetry

import (
	"context"
	"io"
	"log/slog"

	slogmulti "github.com/samber/slog-multi"

	"thiefbox/sim/event"
)

// Options says where records go. Both places may be nil.
type Options struct {
	File io.Writer // JSON, one record a line
	Ring *Ring     // lines for a person
	// Level is the least level that is written. If it is nil the file gets everything and the ring
	// what is Info or above, since a pane full of passed checks tells nobody anything.
	Level slog.Leveler
	// Failed is told, if it is not nil, when a record could not be written.
	Failed func(error)
}

// New returns a logger. A record that did not come by way of Record, such as a warning of the program
// itself, has no time, because only the world has one.
func New(o Options) *slog.Logger {
	var sinks []slog.Handler
	if o.File != nil {
		sinks = append(sinks, slog.NewJSONHandler(o.File, &slog.HandlerOptions{Level: level(o.Level, slog.LevelDebug)}))
	}
	if o.Ring != nil {
		sinks = append(sinks, o.Ring.handler(level(o.Level, slog.LevelInfo)))
	}
	if len(sinks) == 0 {
		return slog.New(slog.DiscardHandler)
	}
	failed := func(_ context.Context, _ slog.Record, err error) {
		if o.Failed != nil {
			o.Failed(err)
		}
	}
	return slog.New(slogmulti.Pipe(slogmulti.RecoverHandlerError(failed), redaction()).Handler(slogmulti.Fanout(sinks...)))
}

func level(chosen slog.Leveler, otherwise slog.Level) slog.Leveler {
	if chosen == nil {
		return otherwise
	}
	return chosen
}

// Record logs an event, with its own time. Given a logger that New did not make, it still shows no
// secret, but cannot recognise one in an event other than that which carried it first.
func Record(ctx context.Context, l *slog.Logger, e event.Event) {
	if e.Body == nil {
		return
	}
	severity := severityOf(e.Body)
	if !l.Enabled(ctx, severity) {
		return
	}
	r := slog.NewRecord(e.At, severity, string(e.Body.Kind()), 0)
	r.AddAttrs(slog.Any(eventKey, carried{e}))
	// A sink that fails is reported to Options.Failed; a log must not stop the world it watches.
	_ = l.Handler().Handle(ctx, r)
}
