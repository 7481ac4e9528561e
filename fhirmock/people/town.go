package people

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"thiefbox/fhirmock/store"
	"thiefbox/sim/clock"
	"thiefbox/sim/dice"
)

// A town is as many further patients as one asks for, beside the forty. Only who they are is made at the
// start, in a few words each: household, birth, number, general practitioner. What stands in a record is
// written when it is first asked for, by rule from the seed, and is the same each time.

// MostSouls is how many patients a town may have.
const MostSouls = 999_999 // their ids have six digits

// panelSize is about how many patients a general practitioner has.
const panelSize = 1000

// soul is one patient of a town.
type soul struct {
	born       int32 // days since 1900-01-01
	home       int32 // household
	individual uint16
	given      uint16
	surname    uint16
	gp         uint16 // index into town.gps
	female     bool
}

// town is a population of souls. It never changes, and is safe for concurrent use.
type town struct {
	seed   uint64
	souls  []soul
	gps    []Practitioner // whose panels follow one another
	starts []int          // where the panel of each begins; one more for the end
	places map[string]Organization
	folded folded
}

var century = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

// Settings say who lives in a town beside the forty.
type Settings struct {
	People int    // how many
	Seed   uint64 // the same people for the same number
	// Imported are records that somebody else has made. Their patients are shared out among the general
	// practitioners of the cast, so that somebody who can sign in may see them.
	Imported []*Record
}

// Taken tells which names the town itself gives.
func (s Settings) Taken() func(resourceType, id string) bool {
	s.Imported = nil
	p, err := Town(s)
	if err != nil {
		return nil // and Town will say so
	}
	v := store.New(p.base).View()
	return func(resourceType, id string) bool {
		_, ours := p.town.Owner(id)
		return ours || v.Get(resourceType, id) != nil
	}
}

// Town returns the forty and more, who are the same for the same seed. It takes about a microsecond and
// seventy bytes a patient, forty more once somebody is looked for by number, and 850 once what stands in charts, some
// sixty records each, is searched among many; see store.Folk for what is made later.
func Town(s Settings) (*People, error) {
	n, seed := s.People, s.Seed
	if n < 0 || n > MostSouls {
		return nil, fmt.Errorf("expected 0 to %d people, got %d", MostSouls, n)
	}
	p := &People{organizations: castOrganizations(), practitioners: castPractitioners(), records: map[string]*shelf{}}
	p.patients = castPatients(p.practitioners, p.organizations)
	p.rights = newRights(p)
	t := &town{seed: seed, places: map[string]Organization{}}
	t.employ(p, (n+panelSize-1)/panelSize)
	t.settle(n, p.patients)
	p.town = t
	records := append(p.everyRecord(), t.register(p)...)
	p.rights.admit(p, s.Imported)
	p.base = store.NewBase(append(records, s.Imported...)).With(t)
	p.mark = s.mark()
	return p, nil
}

// mark tells settings apart: imported records by name, time and length.
func (s Settings) mark() string {
	h := fnv.New64a()
	for _, r := range s.Imported {
		_, _ = fmt.Fprintf(h, "%s/%s %d %d\n", r.Type, r.ID, r.Updated.UnixMilli(), r.Size())
	}
	return fmt.Sprintf("%d of %d and %d: %x", s.People, s.Seed, len(s.Imported), h.Sum64())
}

// employ finds general practitioners: those of the cast first, then as many as it takes, five at a clinic.
func (t *town) employ(p *People, panels int) {
	for _, gp := range p.practitioners {
		if gp.Organization != HospitalID && len(t.gps) < panels {
			t.gps = append(t.gps, gp)
		}
	}
	d := dice.New(t.seed).Fork("professionals")
	next := 31500010
	for i := 0; len(t.gps) < panels; i++ {
		if i%5 == 0 {
			o := Organization{ID: fmt.Sprintf("clinic-%03d", i/5+1), kind: clinic, municipality: municipality(i / 5)}
			o.Name = o.municipality + " legesenter"
			o.Number, next = organisationNumber(next)
			p.organizations = append(p.organizations, o)
		}
		gp := Practitioner{ID: fmt.Sprintf("gp-%04d", i+1), Organization: fmt.Sprintf("clinic-%03d", i/5+1),
			HPR: strconv.Itoa(565600111 + 10*i), given: pick(d, womensNames), family: surname(d.IntN(surnames))}
		if d.IntN(2) == 0 {
			gp.given = pick(d, mensNames)
		}
		gp.Name = gp.given + " " + gp.family
		t.gps = append(t.gps, gp)
		p.practitioners = append(p.practitioners, gp)
	}
	for _, o := range p.organizations {
		t.places[o.ID] = o
	}
}

// settle fills households until there are n souls. A household shares address, surname and general practitioner.
func (t *town) settle(n int, others []Patient) {
	d := dice.New(t.seed).Fork("households")
	used := make(map[string]bool, n+len(others))
	for i := range others {
		used[others[i].NationalID] = true
	}
	t.souls = make([]soul, 0, n)
	for home := int32(0); len(t.souls) < n; home++ {
		gp := len(t.souls) / panelSize
		for len(t.starts) <= gp {
			t.starts = append(t.starts, len(t.souls))
		}
		for _, s := range household(d) {
			if len(t.souls) == n {
				break
			}
			s.home, s.gp = home, uint16(gp) //nolint:gosec // at most a thousand
			id := s.number()
			for ; used[id]; id = s.number() {
				s.individual++
			}
			used[id] = true
			t.souls = append(t.souls, s)
		}
	}
	for len(t.starts) <= len(t.gps) {
		t.starts = append(t.starts, len(t.souls))
	}
}

