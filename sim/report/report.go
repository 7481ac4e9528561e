// Package report turns a recording into something a person, a terminal or a program can read.
//
// Begin with Steps: what a reader steps through, each with a sentence that reads aloud. Actors,
// ExchangeOf, Decode and Curl answer a reader's questions about one of them. WriteRun, WriteMatrix,
// WritePeel and WriteCompare print; the functions of json.go write versioned documents; Transcript
// writes a whole run with its secrets replaced by names.
//
// Everything here is a function of what was recorded. The package decides nothing: outcomes come
// from the verdict, refusals from the rulings, and titles from the catalogue of controls. It knows
// no rule of OAuth beyond what things are called.
package report

import "thiefbox/sim/verdict"

// Word is an outcome as it is written for people: "Breached", "Held", "Void".
func Word(o verdict.Outcome) string {
	switch o {
	case verdict.Breached:
		return "Breached"
	case verdict.Held:
		return "Held"
	case verdict.Void:
		return "Void"
	}
	return notApplicable
}

const notApplicable = "not applicable"
