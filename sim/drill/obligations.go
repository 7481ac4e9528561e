package drill

import (
	_ "embed"
	"slices"
	"strings"
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
	// Source is where the law was read; empty where none sets the clock.
	Source string `yaml:"source"`
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

// Law is whom one has to tell in a drill: the trainer's own list, or the country's.
func (f *File) Law() []Obligation {
	if len(f.Obligations) > 0 {
		return f.Obligations
	}
	return Obligations(f.Country)
}

// Whose says whose obligations apply: a country by its code, or the drill's own.
func (f *File) Whose() string {
	if len(f.Obligations) > 0 {
		return "the drill itself"
	}
	return f.Country
}

// In is the drill under the obligations of another country; the drill itself for no country, or its own. The
// tape has the file as it was played.
func (f *File) In(country string) (*File, error) {
	if country == "" || country == f.Country {
		return f, nil
	}
	var lines []string
	for line := range strings.Lines(string(f.text)) {
		if !strings.HasPrefix(line, "country:") {
			lines = append(lines, line)
		}
	}
	return ParseFile([]byte(strings.TrimRight(strings.Join(lines, ""), "\n") + "\ncountry: \"" + country + "\"\n"))
}

// Countries are those whose obligations are known.
func Countries() (codes []string) {
	for c := range obligations() {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return codes
}
