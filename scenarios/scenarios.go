// Package scenarios is what to show first: each file is a story of one attack under profiles that
// belong beside one another. It also keeps the reviewed matrix (expected.yaml): what every attack does
// under every profile, as people have read and agreed, against which every run is compared.
//
// A scenario's name is its file's. Add one by adding a file.
package scenarios

import (
	"path"
	"runtime"
	"slices"
	"strings"
)

// Scenario is one attack worth showing, under profiles worth comparing.
type Scenario struct {
	Name     string   // of its file: "stolen-token"
	Title    string   // "A stolen token reads a record, and does not"
	Story    string   // two or three sentences a clinician could follow
	Attack   string   // catalogue id
	Profiles []string // in the order in which they are shown
	First    bool     // the one to begin with
}

var registry []Scenario

// register adds the scenario of the calling file.
func register(s Scenario) struct{} {
	_, file, _, ok := runtime.Caller(1)
	if !ok {
		panic("scenarios: no caller information")
	}
	s.Name = strings.ReplaceAll(strings.TrimSuffix(path.Base(file), ".go"), "_", "-")
	registry = append(registry, s)
	return struct{}{}
}

// All returns every scenario: the one to begin with, then by name.
func All() []Scenario {
	all := slices.Clone(registry)
	slices.SortFunc(all, func(a, b Scenario) int {
		if a.First != b.First {
			if a.First {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}
