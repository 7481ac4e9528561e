package cli

import (
	"thiefbox/scenarios"
	"thiefbox/sim/report"
)

// disagreementDoc is an attack about which runs say otherwise than was predicted, for one reason.
type disagreementDoc struct {
	Attack    string   `json:"attack"`
	Profiles  []string `json:"profiles"`
	Predicted []string `json:"predicted"` // for each profile: "succeeds"
	Reviewed  []string `json:"reviewed"`  // likewise: "held by as/client-auth"
	Clause    string   `json:"clause"`
	Why       string   `json:"why"`
}

// disagreements are those about one attack, or about all if it is empty.
func disagreements(attack string) (out []disagreementDoc, err error) {
	all, err := scenarios.Disagreements()
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if attack != "" && d.Attack != attack {
			continue
		}
		n := len(out)
		if n == 0 || out[n-1].Attack != d.Attack || out[n-1].Why != d.Why {
			out = append(out, disagreementDoc{Attack: d.Attack, Clause: d.Clause, Why: d.Why})
			n++
		}
		last := &out[n-1]
		last.Profiles = append(last.Profiles, d.Profile)
		last.Predicted = append(last.Predicted, d.Predicted)
		last.Reviewed = append(last.Reviewed, d.Reviewed)
	}
	return out, nil
}

func (a *app) listDisagreements(args []string, asJSON bool) error {
	if len(args) > 0 && fold(args[0]) != "attacks" {
		return usage("Leave "+args[0]+" out.", "--disagreements is about attacks, got %q", args[0])
	}
	all, err := disagreements("")
	if err != nil {
		return err
	}
	if asJSON {
		return document(a.out, listing{Schema: report.SchemaList, Disagreements: all})
	}
	w := a.page()
	for _, d := range all {
		section(w, d.Attack+"  "+d.Clause, append(d.cells(), d.Why)...)
	}
	return nil
}

// cells are the lines that say what differs.
func (d disagreementDoc) cells() (lines []string) {
	for i, profile := range d.Profiles {
		lines = append(lines, profile+": predicted that it "+d.Predicted[i]+"; "+d.Reviewed[i])
	}
	return lines
}
