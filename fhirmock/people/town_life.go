package people

import (
	"math"
	"slices"
	"time"

	"thiefbox/fhirmock/store"
	"thiefbox/sim/clock"
	"thiefbox/sim/dice"
)

// years is how far back a chart goes.
const years = 8

// life writes the chart of one soul, in the order in which things happened.
type life struct {
	t       *town
	n       int
	soul    *soul
	patient Patient
	dice    *dice.Dice
	only    string               // the one type of resource that is wanted, or ""
	outline func(*store.Outline) // in place of records, what it takes to find them is wanted; nil for records
	out     []*Record
	counts  map[string]int
	ills    []illness
	smoker  bool
	weight  float64   // kg, as an adult
	height  float64   // cm, as an adult
	kidney  float64   // creatinine in umol/L when healthy
	labels  []coding  // of what is being written
	values  [2]uint16 // what was measured, of what is being written: see store.Outline
	now     time.Time
}

// illness is what somebody has had since a day.
type illness struct {
	*ailment
	since     time.Time
	condition string // reference, once written
}

func (t *town) life(n int, only string, outline func(*store.Outline)) []*Record {
	l := &life{t: t, n: n, only: only, outline: outline, soul: &t.souls[n], patient: t.patient(n), counts: map[string]int{}, now: clock.Epoch.Truncate(24 * time.Hour)}
	l.dice = dice.New(t.seed).Fork("chart " + l.patient.ID)
	l.constitution()
	l.fallIll()
	l.childhood()
	last := l.contacts()
	l.allergic()
	l.arrangements(last)
	return l.out
}

func (l *life) constitution() {
	l.height, l.kidney = 180+l.spread(9), 80+l.spread(14)
	if l.soul.female {
		l.height, l.kidney = 167+l.spread(8), 65+l.spread(12)
	}
	l.weight = (l.height / 100) * (l.height / 100) * (25 + l.spread(5))
	l.smoker = l.ageAt(l.now) >= 16 && l.dice.IntN(8) == 0
}

// spread is some number from -by to by, more often a small one.
func (l *life) spread(by float64) float64 {
	return by * (float64(l.dice.IntN(1001)+l.dice.IntN(1001))/1000 - 1)
}

func (l *life) ageAt(when time.Time) int {
	return int(when.Sub(l.soul.birth()).Hours() / 24 / 365.2425)
}

// chance is the odds, in a thousand, that somebody of the right age has a lasting ailment, by its ICPC-2 code.
var chance = map[string]int{"K86": 260, "T90": 90, "R96": 80, "P76": 70, "N89": 90, "T93": 150, "L90": 160, "R95": 70, "K78": 60,
	"T86": 45, "D84": 80, "S87": 70, "R97": 120, "P81": 40, "P70": 110, "F93": 50}

// fallIll decides what lasting ailments somebody has, and since when.
func (l *life) fallIll() {
	for i := range ailments {
		a := &ailments[i]
		if !a.lasting || l.ageAt(l.now) < a.from || l.dice.IntN(1000) >= chance[a.icpc] {
			continue
		}
		first := l.soul.birth().AddDate(a.from, 0, 30)
		last := l.now.AddDate(0, 0, -60)
		if end := l.soul.birth().AddDate(a.to, 0, 0); end.Before(last) {
			last = end
		}
		if earliest := l.now.AddDate(-20, 0, 0); first.Before(earliest) {
			first = earliest
		}
		if days := int(last.Sub(first).Hours() / 24); days > 0 {
			l.ills = append(l.ills, illness{ailment: a, since: first.AddDate(0, 0, l.dice.IntN(days))})
		}
	}
}

func (l *life) has(icpc string, when time.Time) *illness {
	for i := range l.ills {
		if l.ills[i].icpc == icpc && !l.ills[i].since.After(when) {
			return &l.ills[i]
		}
	}
	return nil
}

// contacts writes what happened at the general practitioner's and at the hospital, year by year, and
// returns when it was last.
func (l *life) contacts() time.Time {
	for i := range l.ills { // diagnosed before the chart begins: one contact, long ago, is enough
		if since := l.ills[i].since; since.Before(l.now.AddDate(-years, 0, 0)) {
			l.labels = l.ills[i].labels()
			l.diagnose(&l.ills[i], l.hour(since), "")
			l.labels = nil
		}
	}
	type visit struct {
		when time.Time
		ill  *illness // nil for something that passes
	}
	var visits []visit
	for i := range l.ills { // what begins later
		if ill := &l.ills[i]; ill.condition == "" {
			visits = append(visits, visit{l.hour(ill.since), ill})
		}
	}
	for year := years; year >= 1; year-- {
		from := l.now.AddDate(-year, 0, 0)
		if from.Before(l.soul.birth()) {
			continue
		}
		switch when := l.hour(from.AddDate(0, 0, 20+l.dice.IntN(330))); {
		case l.chronic(when):
			visits = append(visits, visit{when, &l.ills[0]})
		case l.dice.IntN(3) == 0:
			visits = append(visits, visit{when, nil})
		}
	}
	if len(visits) == 0 {
		visits = append(visits, visit{l.hour(l.now.AddDate(0, 0, -1)), nil})
	}
	slices.SortFunc(visits, func(a, b visit) int { return a.when.Compare(b.when) })
	for _, v := range visits {
		l.contact(v.when, v.ill)
	}
	return visits[len(visits)-1].when
}

