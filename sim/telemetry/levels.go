package telemetry

import (
	"log/slog"

	"thiefbox/sim/event"
)

// severityOf says how much an event matters to somebody who watches: a refusal is a warning, a broken
// journey an error, a check that was passed is detail. What a breach is, the judge decides later.
func severityOf(b event.Body) slog.Level {
	switch b := b.(type) {
	case event.Ruling:
		switch b.Outcome {
		case "refused":
			return slog.LevelWarn
		case "challenged":
			return slog.LevelInfo
		}
		return slog.LevelDebug
	case event.Refused:
		return slog.LevelWarn
	case event.Journey:
		if !b.OK {
			return slog.LevelError
		}
	case event.Ended:
		if b.Error != "" {
			return slog.LevelError
		}
	case event.Actor, event.Protected:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}
