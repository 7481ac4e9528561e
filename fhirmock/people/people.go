// Package people is the invented population: who is treated where, who may see whose record, and the
// records themselves as FHIR R4 resources.
//
// Everybody is made up. National identity numbers are synthetic by rule (month plus 80, which no real
// number has), names follow the adjective-and-noun habit of the national test population, municipalities
// and organisations do not exist, and every resource wears the label HTEST.
//
// The population is built once, by rule from a fixed seed, and never changes; worlds share it. Records
// are rendered beforehand, so serving one is a copy with the world's canary put in. Begin with cast.go
// (places and professionals), patients.go and chart.go (what stands in a record).
package people

import (
	"sync"

	"thiefbox/fhirmock/store"
)

// Patient is one invented patient.
type Patient struct {
	ID         string // "p01"
	Name       string
	NationalID string // 11 digits, synthetic
	BirthDate  string // "1985-03-12"
	Gender     string // FHIR code: "female" or "male"
	GP         string // practitioner id
	Clinic     string // organisation id

	given, family, municipality string
}

// Practitioner is one invented health professional.
type Practitioner struct {
	ID           string // also the sub of her tokens
	Name         string
	HPR          string // number in the health personnel register
	Organization string // organisation id

	given, family string
}

// Organization is a clinic, a hospital or a supplier.
type Organization struct {
	ID     string
	Name   string
	Number string // nine digits, mod 11

	kind         orgKind
	municipality string
}

// People is the population. It is immutable and safe for concurrent use.
type People struct {
	patients      []Patient
	practitioners []Practitioner
	organizations []Organization

	rights  rights
	records map[string]*shelf // by resource type
	base    *store.Base
	town    *town // further patients; nil for none
	mark    string
}

// shelf holds the records of one resource type.
type shelf struct {
	all       []*Record
	byID      map[string]*Record
	byPatient map[string][]*Record
}

// Everybody returns the population. The first call builds it.
var Everybody = sync.OnceValue(build)

// Patients lists the forty by id. Those of a town are found by searching.
func (p *People) Patients() []Patient { return append([]Patient(nil), p.patients...) }

// Practitioners lists the health professionals, those of the clinics first.
func (p *People) Practitioners() []Practitioner {
	return append([]Practitioner(nil), p.practitioners...)
}

// Organizations lists clinics, hospital and suppliers.
func (p *People) Organizations() []Organization {
	return append([]Organization(nil), p.organizations...)
}

// Base is the records as the lowest layer of a store, shared by all.
func (p *People) Base() *store.Base { return p.base }

// Mark names the population: those of the same settings have the same one.
func (p *People) Mark() string { return p.mark }

// Knows tells whether a patient is one of these people, rather than one that was entered later.
func (p *People) Knows(patient string) bool {
	if p.town != nil && !p.rights.patients[patient] {
		_, ok := p.town.Patient(patient)
		return ok
	}
	return p.rights.patients[patient]
}

// Record finds a record, or returns nil.
func (p *People) Record(resourceType, id string) *Record {
	if s := p.records[resourceType]; s != nil {
		return s.byID[id]
	}
	return nil
}

// Records lists the records of a type in a fixed order. The slice is shared: read only.
func (p *People) Records(resourceType string) []*Record {
	if s := p.records[resourceType]; s != nil {
		return s.all
	}
	return nil
}

// RecordsOf lists the records of a type that belong to one patient. The slice is shared: read only.
func (p *People) RecordsOf(resourceType, patient string) []*Record {
	if s := p.records[resourceType]; s != nil {
		return s.byPatient[patient]
	}
	return nil
}

func build() *People {
	p := &People{organizations: castOrganizations(), practitioners: castPractitioners(), records: map[string]*shelf{}}
	p.patients = castPatients(p.practitioners, p.organizations)
	p.rights = newRights(p)
	p.base = store.NewBase(p.everyRecord())
	return p
}

// everyRecord writes the records of the forty, and of those who treat them.
func (p *People) everyRecord() []*Record {
	var all []*Record
	for i := range p.organizations {
		all = append(all, p.file(render(organizationRecord(&p.organizations[i]), "")))
	}
	for i := range p.practitioners {
		all = append(all, p.file(render(practitionerRecord(&p.practitioners[i]), "")))
	}
	for i := range p.patients {
		written, scanned := chart(&p.patients[i])
		for _, r := range written {
			all = append(all, p.file(render(r, p.patients[i].ID)))
		}
		for _, r := range scanned {
			all = append(all, p.file(r))
		}
	}
	return all
}

func (p *People) file(record *Record) *Record {
	s := p.records[record.Type]
	if s == nil {
		s = &shelf{byID: map[string]*Record{}, byPatient: map[string][]*Record{}}
		p.records[record.Type] = s
	}
	if s.byID[record.ID] != nil {
		panic("people: two records are called " + record.Type + "/" + record.ID)
	}
	s.all = append(s.all, record)
	s.byID[record.ID] = record
	patient := ""
	if len(record.Patients) > 0 {
		patient = record.Patients[0]
	}
	s.byPatient[patient] = append(s.byPatient[patient], record)
	return record
}
