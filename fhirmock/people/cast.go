package people

import "strconv"

// orgKind is what an organisation does.
type orgKind int

const (
	clinic orgKind = iota
	hospital
	supplier
)

// HospitalID is the id of the one hospital.
const HospitalID = "fjordheim"

// castOrganizations makes the places. None of the municipalities exists.
func castOrganizations() []Organization {
	orgs := []Organization{
		{ID: "granfjelldal", Name: "Granfjelldal legesenter", kind: clinic, municipality: "Granfjelldal"},
		{ID: "flaksvagoy", Name: "Flaksvågøy legekontor", kind: clinic, municipality: "Flaksvågøy"},
		{ID: "lysneset", Name: "Lysneset fastlegepraksis", kind: clinic, municipality: "Lysneset"},
		{ID: HospitalID, Name: "Fjordheim sykehus", kind: hospital, municipality: "Flaksvågøy"},
		{ID: "supplier", Name: "Skyjournal Tenester AS", kind: supplier, municipality: "Lysneset"},
		{ID: "oldsupplier", Name: "Gamlesystem Drift AS", kind: supplier, municipality: "Granfjelldal"},
	}
	next := 31490010 // numbers that begin with 3 are handed out for test data only
	for i := range orgs {
		orgs[i].Number, next = organisationNumber(next)
	}
	return orgs
}

// castPractitioners makes the professionals: two general practitioners at each clinic, two doctors at
// the hospital. Their numbers have nine digits, which real ones do not reach.
func castPractitioners() []Practitioner {
	people := []Practitioner{
		{ID: "berg", given: "Stødig", family: "Berg", Organization: "granfjelldal"},
		{ID: "dal", given: "Blid", family: "Dal", Organization: "granfjelldal"},
		{ID: "vik", given: "Rolig", family: "Vik", Organization: "flaksvagoy"},
		{ID: "strand", given: "Kvikk", family: "Strand", Organization: "flaksvagoy"},
		{ID: "lund", given: "Klok", family: "Lund", Organization: "lysneset"},
		{ID: "foss", given: "Mild", family: "Foss", Organization: "lysneset"},
		{ID: "bakke", given: "Rask", family: "Bakke", Organization: HospitalID},
		{ID: "haug", given: "Trygg", family: "Haug", Organization: HospitalID},
	}
	for i := range people {
		people[i].Name = people[i].given + " " + people[i].family
		people[i].HPR = strconv.Itoa(565500111 + 10*i)
	}
	return people
}

// panels is how many patients each general practitioner has, in the order of the cast.
var panels = []struct {
	gp   string
	size int
}{{"berg", 7}, {"dal", 7}, {"vik", 7}, {"strand", 7}, {"lund", 6}, {"foss", 6}}

// atHospital tells whether the nth patient (from 0) has been to the hospital: one in five, from every
// panel.
func atHospital(n int) bool { return n%5 == 2 }

// hospitalDoctor is who treated the nth patient there.
func hospitalDoctor(n int) string {
	if n%2 == 0 {
		return "bakke"
	}
	return "haug"
}
