package fapi

import (
	"fmt"
	"math"
	"strconv"
)

// readDate reads a moment in seconds, which may have a fraction (RFC 7519 s2, NumericDate): Java and
// Python libraries write one. The fraction is dropped, since every rule here counts in seconds. It takes
// valid JSON.
func readDate(name string, v string) (int64, error) {
	if seconds, err := strconv.ParseInt(v, 10, 64); err == nil {
		return seconds, nil
	}
	number, err := strconv.ParseFloat(v, 64)
	if c := v[0]; err != nil || c != '-' && (c < '0' || c > '9') || math.Abs(number) >= 1<<53 {
		return 0, fmt.Errorf("expected %s to be a number of seconds, got %.40s", name, v)
	}
	return int64(math.Floor(number)), nil
}