// household draws who lives together: a person alone, a couple, or parents with children.
func household(d *dice.Dice) []soul {
	name := uint16(d.IntN(surnames)) //nolint:gosec // a few hundred
	member := func(age int, female bool) soul {
		s := soul{born: int32(clock.Epoch.AddDate(-age, 0, -d.IntN(364)-1).Sub(century).Hours() / 24), female: female, surname: name,
			individual: uint16(d.IntN(480)), given: uint16(d.IntN(len(womensNames)))} //nolint:gosec // small
		return s
	}
	first := d.IntN(2) == 0
	switch k := d.IntN(10); {
	case k < 4:
		return []soul{member(18+d.IntN(78), first)}
	case k < 7:
		age := 24 + d.IntN(66)
		return []soul{member(age, first), member(max(18, age-4+d.IntN(9)), !first)}
	default:
		age := 26 + d.IntN(24)
		out := []soul{member(age, true)}
		if d.IntN(5) > 0 {
			out = append(out, member(age-2+d.IntN(7), false))
		}
		for range 1 + d.IntN(3) {
			out = append(out, member(d.IntN(min(18, age-19)), d.IntN(2) == 0))
		}
		return out
	}
}

func (s *soul) birth() time.Time { return century.AddDate(0, 0, int(s.born)) }

func (s *soul) number() string { return nationalID(s.birth(), s.female, int(s.individual)) }

// patient is a soul with all that is known of it.
func (t *town) patient(n int) Patient {
	s := &t.souls[n]
	gp := &t.gps[s.gp]
	p := Patient{ID: t.ID(n), NationalID: s.number(), BirthDate: day(s.birth()), Gender: s.gender(), GP: gp.ID, Clinic: gp.Organization,
		given: s.first(), family: surname(int(s.surname)), municipality: t.places[gp.Organization].municipality}
	p.Name = p.given + " " + p.family
	return p
}

// Folk are the patients beside the forty and the imported; nil for none.
func (p *People) Folk() store.Folk {
	if p.town == nil {
		return nil
	}
	return p.town
}

// ID is the id of the nth patient. Ids have one length, so that their order is that of the patients.
func (t *town) ID(n int) string {
	id := []byte("t000000")
	for n, i := n+1, len(id)-1; i > 0; n, i = n/10, i-1 {
		id[i] = byte('0' + n%10)
	}
	return string(id)
}

// Len is how many there are.
func (t *town) Len() int { return len(t.souls) }

// Patient is the place of a patient.
func (t *town) Patient(id string) (int, bool) {
	if len(id) != 7 || id[0] != 't' {
		return 0, false
	}
	n := 0
	for _, c := range []byte(id[1:]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n - 1, n > 0 && n <= len(t.souls)
}

// Owner is the place of the patient of a record, by its id: kind, patient, number.
func (t *town) Owner(id string) (int, bool) {
	for i := range len(id) - 8 {
		if id[i] == '-' && id[i+8:i+9] == "-" {
			return t.Patient(id[i+1 : i+8])
		}
	}
	return 0, false
}

// Holds tells whether charts have records of a type.
func (t *town) Holds(resourceType string) bool { return prefixes[resourceType] != "" }

// Stored is when they all came into the store.
func (t *town) Stored() time.Time { return loaded }

// Chart writes what stands about the nth patient, the patient aside: all of it, or the records of one type only.
func (t *town) Chart(n int, only string) []*Record { return t.life(n, only, nil) }

// Outline calls see with what it takes to find each record of the nth chart, in the order of Chart. That is a tenth of
// making them.
func (t *town) Outline(n int, see func(*store.Outline)) { t.life(n, "", see) }

// prefixes begin the ids of what stands in charts, by type.
var prefixes = map[string]string{
	"Encounter": "enc", "Condition": "cond", "Observation": "obs", "AllergyIntolerance": "alg", "MedicationRequest": "med", "MedicationStatement": "use",
	"Immunization": "imm", "Procedure": "proc", "DiagnosticReport": "rep", "DocumentReference": "doc", "Binary": "file", "ServiceRequest": "srv",
	"Appointment": "app", "CareTeam": "team", "Consent": "cons", "AuditEvent": "aud", "Provenance": "prov",
}

// RecordID is the id of a record of the nth chart, by its number among those of its type, from 0.
func (t *town) RecordID(resourceType string, n, number int) string {
	return recordID(prefixes[resourceType], t.ID(n), number+1)
}

// Number is the number of a record in its chart among those of its type, by its id.
func (t *town) Number(resourceType, id string) (int, bool) {
	prefix := prefixes[resourceType]
	if prefix == "" || len(id) != len(prefix)+len("-t000000-000") || id[:len(prefix)] != prefix {
		return 0, false
	}
	number, err := strconv.Atoi(id[len(id)-3:])
	return number - 1, err == nil && number > 0
}

// Role is what a record of the nth chart refers to in one of store.Roles parts: what is no part of the chart.
func (t *town) Role(n, part int) string {
	switch gp := &t.gps[t.souls[n].gp]; part {
	case 0:
		return "Patient/" + t.ID(n)
	case 1:
		return "Practitioner/" + gp.ID
	case 2:
		return "Organization/" + gp.Organization
	case 3:
		return "Location/" + gp.Organization
	}
	return "Practitioner/" + hospitalDoctor(n)
}
