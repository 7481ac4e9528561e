package people

import (
	"strconv"

	"thiefbox/fhirmock/store"
)

// register makes the records of a town that are there from the start: its professionals and places, and a group
// for each panel.
func (t *town) register(p *People) []*Record {
	var out []*Record
	for i := range p.organizations {
		o := &p.organizations[i]
		if p.records["Organization"] == nil || p.records["Organization"].byID[o.ID] == nil {
			out = append(out, p.file(render(organizationRecord(o), "")))
		}
		out = append(out, location(o))
	}
	for i := range p.practitioners {
		gp := &p.practitioners[i]
		if p.records["Practitioner"].byID[gp.ID] == nil {
			out = append(out, p.file(render(practitionerRecord(gp), "")))
		}
		out = append(out, role(gp))
	}
	for i := range t.gps {
		if from, to := t.starts[i], t.starts[i+1]; from < to {
			out = append(out, t.group(i, from, to))
		}
	}
	return out
}

func location(at *Organization) *Record {
	return page("Location", at.ID, "", profileNorwegian+"Location", at.Name, o{"status", "active", "name", at.Name, "mode", "instance",
		"address", o{"city", at.municipality, "country", "NO"}, "managingOrganization", ref("Organization/" + at.ID)})
}

func role(of *Practitioner) *Record {
	return page("PractitionerRole", of.ID, "", profileNorwegian+"PractitionerRole", "Doctor "+of.Name, o{"active", true, "practitioner", ref("Practitioner/" + of.ID),
		"organization", ref("Organization/" + of.Organization), "code", list{code(sysProfession, "LE")}, "location", list{ref("Location/" + of.Organization)}})
}

// group is a panel. It lies in the compartment of every one of its members, and so is seen by who may see them all.
// It names them all, so its text too is written when it is asked for.
func (t *town) group(i, from, to int) *Record {
	gp := &t.gps[i]
	ids := make([]string, 0, to-from)
	for n := from; n < to; n++ {
		ids = append(ids, t.ID(n))
	}
	r := store.Lazily("Group", "panel-"+gp.ID, ids[0], loaded, func() *Record {
		members := make(list, len(ids))
		for n, id := range ids {
			members[n] = o{"entity", ref("Patient/" + id)}
		}
		return page("Group", "panel-"+gp.ID, ids[0], "", "Panel of "+gp.Name, o{"active", true, "type", "person", "actual", true,
			"name", "Panel of " + gp.Name, "quantity", len(members), "managingEntity", ref("Practitioner/" + gp.ID), "member", members})
	})
	r.Patients = ids
	return r
}

// Person is the record of who the nth patient is. Its text is written when it is asked for.
func (t *town) Person(n int) *Record {
	id := t.ID(n)
	r := store.Lazily("Patient", id, id, loaded, func() *Record { return t.person(n) })
	if isProtectedSoul(n) {
		r.Confidentiality = store.VeryRestricted
	}
	return r
}

// gender is the FHIR code.
func (s *soul) gender() string {
	if s.female {
		return "female"
	}
	return "male"
}

// first is the given name.
func (s *soul) first() string {
	if s.female {
		return womensNames[int(s.given)%len(womensNames)]
	}
	return mensNames[int(s.given)%len(mensNames)]
}

// street is the name of a street, and a house in it with a space before.
func (s *soul) street() (name, house string) {
	return streets[int(s.home)%len(streets)], " " + strconv.Itoa(1+int(s.home)/len(streets)%120)
}

func (s *soul) postcode() string { return "999" + strconv.Itoa(int(s.gp)%10) }

func (t *town) person(n int) *Record {
	p, s := t.patient(n), &t.souls[n]
	var labels []coding
	if isProtectedSoul(n) {
		labels = []coding{veryRestricted}
	}
	street, house := s.street()
	return page("Patient", p.ID, p.ID, profileNorwegian+"Patient", p.Name+", born "+p.BirthDate, o{
		"identifier", list{o{"use", "official", "system", sysNationalID, "value", p.NationalID}}, "active", true,
		"name", list{o{"use", "official", "family", p.family, "given", list{p.given}}}, "gender", p.Gender, "birthDate", p.BirthDate,
		"address", list{o{"use", "home", "line", list{street + house}, "city", p.municipality, "postalCode", s.postcode(), "country", "NO"}},
		"generalPractitioner", list{ref("Practitioner/" + p.GP)}, "managingOrganization", ref("Organization/" + p.Clinic)}, labels...)
}

// grants tells whether c may open the record of the nth patient of a town.
func (t *town) grants(c Caller, n int) bool {
	gp := &t.gps[t.souls[n].gp]
	switch {
	case c.Practitioner != "":
		return gp.ID == c.Practitioner || t.atHospital(n) && t.atWork(c.Practitioner)
	case c.Organization != "":
		return gp.Organization == c.Organization || c.Organization == HospitalID && t.atHospital(n) || t.served(c.Organization, gp.Organization)
	}
	return c.Patient == t.ID(n)
}

func (t *town) atWork(doctor string) bool {
	return doctor == hospitalDoctor(0) || doctor == hospitalDoctor(1)
}

func (t *town) served(supplier, place string) bool {
	for _, o := range serves[supplier] {
		if o == place {
			return true
		}
	}
	return false
}

// entitled lists the patients of a town whose records c may open.
func (t *town) entitled(c Caller) []string {
	var out []string
	if n, ok := t.Patient(c.Patient); ok && c.Practitioner == "" && c.Organization == "" {
		return []string{t.ID(n)}
	}
	for i := range t.gps {
		if t.starts[i] < t.starts[i+1] && c.Practitioner == t.gps[i].ID {
			for n := t.starts[i]; n < t.starts[i+1]; n++ {
				out = append(out, t.ID(n))
			}
			return out
		}
	}
	for n := range t.souls {
		if t.grants(c, n) {
			out = append(out, t.ID(n))
		}
	}
	return out
}
