package people

import (
	"encoding/json"
	"strconv"
	"time"
)

// vitals writes blood pressure at the first visit, heart rate at the second, body weight at the third.
func (w *writer) vitals(when time.Time, encounter reference) {
	switch w.counts["enc"] {
	case 1:
		w.bloodPressure(when, encounter)
	case 2:
		w.observe("vital-signs", heartRate, w.number(heartRate.low, heartRate.high, 0), when, encounter)
	default:
		low, high := w.usualWeight()
		w.observe("vital-signs", weight, w.number(low, high, weight.decimals), when, encounter)
	}
}

// usualWeight is a plausible range in kg. For children it is the rule of thumb of emergency wards.
func (w *writer) usualWeight() (low, high float64) {
	if w.age >= 14 {
		return 52, 98
	}
	middle := float64(2 * (w.age + 4))
	return middle * 0.9, middle * 1.1
}

// laboratory writes one result, another kind each time. One in three is a little beyond the healthy
// range, which is what people see a doctor for.
func (w *writer) laboratory(when time.Time, encounter reference) {
	m := laboratory[(w.patient.number()+3*w.counts["enc"])%len(laboratory)]
	low, high := m.low, m.high
	if w.dice.IntN(3) == 0 {
		low, high = high, high*1.5
	}
	w.observe("laboratory", m, w.number(low, high, m.decimals), when, encounter)
}

func (w *writer) observe(category string, m measurement, value json.Number, when time.Time, encounter reference) {
	r := w.observation(category, m.loinc, m.text, when, encounter)
	q := ucum(value, m.unit, m.ucum)
	r.ValueQuantity = &q
	if category == "laboratory" {
		r.ReferenceRange = []referenceRange{{Low: m.bound(m.low), High: m.bound(m.high)}}
	}
}

func (m measurement) bound(v float64) *quantity {
	q := ucum(json.Number(strconv.FormatFloat(v, 'f', m.decimals, 64)), m.unit, m.ucum)
	return &q
}

// bloodPressure is a panel of two (FHIR vital signs profile bp).
func (w *writer) bloodPressure(when time.Time, encounter reference) {
	r := w.observation("vital-signs", "85354-9", "Blood pressure", when, encounter)
	for _, m := range []measurement{systolic, diastolic} {
		r.Component = append(r.Component, component{
			Code:          concept{Coding: []coding{{System: sysLOINC, Code: m.loinc}}, Text: m.text},
			ValueQuantity: ucum(w.number(m.low, m.high, m.decimals), m.unit, m.ucum),
		})
	}
}

func (w *writer) observation(category, loinc, text string, when time.Time, encounter reference) *observationResource {
	h, id := w.begin("Observation", "obs", when)
	r := &observationResource{
		head: h, Identifier: id, Status: "final",
		Category: []concept{coded("observation-category", category)},
		Code:     concept{Coding: []coding{{System: sysLOINC, Code: loinc}}, Text: text},
		Subject:  w.subject(), Encounter: encounter, EffectiveDateTime: instant(when),
		Performer: []reference{to("Practitioner", w.patient.GP)},
	}
	w.out = append(w.out, r)
	return r
}