func (l *life) chronic(when time.Time) bool { return len(l.ills) > 0 && !l.ills[0].since.After(when) }

// hour is a working hour of a day that is over, and on which the patient had been born.
func (l *life) hour(day time.Time) time.Time {
	if latest := l.now.AddDate(0, 0, -1); day.After(latest) {
		day = latest
	}
	if born := l.soul.birth(); day.Before(born) {
		day = born
	}
	return day.Truncate(24 * time.Hour).Add(time.Duration(8*60+l.dice.IntN(7*60)) * time.Minute)
}

// contact is a consultation because of an illness, or because of something that passes.
func (l *life) contact(when time.Time, ill *illness) time.Time {
	if ill == nil {
		ill = l.passing(when)
	}
	l.labels = ill.labels()
	defer func() { l.labels = nil }()
	encounter := l.encounter(ill.ailment, when, "AMB", l.patient.GP, l.patient.Clinic, 20*time.Minute)
	if ill.condition == "" {
		l.diagnose(ill, when, encounter)
	}
	l.vitalSigns(when, encounter)
	l.laboratory(when, encounter)
	l.procedures(ill, when, encounter)
	l.note(docNote, ill.ailment, when, encounter, l.patient.GP, l.patient.Clinic)
	return when
}

// passing is an ailment that fits the age and will be over.
func (l *life) passing(when time.Time) *illness {
	age := l.ageAt(when)
	for range 20 {
		if a := &ailments[l.dice.IntN(len(ailments))]; !a.lasting && age >= a.from && age <= a.to {
			return &illness{ailment: a, since: when.AddDate(0, 0, -min(l.dice.IntN(6), int(when.Sub(l.soul.birth()).Hours()/24)))}
		}
	}
	for i := range ailments {
		if ailments[i].icpc == "D12" { // at any age
			return &illness{ailment: &ailments[i], since: when}
		}
	}
	panic("people: nothing that anybody can have")
}

// atHospital tells whether a patient of a town has been to the hospital.
func (t *town) atHospital(n int) bool { return n%8 == 5 }

func (l *life) id(prefix string) string {
	l.counts[prefix]++
	return recordID(prefix, l.patient.ID, l.counts[prefix])
}

// recordID is the id of the nth record of a patient, from 1, among those of its type.
func recordID(prefix, patient string, n int) string {
	id := append(append(append(make([]byte, 0, 24), prefix...), '-'), patient...)
	return string(append(id, '-', byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10)))
}

// shape is what all else that a record can be found by follows from, beside when it was and what was measured: what it
// is about, in a word or two, and what they leave open.
type shape = store.Shape

// write adds a record, if it is of a type that is wanted, and tells what it is called. What it says is made then; who
// draws dice does it before, so that the rest of the chart is the same whatever is wanted. The times that it tells
// follow from when, those to the second by the second and those to the day by the day.
func (l *life) write(resourceType string, like shape, when time.Time, say func() (summary string, body o)) string {
	if l.outline != nil {
		if len(l.labels) > 0 {
			like.Labels = l.labels[len(l.labels)-1].Code
		}
		l.outline(&store.Outline{Type: resourceType, Shape: like, When: when, Values: l.values})
		return resourceType // for who asks whether it was written
	}
	id := l.id(prefixes[resourceType])
	if l.only == "" || l.only == resourceType {
		summary, body := say()
		if resourceType != "Binary" && resourceType != "Provenance" && resourceType != "AuditEvent" && resourceType != "Consent" {
			body = append(o{"identifier", list{o{"system", sysRecord, "value", id}}}, body...)
		}
		l.out = append(l.out, page(resourceType, id, l.patient.ID, "", summary, body, l.labels...))
	}
	return resourceType + "/" + id
}

func (l *life) self() o { return ref("Patient/" + l.patient.ID) }

// gfr is the glomerular filtration rate by CKD-EPI 2021, in ml/min/1.73 m2, from creatinine in umol/L.
func gfr(creatinine float64, age int, female bool) float64 {
	kappa, alpha, factor := 0.9, -0.302, 1.0
	if female {
		kappa, alpha, factor = 0.7, -0.241, 1.012
	}
	ratio := creatinine / 88.42 / kappa
	return 142 * math.Pow(math.Min(ratio, 1), alpha) * math.Pow(math.Max(ratio, 1), -1.2) * math.Pow(0.9938, float64(age)) * factor
}
