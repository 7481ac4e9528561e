package idp

import (
	"fmt"
	"slices"
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

// fewOf lists those of many that are most like what came, since all would bury it.
func fewOf(all []string, got string) string {
	const few = 3
	if len(all) <= few {
		return strings.Join(all, " or ")
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b string) int { return common(b, got) - common(a, got) })
	return fmt.Sprintf("%s or one of %d others", strings.Join(sorted[:few], " or "), len(all)-few)
}

// common is how many letters two words have in common at their beginnings and at their ends.
func common(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	for m := 1; m <= min(len(a), len(b))-n && a[len(a)-m] == b[len(b)-m]; m++ {
		n++
	}
	return n
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
