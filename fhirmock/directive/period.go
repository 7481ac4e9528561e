package directive

import (
	"math"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/terms"
)

// period reads a Period, which may be open at either end; nil for none. An end that is no date was refused when the Consent
// was stored, and is open in one that was not stored here.
func period(p *r4.Node) *terms.Span {
	if p == nil {
		return nil
	}
	out := terms.Span{Lo: math.Inf(-1), Hi: math.Inf(1)}
	if start, ok := terms.Date(p.String("start")); ok {
		out.Lo = start.Lo
	}
	if end, ok := terms.Date(p.String("end")); ok {
		out.Hi = end.Hi
	}
	return &out
}

func within(s terms.Span, t time.Time) bool {
	at := float64(t.UnixMilli())
	return s.Lo <= at && at <= s.Hi
}
