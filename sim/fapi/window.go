package fapi

import (
	"fmt"
	"time"
)

// Window is how far a moment may lie from now.
type Window struct {
	Past, Future time.Duration
}

// CheckTime refuses a missing moment and one outside the window, whose edges are inside. what names
// it: "iat".
//
// It compares seconds with seconds: the difference of two times is a Duration, which ends at 292
// years, and a moment further ahead than that would pass for one in the window.
func CheckTime(what string, unix int64, now time.Time, w Window) error {
	if unix == 0 {
		return fmt.Errorf("expected %s, got none", what)
	}
	oldest := now.Add(-w.Past)
	if unix < oldest.Unix() || unix == oldest.Unix() && oldest.Nanosecond() > 0 {
		return fmt.Errorf("expected %s at most %s old, got %s", what, w.Past, apart(now, unix))
	}
	if unix > now.Add(w.Future).Unix() {
		return fmt.Errorf("expected %s at most %s ahead, got %s", what, w.Future, apart(now, unix))
	}
	return nil
}

// apart says how far a moment lies from now, for a reader.
func apart(now time.Time, unix int64) string {
	const century = 100 * 365 * 24 * 60 * 60
	seconds := unix - now.Unix()
	switch {
	case unix < -century || unix > now.Unix()+century:
		return fmt.Sprintf("the number %d", unix) // most likely milliseconds
	case seconds < 0:
		return time.Duration(-seconds * int64(time.Second)).String()
	}
	return time.Duration(seconds * int64(time.Second)).String()
}
