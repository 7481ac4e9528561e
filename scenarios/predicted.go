package scenarios

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"thiefbox/attacker"
	"thiefbox/sim/verdict"
)

//go:embed predicted.yaml
var predictedFile []byte

// Disagreement is a cell of the reviewed matrix that differs from what the catalogue of attacks predicted.
type Disagreement struct {
	Attack, Profile string
	Predicted       string // in words: "succeeds"
	Reviewed        string // likewise: "held by as/client-auth"
	Clause          string // that decides: "RFC 6749 s4.1.2"
	Why             string // and how
}

// predictions are predicted.yaml.
type predictions struct {
	Profiles      []string          `yaml:"profiles"`
	Predicted     map[string]string `yaml:"predicted"` // a letter for each profile, by block
	Disagreements []struct {
		Cells  map[string][]string `yaml:"cells"` // profiles by attack
		Clause string              `yaml:"clause"`
		Why    string              `yaml:"why"`
	} `yaml:"disagreements"`
}

var predicted = sync.OnceValues(func() (p predictions, err error) {
	if err := yaml.UnmarshalWithOptions(predictedFile, &p, yaml.Strict()); err != nil {
		return p, fmt.Errorf("the predictions: %w", err)
	}
	return p, nil
})

// predictionWords say what a letter of the file predicts.
var predictionWords = map[byte]string{
	'S': "succeeds", 'B': "is stopped", 'F': "is stopped unless the check is missing", 'P': "depends", '.': "does not apply",
}

// Disagreements are the cells in which the reviewed matrix and the prediction differ, by attack and in the order of
// profiles, each with its reason. That each has one, and that no reason is left over, is for a test to say.
func Disagreements() ([]Disagreement, error) {
	p, err := predicted()
	if err != nil {
		return nil, err
	}
	matrix, err := expected()
	if err != nil {
		return nil, err
	}
	var out []Disagreement
	for _, t := range attacker.All() {
		for i, letter := range []byte(p.of(t.ID)) {
			d := Disagreement{Attack: t.ID, Profile: p.Profiles[i], Predicted: predictionWords[letter], Reviewed: "does not apply"}
			cell, applies := matrix[t.ID][d.Profile]
			if agrees(letter, cell.outcome, applies) {
				continue
			}
			switch {
			case cell.outcome == verdict.Held:
				d.Reviewed = "held by " + cell.stoppedBy
			case applies:
				d.Reviewed = string(cell.outcome)
			}
			d.Clause, d.Why = p.reason(t.ID, d.Profile)
			out = append(out, d)
		}
	}
	return out, nil
}

// of is what was predicted of a technique: under its own id, or its block's. Attacks of our own have none.
func (p predictions) of(technique string) string {
	if own, ok := p.Predicted[technique]; ok {
		return own
	}
	return p.Predicted[attacker.BlockOf(technique)]
}

func (p predictions) reason(attack, profile string) (clause, why string) {
	for _, d := range p.Disagreements {
		if slices.Contains(d.Cells[attack], profile) {
			return d.Clause, strings.TrimSpace(d.Why)
		}
	}
	return "", ""
}

// agrees tells whether a prediction came true. What depends cannot be wrong, unless it does not apply at all.
func agrees(letter byte, outcome verdict.Outcome, applies bool) bool {
	switch letter {
	case 'S':
		return outcome == verdict.Breached
	case 'B', 'F':
		return outcome == verdict.Held
	case 'P':
		return applies
	case '.':
		return !applies
	}
	return true
}
