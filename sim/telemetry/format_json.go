package telemetry

import "time"

// stamp is RFC 3339 with milliseconds, always three digits, so that lines sort as text.
const stamp = "2006-01-02T15:04:05.000Z"

func timestamp(t time.Time) string { return t.UTC().Format(stamp) }

// jsonLine is the canonical form: an entry with its fields beside each other. Every line says that it is an
// exercise, so that nobody pages a real team.
func jsonLine(e Entry) any {
	o := object{{"ts", timestamp(e.At)}, {"log", e.Log}, {"event", e.Event}}
	return append(append(o, e.Fields...), Field{"exercise", true})
}
