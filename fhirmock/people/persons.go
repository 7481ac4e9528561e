package people

import (
	"time"

	"thiefbox/sim/clock"
)

// registered is when the registers of people and places were last touched.
var registered = clock.Epoch.AddDate(0, -2, 0).Truncate(24 * time.Hour)

type patientResource struct {
	head
	Identifier           []identifier `json:"identifier"`
	Active               bool         `json:"active"`
	Name                 []humanName  `json:"name"`
	Gender               string       `json:"gender"`
	BirthDate            string       `json:"birthDate"`
	Address              []address    `json:"address"`
	GeneralPractitioner  []reference  `json:"generalPractitioner"`
	ManagingOrganization reference    `json:"managingOrganization"`
}

func patientRecord(p *Patient) resource {
	r := &patientResource{
		head:                 newHead("Patient", p.ID, registered, profileNorwegian+"Patient"),
		Identifier:           []identifier{{Use: "official", System: sysNationalID, Value: p.NationalID}},
		Active:               true,
		Name:                 []humanName{{Use: "official", Family: p.family, Given: []string{p.given}}},
		Gender:               p.Gender,
		BirthDate:            p.BirthDate,
		Address:              []address{{Use: "home", City: p.municipality, Country: "NO"}},
		GeneralPractitioner:  []reference{to("Practitioner", p.GP)},
		ManagingOrganization: to("Organization", p.Clinic),
	}
	if isProtected(p.number()) {
		r.Meta.Security = append(r.Meta.Security, veryRestricted)
	}
	return r
}

func (r *patientResource) summary() string {
	return r.Name[0].Given[0] + " " + r.Name[0].Family + ", born " + r.BirthDate
}

type practitionerResource struct {
	head
	Identifier    []identifier    `json:"identifier"`
	Active        bool            `json:"active"`
	Name          []humanName     `json:"name"`
	Qualification []qualification `json:"qualification"`
}

type qualification struct {
	Code concept `json:"code"`
}

func practitionerRecord(p *Practitioner) resource {
	return &practitionerResource{
		head:       newHead("Practitioner", p.ID, registered, profileNorwegian+"Practitioner"),
		Identifier: []identifier{{Use: "official", System: sysHPR, Value: p.HPR}},
		Active:     true,
		Name:       []humanName{{Use: "official", Family: p.family, Given: []string{p.given}}},
		Qualification: []qualification{{
			Code: concept{Coding: []coding{{System: sysProfession, Code: "LE", Display: "Lege"}}},
		}},
	}
}

func (r *practitionerResource) summary() string {
	return "Doctor " + r.Name[0].Given[0] + " " + r.Name[0].Family
}

type organizationResource struct {
	head
	Identifier []identifier `json:"identifier"`
	Active     bool         `json:"active"`
	Type       []concept    `json:"type"`
	Name       string       `json:"name"`
	Address    []address    `json:"address"`
}

func organizationRecord(o *Organization) resource {
	kind := coding{System: sysHL7 + "organization-type", Code: "prov", Display: "Healthcare Provider"}
	if o.kind == supplier {
		kind.Code, kind.Display = "bus", "Non-Healthcare Business or Corporation"
	}
	return &organizationResource{
		head:       newHead("Organization", o.ID, registered, profileNorwegian+"Organization"),
		Identifier: []identifier{{Use: "official", System: sysOrganisation, Value: o.Number}},
		Active:     true,
		Type:       []concept{{Coding: []coding{kind}}},
		Name:       o.Name,
		Address:    []address{{City: o.municipality, Country: "NO"}},
	}
}

func (r *organizationResource) summary() string { return r.Name }
