package report

import (
	"io"

	"thiefbox/sim/worth"
)

// The schemas of what is computed from runs; the rules of json.go hold.
const (
	SchemaAblation = "thiefbox.ablation/1"
	SchemaOrder    = "thiefbox.order/1"
	SchemaRisk     = "thiefbox.risk/1"
	SchemaCoverage = "thiefbox.coverage/1"
)

type (
	ablationDocument struct {
		Schema     string            `json:"schema"`
		Catalogues []worth.Catalogue `json:"catalogues"`
	}
	orderDocument struct {
		Schema string `json:"schema"`
		worth.Rollout
	}
	riskDocument struct {
		Schema string `json:"schema"`
		worth.Risk
	}
	coverageDocument struct {
		Schema string `json:"schema"`
		worth.Coverage
	}
)

// WriteAblationJSON writes {"schema":"thiefbox.ablation/1","catalogues":[…]}, one for each profile.
func WriteAblationJSON(w io.Writer, catalogues []worth.Catalogue) error {
	return writeJSON(w, ablationDocument{SchemaAblation, notNil(catalogues)})
}

// WriteOrderJSON writes {"schema":"thiefbox.order/1","from":…,"steps":…}.
func WriteOrderJSON(w io.Writer, r worth.Rollout) error {
	return writeJSON(w, orderDocument{SchemaOrder, r})
}

// WriteCoverageJSON writes {"schema":"thiefbox.coverage/1","profile":…,"documents":[…]}.
func WriteCoverageJSON(w io.Writer, c worth.Coverage) error {
	c.Documents = notNil(c.Documents)
	return writeJSON(w, coverageDocument{SchemaCoverage, c})
}

// WriteRiskJSON writes {"schema":"thiefbox.risk/1","before":…,"after":…,"vectors":…,"caveats":…}.
func WriteRiskJSON(w io.Writer, r worth.Risk) error {
	return writeJSON(w, riskDocument{SchemaRisk, r})
}
