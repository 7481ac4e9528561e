package fapi

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestCheckTime(t *testing.T) {
	w := Window{Past: time.Minute, Future: 10 * time.Second}
	half := now.Add(500 * time.Millisecond)
	const century = 36500 * 24 * 3600
	for name, test := range map[string]struct {
		unix int64
		now  time.Time
		w    Window
		want string // empty is in the window
	}{
		"now":                          {now.Unix(), now, w, ""},
		"oldest":                       {now.Unix() - 60, now, w, ""},
		"a second too old":             {now.Unix() - 61, now, w, "expected iat at most 1m0s old, got 1m1s"},
		"half a second too old":        {now.Unix() - 60, half, w, "expected iat at most 1m0s old"},
		"half a second to spare":       {now.Unix() - 59, half, w, ""},
		"furthest ahead":               {now.Unix() + 10, now, w, ""},
		"a second too far ahead":       {now.Unix() + 11, now, w, "expected iat at most 10s ahead, got 11s"},
		"ahead by less, halfway":       {now.Unix() + 11, half, w, "expected iat at most 10s ahead"},
		"ahead by as much, halfway":    {now.Unix() + 10, half, w, ""},
		"absent":                       {0, now, w, "expected iat, got none"},
		"absent, in the widest window": {0, now, Window{math.MaxInt64, math.MaxInt64}, "expected iat, got none"},
		"before 1970":                  {-1, now, w, "expected iat at most 1m0s old"},
		"milliseconds":                 {now.UnixMilli(), now, w, "expected iat at most 10s ahead, got the number "},
		"293 years ahead":              {now.Unix() + 3*century, now, w, "expected iat at most 10s ahead"},
		"293 years old":                {now.Unix() - 3*century, now, w, "expected iat at most 1m0s old"},
		"the largest":                  {math.MaxInt64, now, w, "expected iat at most 10s ahead"},
		"the largest a Time holds":     {math.MaxInt64 - 62135596800, now, w, "expected iat at most 10s ahead"},
		"the smallest":                 {math.MinInt64, now, w, "expected iat at most 1m0s old"},
		"no window, now":               {now.Unix(), now, Window{}, ""},
		"no window, a second old":      {now.Unix() - 1, now, Window{}, "expected iat at most 0s old"},
		"no window, a second ahead":    {now.Unix() + 1, now, Window{}, "expected iat at most 0s ahead"},
		"no window, within the second": {now.Unix(), half, Window{}, "expected iat at most 0s old"},
	} {
		t.Run(name, func(t *testing.T) {
			err := CheckTime("iat", test.unix, test.now, test.w)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
				t.Errorf("expected %q, got %v", test.want, err)
			}
		})
	}
}
