package terms

import (
	"math"
	"strconv"
	"strings"
	"time"

	"thiefbox/fhirmock/r4"
)

// Span is a stretch of time in milliseconds since 1970: Lo is its first, Hi its last.
type Span struct{ Lo, Hi float64 }

// Date reads a FHIR date, dateTime or instant of any precision as the time it covers. What has no zone
// is taken as UTC, which is how this server writes.
func Date(s string) (Span, bool) {
	for _, f := range []struct {
		layout string
		upTo   func(time.Time) time.Time
	}{
		{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
		{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
		{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
		{"2006-01-02T15:04", func(t time.Time) time.Time { return t.Add(time.Minute) }},
		{"2006-01-02T15:04Z07:00", func(t time.Time) time.Time { return t.Add(time.Minute) }},
	} {
		if strings.HasPrefix(s, "0000") { // no year of a FHIR date
			return Span{}, false
		}
		if len(f.layout) == len(s) || len(s) == len("2006-01-02T15:04Z") {
			if t, err := time.Parse(f.layout, s); err == nil {
				return span(t, f.upTo(t)), true
			}
		}
	}
	if !strings.Contains(s, "T") {
		return Span{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		if t, err = time.Parse("2006-01-02T15:04:05.999999999", s); err != nil {
			return Span{}, false
		}
	}
	if !strings.Contains(s, ".") {
		return span(t, t.Add(time.Second)), true
	}
	return Span{float64(t.UnixMilli()), float64(t.UnixMilli())}, true
}

func span(from, upTo time.Time) Span {
	return Span{float64(from.UnixMilli()), float64(upTo.UnixMilli() - 1)}
}

func intervals(v *r4.Node, of string) []Span {
	switch of {
	case "Period":
		return period(v)
	case "Timing":
		var out []Span
		for _, e := range v.List("event") {
			out = append(out, intervals(e, "dateTime")...)
		}
		if bounds := v.Get("repeat").Get("boundsPeriod"); bounds != nil {
			out = append(out, period(bounds)...)
		}
		return out
	}
	if s, ok := Date(v.Text); ok && v.Kind == r4.String {
		return []Span{s}
	}
	return nil
}

func period(v *r4.Node) []Span {
	s := Span{math.Inf(-1), math.Inf(1)}
	start, hasStart := Date(v.String("start"))
	end, hasEnd := Date(v.String("end"))
	if hasStart {
		s.Lo = start.Lo
	}
	if hasEnd {
		s.Hi = end.Hi
	}
	if !hasStart && !hasEnd {
		return nil
	}
	return []Span{s}
}

// quantities reads what a quantity or number parameter looks at. The unit stands in System and Key, and
// its human form in Exact.
func quantities(v *r4.Node, of string) []Term {
	switch of {
	case "Range":
		low, high := v.Get("low"), v.Get("high")
		t := Term{Kind: Interval, Lo: math.Inf(-1), Hi: math.Inf(1)}
		for _, side := range []*r4.Node{low, high} {
			if side != nil {
				t.System, t.Key, t.Exact = side.String("system"), side.String("code"), side.String("unit")
			}
		}
		if f, ok := number(low.Get("value")); ok {
			t.Lo = f
		}
		if f, ok := number(high.Get("value")); ok {
			t.Hi = f
		}
		return []Term{t}
	case "Money":
		if f, ok := number(v.Get("value")); ok {
			return []Term{{Kind: Interval, System: "urn:iso:std:iso:4217", Key: v.String("currency"), Lo: f, Hi: f}}
		}
		return nil
	case "decimal", "integer", "positiveInt", "unsignedInt":
		if f, ok := number(v); ok {
			return []Term{{Kind: Interval, Lo: f, Hi: f}}
		}
		return nil
	}
	if f, ok := number(v.Get("value")); ok {
		return []Term{{Kind: Interval, System: v.String("system"), Key: v.String("code"), Exact: v.String("unit"), Lo: f, Hi: f}}
	}
	return nil
}

func number(n *r4.Node) (float64, bool) {
	if n == nil || n.Kind != r4.Number {
		return 0, false
	}
	f, err := strconv.ParseFloat(n.Text, 64)
	return f, err == nil
}
