package cli

import (
	"strings"
	"unicode/utf8"
)

// nearest returns the candidate that somebody who typed word most likely meant, or "" if none is near.
// A word that a candidate begins with, or contains, counts as near; so does one that is a third or less
// of its letters away. Among equals the first wins.
func nearest(word string, candidates []string) string {
	word = fold(word)
	best, bestDistance := "", utf8.RuneCountInString(word)/3+1
	if bestDistance < 2 {
		bestDistance = 2
	}
	for _, c := range candidates {
		d := distance(word, fold(c))
		if d >= utf8.RuneCountInString(word) {
			continue // they have nothing in common
		}
		if d < bestDistance || d == bestDistance && best == "" {
			best, bestDistance = c, d
		}
	}
	if best != "" || utf8.RuneCountInString(word) < 3 {
		return best
	}
	for _, c := range candidates {
		if strings.HasPrefix(fold(c), word) {
			return c
		}
	}
	for _, c := range candidates {
		if strings.Contains(fold(c), word) {
			return c
		}
	}
	return ""
}

// fold makes spellings alike that a person would not tell apart.
func fold(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", " ", "-").Replace(s))
}

// distance counts the letters to change, add, leave out or swap with a neighbour to get from a to b
// (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

// didYouMean is the advice after a mistyped name, followed by where to look for the right one.
func didYouMean(word string, candidates []string, elsewhere string) string {
	if near := nearest(word, candidates); near != "" {
		return strings.TrimSpace("did you mean \"" + near + "\"? " + elsewhere)
	}
	return elsewhere
}
