package drill

import (
	_ "embed"
	"slices"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed obligations.yaml
var obligationsFile []byte

// Obligation is somebody the law wants told, and how soon after one knows.
type Obligation struct {
	ID     string        `yaml:"id"`
	To     string        `yaml:"to"`
	Within time.Duration `yaml:"within"`
	Law    string        `yaml:"law"`
}

var obligations = sync.OnceValue(func() map[string][]Obligation {
	var all map[string][]Obligation
	if err := yaml.UnmarshalWithOptions(obligationsFile, &all, yaml.Strict()); err != nil {
		panic("drill: " + err.Error()) // a test reads it
	}
	return all
})

// Obligations are those of a country, by its code; nil if they are not known here.
func Obligations(country string) []Obligation { return slices.Clone(obligations()[country]) }

// Countries are those whose obligations are known.
func Countries() (codes []string) {
	for c := range obligations() {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return codes
}
