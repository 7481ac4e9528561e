package profile

import (
	"slices"
	"strings"
)

// Baseline is a file that accepts known results, down to a cell: attack, then profile, then the outcome.
//
//	D-04:
//	  fapi2-dpop: breached
type Baseline map[string]map[string]string

// Outcomes are the words a baseline can have for a cell: those of a verdict.
var Outcomes = []string{"breached", "held", "void"}

// ParseBaseline reads a baseline over the attacks of the given ids. A file in which nothing stands accepts
// nothing. Profiles may have any name, since they may be a person's own. The error is an *Error.
func ParseBaseline(file string, data []byte, attacks []string, nearest func(string, []string) string) (Baseline, error) {
	r := &reader{file: file, nearest: nearest}
	b := Baseline{}
	if nothing(data) {
		return b, nil
	}
	root, err := r.documentOf(data, attacks)
	if err != nil {
		return nil, err
	}
	for _, attack := range root.entries {
		row, err := r.mapping(attack.value, attack.name, nil)
		if err != nil {
			return nil, err
		}
		b[attack.name] = map[string]string{}
		for _, cell := range row.entries {
			text, err := r.word(cell.value, attack.name+"."+cell.name)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(Outcomes, text) {
				return nil, r.wrong(cell.value, "", "%s under %s: expected breached, held or void, got %q", attack.name, cell.name, text)
			}
			b[attack.name][cell.name] = text
		}
	}
	return b, nil
}

// nothing tells whether a file has no line but comments.
func nothing(data []byte) bool {
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}
