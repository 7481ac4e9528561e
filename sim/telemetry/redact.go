package telemetry

import (
	"context"
	"log/slog"
	"time"

	slogmulti "github.com/samber/slog-multi"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// eventKey is the attribute in which an event travels from Record to the redaction.
const eventKey = "event"

// carried is an event on its way. Whoever else resolves it gets it without secrets.
type carried struct{ e event.Event }

// LogValue implements slog.LogValuer.
func (c carried) LogValue() slog.Value {
	return slog.GroupValue(attributes(c.e, report.Redact(c.e))...)
}

// redactor is the middleware through which each record passes. It remembers the secrets of the events
// it has seen, so that it finds them in a later refusal's text, and in the program's own messages.
type redactor struct{ known *report.Redactor }

func redaction() slogmulti.Middleware {
	r := redactor{report.NewRedactor()}
	return slogmulti.NewInlineMiddleware(
		func(ctx context.Context, l slog.Level, next func(context.Context, slog.Level) bool) bool {
			return next(ctx, l)
		},
		r.handle,
		func(attrs []slog.Attr, next func([]slog.Attr) slog.Handler) slog.Handler {
			return next(r.cleanAll(attrs))
		},
		func(group string, next func(string) slog.Handler) slog.Handler { return next(group) },
	)
}

// handle opens a carried event, redacts everything, and leaves a record that carries none without a time.
func (r redactor) handle(ctx context.Context, in slog.Record, next func(context.Context, slog.Record) error) error {
	var at time.Time
	attrs := make([]slog.Attr, 0, 16)
	in.Attrs(func(a slog.Attr) bool {
		if c, ok := a.Value.Any().(carried); ok {
			at = in.Time
			attrs = append(attrs, attributes(c.e, r.known.Event(c.e))...)
		} else {
			attrs = append(attrs, a)
		}
		return true
	})
	out := slog.NewRecord(at, in.Level, r.known.Text(in.Message), 0)
	out.AddAttrs(r.cleanAll(attrs)...)
	return next(ctx, out)
}

func (r redactor) cleanAll(attrs []slog.Attr) []slog.Attr {
	safe := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		safe[i] = r.clean(a)
	}
	return safe
}

// clean redacts an attribute, whatever it holds: a value of an unknown type becomes its text.
func (r redactor) clean(a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, r.known.Text(v.String()))
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(r.cleanAll(v.Group())...)}
	case slog.KindAny:
		if list, ok := v.Any().([]string); ok {
			safe := make([]string, len(list))
			for i := range list {
				safe[i] = r.known.Text(list[i])
			}
			return slog.Any(a.Key, safe)
		}
		return slog.String(a.Key, r.known.Text(v.String()))
	default:
		return slog.Attr{Key: a.Key, Value: v}
	}
}
