package tui

import "strings"

// filter is what was typed after `/`: every word must occur, `!word` must not, `~flag` asks for a
// quality of the row (~thief, ~leak). An `&` between words is allowed and means nothing. Case is ignored.
type filter struct {
	text  string
	terms []filterTerm
}

type filterTerm struct {
	not, flag bool
	word      string
}

func parseFilter(text string) filter {
	f := filter{text: text}
	for _, word := range strings.Fields(strings.ToLower(text)) {
		var t filterTerm
		if word == "&" {
			continue
		}
		if rest, ok := strings.CutPrefix(word, "!"); ok {
			t.not, word = true, rest
		}
		if rest, ok := strings.CutPrefix(word, "~"); ok {
			t.flag, word = true, rest
		}
		if t.word = word; word != "" {
			f.terms = append(f.terms, t)
		}
	}
	return f
}

// match tells whether a row of this text, with these qualities, is to be shown.
func (f filter) match(text string, flags ...string) bool {
	text = strings.ToLower(text)
	for _, t := range f.terms {
		found := false
		if t.flag {
			for _, flag := range flags {
				found = found || flag != "" && strings.HasPrefix(strings.ToLower(flag), t.word)
			}
		} else {
			found = strings.Contains(text, t.word)
		}
		if found == t.not {
			return false
		}
	}
	return true
}

func (f filter) empty() bool { return len(f.terms) == 0 }
