package people

import (
	"fmt"
	"math"
	"time"
)

// What is measured at a contact, and how it hangs together with what somebody has.

var (
	height     = measurement{"8302-2", "Body height", "cm", "cm", 0, 0, 0}
	bodyMass   = measurement{"39156-5", "Body mass index", "kg/m2", "kg/m2", 0, 0, 1}
	creatinine = measurement{"14682-9", "Creatinine in serum", "umol/L", "umol/L", 45, 105, 0}
	filtration = measurement{"62238-1", "Glomerular filtration rate (CKD-EPI)", "mL/min/1.73 m2", "mL/min/{1.73_m2}", 60, 120, 0}
	longSugar  = measurement{"59261-8", "Haemoglobin A1c", "mmol/mol", "mmol/mol", 28, 42, 0}
	ldl        = measurement{"22748-8", "LDL cholesterol", "mmol/L", "mmol/L", 1.2, 4.3, 1}
	thyrotropn = measurement{"3016-3", "Thyrotropin in serum", "mU/L", "m[IU]/L", 0.4, 4.0, 2}
	blood      = measurement{"718-7", "Haemoglobin", "g/dL", "g/dL", 11.7, 17.0, 1}
	ferritin   = measurement{"2276-4", "Ferritin in serum", "ug/L", "ug/L", 15, 300, 0}
	potassium  = measurement{"2823-3", "Potassium in serum", "mmol/L", "mmol/L", 3.5, 5.0, 1}
	reactive   = measurement{"1988-5", "C-reactive protein", "mg/L", "mg/L", 0, 5, 0}
)

func (l *life) vitalSigns(when time.Time, encounter string) {
	age := l.ageAt(when)
	if age >= 18 {
		l.pressure(when, encounter)
		kg := l.weight + l.spread(2)
		l.measure("vital-signs", &weight, kg, when, encounter)
		if l.has("T90", when) != nil || l.dice.IntN(4) == 0 {
			l.measure("vital-signs", &height, l.height, when, encounter)
			l.measure("vital-signs", &bodyMass, kg/(l.height*l.height/10000), when, encounter)
		}
	} else {
		part := math.Min(1, float64(age+4)/22)
		l.measure("vital-signs", &weight, math.Max(3, l.weight*part*part+l.spread(1)), when, encounter)
	}
	l.measure("vital-signs", &heartRate, 72+l.spread(12)+math.Max(0, float64(10-age)*4), when, encounter)
	if l.counts["smoke"] == 0 && age >= 16 {
		l.smoking(when, encounter)
	}
}

// pressure is high before hypertension is treated, and comes down in the year after.
func (l *life) pressure(when time.Time, encounter string) {
	high, low := 122+l.spread(12), 76+l.spread(8)
	if ill := l.has("K86", when); ill != nil {
		treated := math.Min(1, when.Sub(ill.since).Hours()/24/365)
		high, low = 162-22*treated+l.spread(9), 98-12*treated+l.spread(6)
	}
	high, low = math.Round(high), math.Round(low)
	part := func(m *measurement, v float64) o {
		return o{"code", codeText(sysLOINC, m.loinc, m.text), "valueQuantity", measured(v, m)}
	}
	like := shape{About: "85354-9", Measured: 2}
	l.values = [2]uint16{hundredths(high), hundredths(low)}
	l.observation("vital-signs", like, "Blood pressure", when, encounter, func() (string, o) {
		return fmt.Sprintf("Blood pressure: %.0f/%.0f mmHg", high, low), o{"component", list{part(&systolic, high), part(&diastolic, low)}}
	})
}

func (l *life) smoking(when time.Time, encounter string) {
	value, text := "266919005", "Never smoked tobacco"
	if l.smoker {
		value, text = "77176002", "Smoker"
	}
	l.counts["smoke"]++
	l.observation("social-history", shape{About: "72166-2", Of: value}, "Tobacco smoking status", when, encounter, func() (string, o) {
		return "Tobacco: " + text, o{"valueCodeableConcept", codeText(sysSNOMED, value, text)}
	})
}

