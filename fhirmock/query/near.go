package query

import "strings"

// Nearest is the name that somebody who wrote another may have meant, or "": the same in other letters, or at most a third
// of the letters away.
func Nearest(got string, names []string) string {
	const longest = 40 // of what anybody could have meant
	if len(got) > longest {
		return ""
	}
	best, most := "", max(1, len(got)/3)+1
	for _, name := range names {
		if d := distance(strings.ToLower(got), strings.ToLower(name)); d < most && d < len(got) {
			best, most = name, d
		}
	}
	return best
}

// DidYouMean is what to add to a refusal of a name.
func DidYouMean(got string, names []string) string {
	if near := Nearest(got, names); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// distance counts letters to change, add, leave out or swap with their neighbour.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
