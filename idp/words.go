package idp

import (
	"strconv"
	"strings"
	"time"

	"thiefbox/sim/fapi"
)

// How values read in a diagnosis.

// moment says when something was, as a reader wants to know it; nothing if it is missing.
func moment(unix int64, now time.Time) string {
	switch d := time.Unix(unix, 0).Sub(now).Truncate(time.Second); {
	case unix == 0:
		return ""
	case d > 0:
		return d.String() + " ahead"
	default:
		return (-d).String() + " ago"
	}
}

func audienceText(a fapi.Audience) string {
	switch {
	case a.IsZero():
		return ""
	case a.Array:
		return "[" + strings.Join(a.Values, ", ") + "]"
	}
	return a.Values[0]
}

func quoteOrNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return strconv.Quote(s)
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