// laboratory takes what the illnesses ask for, and reports it together; without any, a screening now and then.
func (l *life) laboratory(when time.Time, encounter string) {
	var results list
	take := func(m *measurement, v float64) {
		results = append(results, ref(l.measure("laboratory", m, v, when, encounter)))
	}
	age := l.ageAt(when)
	if ill := l.has("T90", when); ill != nil {
		controlled := math.Min(1, when.Sub(ill.since).Hours()/24/365)
		take(&longSugar, math.Max(43, 68-14*controlled+l.spread(9)))
	} else if age >= 40 && l.dice.IntN(4) == 0 {
		take(&longSugar, 35+l.spread(5))
	}
	if l.has("T90", when) != nil || l.has("K86", when) != nil || age >= 65 && l.dice.IntN(3) == 0 {
		worse := 1.0
		if ill := l.has("T90", when); ill != nil {
			worse += 0.02 * when.Sub(ill.since).Hours() / 24 / 365
		}
		c := math.Round(l.kidney*worse + l.spread(4))
		take(&creatinine, c)
		take(&filtration, gfr(c, age, l.soul.female))
		take(&potassium, 4.2+l.spread(0.5))
	}
	if ill := l.has("T93", when); ill != nil {
		treated := math.Min(1, when.Sub(ill.since).Hours()/24/180)
		take(&ldl, 5.2-2.5*treated+l.spread(0.6))
	}
	if ill := l.has("T86", when); ill != nil {
		treated := math.Min(1, when.Sub(ill.since).Hours()/24/180)
		take(&thyrotropn, math.Max(0.5, 9-6.8*treated+l.spread(1.2)))
	}
	if len(results) == 0 && l.dice.IntN(2) == 0 {
		take(&blood, l.healthyBlood())
		take(&ferritin, 90+l.spread(60))
		take(&reactive, 2+l.spread(2))
	}
	if len(results) > 0 {
		l.report(results, when, encounter)
	}
}

func (l *life) healthyBlood() float64 {
	if l.soul.female {
		return 13.4 + l.spread(1.2)
	}
	return 15 + l.spread(1.4)
}

func (l *life) report(results list, when time.Time, encounter string) {
	order := l.write("ServiceRequest", shape{}, when, func() (string, o) {
		return "Laboratory request", o{"status", "completed", "intent", "order",
			"category", list{codeText(sysSNOMED, "108252007", "Laboratory procedure")}, "code", o{"text", "Blood tests"},
			"subject", l.self(), "encounter", ref(encounter), "authoredOn", instant(when), "requester", l.doctor()}
	})
	l.write("DiagnosticReport", shape{}, when, func() (string, o) {
		return "Laboratory report", o{"basedOn", list{ref(order)}, "status", "final",
			"category", list{hl7("v2-0074", "LAB")}, "code", codeText(sysLOINC, "11502-2", "Laboratory report"),
			"subject", l.self(), "encounter", ref(encounter), "effectiveDateTime", instant(when), "issued", instant(when.Add(6 * time.Hour)),
			"performer", list{ref("Organization/" + l.patient.Clinic)}, "result", results}
	})
}

func (l *life) measure(category string, m *measurement, value float64, when time.Time, encounter string) string {
	value = m.rounded(math.Max(0, value))
	l.values[0] = hundredths(value)
	return l.observation(category, shape{About: m.loinc, Of: category, Measured: 1}, m.text, when, encounter, func() (string, o) {
		rest := o{"valueQuantity", measured(value, m)}
		if category == "laboratory" {
			rest = append(rest, "referenceRange", list{o{"low", measured(m.low, m), "high", measured(m.high, m)}})
		}
		return fmt.Sprintf("%s: %.*f %s", m.text, m.decimals, value, m.unit), rest
	})
}

// rounded is a value as it is written.
func (m *measurement) rounded(value float64) float64 {
	unit := math.Pow10(m.decimals)
	return math.Round(value*unit) / unit
}

// hundredths are how outlines have values: all that is measured here has at most two decimals.
func hundredths(value float64) uint16 { return uint16(math.Round(value * 100)) }

// observation is of what its shape is about.
func (l *life) observation(category string, like shape, text string, when time.Time, encounter string, result func() (summary string, body o)) string {
	return l.write("Observation", like, when, func() (string, o) {
		summary, rest := result()
		return summary, append(o{"status", "final", "category", list{hl7("observation-category", category)},
			"code", codeText(sysLOINC, like.About, text), "subject", l.self(), "encounter", ref(encounter), "effectiveDateTime", instant(when),
			"performer", list{l.doctor()}}, rest...)
	})
}

func (l *life) doctor() o { return ref("Practitioner/" + l.patient.GP) }
