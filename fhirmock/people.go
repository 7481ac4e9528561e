package fhirmock

import (
	"maps"
	"regexp"
	"runtime/debug"
	"slices"

	"thiefbox/fhirmock/intake"
	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
)

// The population lives in a package of its own; whoever sets up an API needs these names of it.
type (
	People       = people.People
	Patient      = people.Patient
	Practitioner = people.Practitioner
	Organization = people.Organization
	Caller       = people.Caller
	Record       = people.Record
)

// mostPrepared is how many patients there may be for what finds the records in their charts to be made unasked: it
// takes two seconds, and weighs what they do several times over.
const mostPrepared = 200_000

// Settle returns a population of the forty and n more, made from a seed, and whoever stands in the files at
// imported ("" for nobody). What was read of those is told, with an error or without.
func Settle(n int, seed uint64, imported string, skipInvalid bool) (p *People, told string, err error) {
	s := people.Settings{People: n, Seed: seed}
	var types []string
	if imported != "" {
		read, err := intake.Read(imported, intake.Options{SkipInvalid: skipInvalid, Served: query.Served, Taken: s.Taken(),
			CanaryURL: people.CanaryURL, Mark: people.CanaryMark})
		if err != nil {
			return nil, "", err
		}
		s.Imported, told = read.Records, read.String()
		types = slices.Sorted(maps.Keys(read.Loaded))
	}
	if p, err = people.Town(s); err != nil {
		return nil, "", err
	}
	go func() { // so that the first who searches need not wait: a hundred thousand records take seconds
		p.Base().Prepare("Patient")
		p.Base().Prepare("Group") // of a panel, whose members Patient/$everything asks for
		for _, kind := range types {
			p.Base().Prepare(kind)
		}
		if n <= mostPrepared {
			p.Base().PrepareCharts()
		}
		if imported != "" {
			debug.FreeOSMemory() // to read files and to index them takes as much again as both will weigh
		}
	}()
	return p, told, nil
}

// Everybody returns the invented population, the same one each time.
func Everybody() *People { return people.Everybody() }

// SyntheticID is a national identity number that nobody has, equal for equal numbers.
func SyntheticID(number uint32) string { return people.SyntheticID(number) }

// guessable tells of any id but a UUID that was drawn (RFC 9562, versions 4 and 7) or one that this API has drawn itself.
// The ids of the population follow one another, and those that systems choose mean something to them: who could create
// a record by one would be told which there are.
func guessable(id string) bool { return !drawn.MatchString(id) }

var drawn = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[47][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$|^[0-9a-f]{32}$`)
