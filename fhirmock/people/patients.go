package people

import (
	"fmt"
	"slices"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/dice"
)

// The adjectives and nouns that patients are named after, as in the national test population.
var (
	adjectives = []string{
		"Vakker", "Livstrett", "Kvart", "Glad", "Modig", "Lur", "Sprek", "Tapper", "Varm", "Stille",
		"Munter", "Ivrig", "Snill", "Lys", "Vill", "Gyllen", "Frodig", "Dristig", "Smidig", "Ydmyk",
		"Ærlig", "Undrende", "Høflig", "Leken", "Nysgjerrig", "Sindig", "Kjapp", "Grønn", "Myk", "Stolt",
	}
	nouns = []string{
		"Blomst", "Bever", "Grevling", "Bjørk", "Måke", "Fjellrev", "Sommerfugl", "Tinde", "Laks", "Lyng",
		"Rogn", "Ekorn", "Hval", "Tind", "Mose", "Orrhane", "Multe", "Torsk", "Gran", "Lomvi",
		"Reinsdyr", "Bekk", "Svane", "Kråkebolle", "Einer", "Villsau", "Havørn", "Skjell", "Ugle", "Kløver",
	}
)

// seed is the population's own. It never changes, so that p07 is the same person in every version.
const seed = 20261123

// castPatients makes 40 patients and divides them into panels.
func castPatients(gps []Practitioner, places []Organization) []Patient {
	placeOf := map[string]Organization{}
	for _, gp := range gps {
		i := slices.IndexFunc(places, func(o Organization) bool { return o.ID == gp.Organization })
		placeOf[gp.ID] = places[i]
	}
	root := dice.New(seed).Fork("patients")
	var patients []Patient
	for _, panel := range panels {
		for range panel.size {
			n := len(patients)
			p := newPatient(n, root.Fork(fmt.Sprint(n)))
			p.GP, p.Clinic, p.municipality = panel.gp, placeOf[panel.gp].ID, placeOf[panel.gp].municipality
			patients = append(patients, p)
		}
	}
	return patients
}

func newPatient(n int, d *dice.Dice) Patient {
	age := d.IntN(93) + 1
	birth := clock.Epoch.AddDate(-age, 0, -d.IntN(365)).Truncate(24 * time.Hour)
	female := d.IntN(2) == 0
	p := Patient{
		ID: fmt.Sprintf("p%02d", n+1), BirthDate: birth.Format(time.DateOnly), Gender: "male",
		NationalID: nationalID(birth, female, d.IntN(500)),
		// 7 and 30 have no common divisor, so no adjective meets the same noun twice.
		given: adjectives[n*7%len(adjectives)], family: nouns[(n*11+n/len(adjectives))%len(nouns)],
	}
	if female {
		p.Gender = "female"
	}
	p.Name = p.given + " " + p.family
	return p
}

// born is the patient's birth date as a time.
func (p *Patient) born() time.Time {
	t, err := time.Parse(time.DateOnly, p.BirthDate)
	if err != nil {
		panic("people: " + err.Error())
	}
	return t
}

// number is the patient's place in the list, from 0.
func (p *Patient) number() int {
	var n int
	if _, err := fmt.Sscanf(p.ID, "p%d", &n); err != nil {
		panic("people: " + p.ID + ": " + err.Error())
	}
	return n - 1
}
