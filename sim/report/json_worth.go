package report

import (
	"io"

	"thiefbox/sim/worth"
)

// The schemas of what is computed from runs; the rules of json.go hold.
const (
	SchemaAblation = "thiefbox.ablation/1"
)

// WriteAblationJSON writes {"schema":"thiefbox.ablation/1","catalogues":[…]}, one for each profile.
func WriteAblationJSON(w io.Writer, catalogues []worth.Catalogue) error {
	return writeJSON(w, struct {
		Schema     string            `json:"schema"`
		Catalogues []worth.Catalogue `json:"catalogues"`
	}{SchemaAblation, notNil(catalogues)})
}
