package fhirmock

import "thiefbox/fhirmock/people"

// The population lives in a package of its own; whoever sets up an API needs these names of it.
type (
	People       = people.People
	Patient      = people.Patient
	Practitioner = people.Practitioner
	Organization = people.Organization
	Caller       = people.Caller
)

// Everybody returns the invented population, the same one each time.
func Everybody() *People { return people.Everybody() }

// SyntheticID is a national identity number that nobody has, equal for equal numbers.
func SyntheticID(number uint32) string { return people.SyntheticID(number) }
