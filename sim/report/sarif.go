package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"thiefbox/sim/verdict"
)

// The parts of SARIF 2.1.0 that are used.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		Results    []sarifResult  `json:"results"`
		Properties map[string]any `json:"properties"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Home    string      `json:"informationUri,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID         string         `json:"id"`
		Name       string         `json:"name"`
		Short      sarifText      `json:"shortDescription"`
		Full       sarifText      `json:"fullDescription"`
		Help       sarifText      `json:"help"`
		HelpURI    string         `json:"helpUri,omitempty"`
		Properties map[string]any `json:"properties"`
	}
	sarifResult struct {
		Rule         string            `json:"ruleId"`
		Index        int               `json:"ruleIndex"`
		Kind         string            `json:"kind"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Properties   map[string]any    `json:"properties"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region struct {
			Line int `json:"startLine"`
		} `json:"region"`
	}
	sarifLogical struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
)

// WriteMatrixSARIF writes a rule an attack, and a result for every cell that is breached, proves nothing
// or is not as expected. Levels: error for what is not as expected, warning for what is known and breached.
func WriteMatrixSARIF(w io.Writer, m Matrix) error {
	run := sarifRun{Results: []sarifResult{}, Properties: map[string]any{"seed": m.Seed, "stale_baseline": notNil(m.Stale)}}
	run.Tool.Driver = sarifDriver{Name: "thiefbox", Version: m.By.Version, Home: m.By.home(), Rules: []sarifRule{}}
	for i, a := range m.Attacks {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: a.ID, Name: pascal(a.Name), Short: sarifText{Clean(a.Title)}, Full: sarifText{Clean(a.Story)},
			Help:       sarifText{"Read: " + Clean(strings.Join(a.Reads, "; ")) + ". thiefbox explain " + a.ID},
			HelpURI:    published(a.Reads),
			Properties: map[string]any{"tags": append([]string{"security"}, a.Model...)},
		})
		for _, c := range m.Cells[i] {
			if c.Applicable && (c.Verdict.Outcome != verdict.Held || c.Surprise()) {
				run.Results = append(run.Results, sarifCell(i, a, c))
			}
		}
	}
	return writeJSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifCell(index int, a Attack, c Cell) sarifResult {
	r := sarifResult{
		Rule: a.ID, Index: index, Kind: "fail", Level: "warning",
		Message:      sarifText{fmt.Sprintf("%s under %s is %s. %s", a.Title, Clean(c.Profile), judgement(c.Verdict.Outcome, c.Expected), Sentence(Clean(c.Verdict.Reason)))},
		Fingerprints: map[string]string{"thiefbox/v1": a.ID + ":" + Clean(c.Profile) + ":" + string(c.Verdict.Outcome)},
		Properties:   map[string]any{"outcome": c.Verdict.Outcome, "expected": c.Expected},
	}
	if c.Surprise() {
		r.Level = "error"
	}
	at := sarifLocation{Logical: []sarifLogical{{Clean(c.Profile), "profile"}}}
	at.Physical.Artifact.URI = "profiles/" + anchor(Clean(c.Profile)) + ".yaml" // readers want a file: the profile is what is judged
	at.Physical.Region.Line = 1                                                 // and a place in it, or they show nothing
	r.Locations = []sarifLocation{at}
	return r
}

var rfc = regexp.MustCompile(`^RFC ([0-9]+)(?: s([0-9]+(?:\.[0-9]+)*))?`)

// published is the address of the first source that has one which follows from its name; empty if none has.
func published(reads []string) string {
	for _, r := range reads {
		if m := rfc.FindStringSubmatch(r); m != nil {
			if m[2] != "" {
				m[2] = "#section-" + m[2]
			}
			return "https://www.rfc-editor.org/rfc/rfc" + m[1] + m[2]
		}
		for name, address := range map[string]string{
			"FAPI 2.0 SP ": "https://openid.net/specs/fapi-security-profile-2_0-final.html",
			"FAPI 2.0 MS ": "https://openid.net/specs/fapi-message-signing-2_0-final.html",
		} {
			if strings.HasPrefix(r, name) {
				return address
			}
		}
	}
	return ""
}

// pascal is a name as SARIF likes it: "replay-proof" is ReplayProof.
func pascal(name string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '/' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}
