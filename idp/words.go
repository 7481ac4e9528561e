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

// aThousandYears ahead is no clock that is off.
const aThousandYears = 31_557_600_000

// moment says when something was, as a reader wants to know it; nothing if it is missing.
func moment(unix int64, now time.Time) string {
	switch d := time.Unix(unix, 0).Sub(now).Truncate(time.Second); {
	case unix == 0:
		return ""
	case unix > now.Unix()+aThousandYears:
		return strconv.FormatInt(unix, 10) + ", which is thousands of years ahead"
	case d > 0:
		return d.String() + " ahead"
	default:
		return (-d).String() + " ago"
	}
}

// setTheClock is what to do about a moment that is off: usual, but for one that was counted in milliseconds.
func setTheClock(unix int64, now time.Time, usual string) string {
	if unix > now.Unix()+aThousandYears {
		return "count in seconds since 1970 (RFC 7519 s2, NumericDate), and not in milliseconds: divide by 1000"
	}
	return usual
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
func common(a, b string) int {
	shorter, first, last := min(len(a), len(b)), 0, 0
	for first < shorter && a[first] == b[first] {
		first++
	}
	for last < shorter-first && a[len(a)-1-last] == b[len(b)-1-last] {
		last++
	}
	return first + last
}

// nearest is the name that somebody who wrote another may have meant: one with three letters in four alike at the
// beginning and the end. Empty if there is none.
func nearest(got string, names []string) (near string) {
	best := 0
	for _, name := range names {
		if n := common(strings.ToLower(name), strings.ToLower(got)); n > best && 4*n >= 3*max(len(name), len(got)) {
			near, best = name, n
		}
	}
	return near
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
