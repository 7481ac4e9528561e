package tui

import (
	"fmt"
	"strings"
)

// newHelp is the page of a place's keys, made from the key table.
func newHelp(p place, keys []binding) *page {
	lines := []string{"On this screen", ""}
	lines = append(lines, keyLines(keys)...)
	lines = append(lines, "", "Everywhere", "")
	lines = append(lines, keyLines(everywhere)...)
	lines = append(lines, "", "Words", "")
	for _, l := range legend {
		lines = append(lines, "  "+l)
	}
	lines = append(lines, "", "Filters", "",
		"  dpop          rows with it in an id, title, control or clause",
		"  dpop 9449     rows with both",
		"  !dpop         rows that do not",
		"  ~thief        by what they are: ~thief, ~leak, ~stop, ~surprise, ~beyond, ~attack;",
		"                in the matrix also ~family-d, and who can do it: ~a5, ~outside")
	return &page{title: "Help: " + placeName(p), lines: lines}
}

func placeName(p place) string {
	for _, row := range places {
		if row.place == p {
			return row.name
		}
	}
	return ""
}

// keyLines describes bindings one a line, in the words of the palette where it has some.
func keyLines(bs []binding) []string {
	var lines []string
	for _, b := range bs {
		h := b.Help()
		switch {
		case b.act == actJump && b.to == places[0].place:
			lines = append(lines, fmt.Sprintf("  %-10s %s", "1-"+itoa(digits%10), jumpWords()))
			continue
		case b.act == actJump, secondOfPair(b.act):
			continue
		}
		text := b.say
		if text == "" {
			text = h.Desc
		}
		lines = append(lines, fmt.Sprintf("  %-10s %s", h.Key, text))
	}
	return lines
}

func jumpWords() string {
	var names []string
	for _, p := range places[:digits] {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}
