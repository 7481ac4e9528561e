package people

import "slices"

// Caller is whom a token's subject stands for. One field is set; the zero Caller may see nobody.
type Caller struct {
	Practitioner string // id: her own panel, or at the hospital everybody who was treated there
	Patient      string // id: himself
	Organization string // id: a clinic's whole panel, the hospital's patients, a supplier's clinics
}

// rights lists, in the order of the patients, whose records a practitioner or an organisation may open.
type rights struct {
	practitioner, organization map[string]panel
	patients                   map[string]bool
}

type panel struct {
	list []string
	has  map[string]bool
}

// serves lists the clinics that have put their records into a supplier's hands: it may open what they
// may, in its own name. The one with many clinics is why a stolen client key is worth so much.
var serves = map[string][]string{
	"supplier":    {"granfjelldal", "flaksvagoy"},
	"oldsupplier": {"lysneset"},
}

// ActsFor tells whether an organisation may name another as the one it acts for: itself, and a supplier its clinics.
func ActsFor(organization, other string) bool {
	return organization != "" && (organization == other || slices.Contains(serves[organization], other))
}

func newRights(p *People) rights {
	r := rights{practitioner: map[string]panel{}, organization: map[string]panel{}, patients: map[string]bool{}}
	for n, patient := range p.patients {
		r.patients[patient.ID] = true
		grant(r.practitioner, patient.GP, patient.ID)
		grant(r.organization, patient.Clinic, patient.ID)
		for supplier, clinics := range serves {
			if slices.Contains(clinics, patient.Clinic) {
				grant(r.organization, supplier, patient.ID)
			}
		}
		if !atHospital(n) {
			continue
		}
		// A hospital doctor sees whoever was treated in the house: wards and shifts share patients.
		grant(r.organization, HospitalID, patient.ID)
		for _, doctor := range p.practitioners {
			if doctor.Organization == HospitalID {
				grant(r.practitioner, doctor.ID, patient.ID)
			}
		}
	}
	return r
}

// admit shares imported patients out among the general practitioners of the cast.
func (r *rights) admit(p *People, imported []*Record) {
	next := 0
	for _, rec := range imported {
		if rec.Type != "Patient" {
			continue
		}
		gp := p.practitioners[next%len(panels)]
		next++
		r.patients[rec.ID] = true
		grant(r.practitioner, gp.ID, rec.ID)
		grant(r.organization, gp.Organization, rec.ID)
		for supplier, clinics := range serves {
			if slices.Contains(clinics, gp.Organization) {
				grant(r.organization, supplier, rec.ID)
			}
		}
	}
}

func grant(to map[string]panel, whom, patient string) {
	p := to[whom]
	if p.has == nil {
		p.has = map[string]bool{}
	}
	p.list = append(p.list, patient)
	p.has[patient] = true
	to[whom] = p
}

// Entitled lists the ids of the patients whose records c may open.
func (p *People) Entitled(c Caller) []string {
	forty := p.rights.entitled(c)
	if p.town != nil {
		return append(forty, p.town.entitled(c)...)
	}
	return forty
}

func (r *rights) entitled(c Caller) []string {
	switch {
	case c.Practitioner != "":
		return append([]string(nil), r.practitioner[c.Practitioner].list...)
	case c.Organization != "":
		return append([]string(nil), r.organization[c.Organization].list...)
	case r.patients[c.Patient]:
		return []string{c.Patient}
	}
	return nil
}

// May tells whether c may open the record of a patient. It agrees with Entitled, without a list.
func (p *People) May(c Caller, patient string) bool {
	if p.town != nil && !p.rights.patients[patient] {
		n, ok := p.town.Patient(patient)
		return ok && p.town.grants(c, n)
	}
	switch {
	case c.Practitioner != "":
		return p.rights.practitioner[c.Practitioner].has[patient]
	case c.Organization != "":
		return p.rights.organization[c.Organization].has[patient]
	}
	return c.Patient == patient && p.rights.patients[patient]
}
