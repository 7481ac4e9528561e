package people

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
	"thiefbox/sim/clock"
)

func newTown(tb testing.TB, n int) *People {
	tb.Helper()
	p, err := Town(Settings{People: n, Seed: 7})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// HL7's definitions accept all that is made, and it lies in the compartment of whom it was made for; what it
// refers to is there, and another patient is not among it. Every type that is made is made for somebody.
func TestDefinitionsAcceptATown(t *testing.T) {
	const n = 120
	p := newTown(t, n)
	v := store.New(p.Base()).View()
	seen := map[string]int{}
	for i := range n {
		for _, r := range append(p.town.Chart(i, ""), p.town.person(i)) {
			if seen[r.Type]++; r.Type != "Patient" && !p.town.Holds(r.Type) {
				t.Fatalf("%s: expected a type that charts hold", r.ID)
			}
			text := r.Append(nil, "canary-0123456789abcdef")
			if !json.Valid(text) || strings.Contains(string(text), CanaryMark) || !canary.Match(text) {
				t.Fatalf("%s/%s: no JSON, or without a canary: %s", r.Type, r.ID, text)
			}
			node := r.Node("canary-0123456789abcdef")
			for _, issue := range r4.Validate(node) {
				t.Errorf("%s/%s: %v", r.Type, r.ID, issue)
			}
			of := terms.Of(node)
			if got := store.PatientsOf(node, of, v); !slices.Equal(got, r.Patients) || !slices.Equal(got, []string{p.town.ID(i)}) {
				t.Errorf("%s/%s: expected the compartment of %s, got %v", r.Type, r.ID, p.town.ID(i), got)
			}
			for _, ref := range r.References("*") {
				kind, id, _ := strings.Cut(ref, "/")
				if v.Get(kind, id) == nil {
					t.Errorf("%s/%s refers to %s, which is not there", r.Type, r.ID, ref)
				}
				if owner, ok := p.town.Owner(id); ok && owner != i {
					t.Errorf("%s/%s refers to %s, which is another patient's", r.Type, r.ID, ref)
				}
			}
			if owner, ok := p.town.Owner(r.ID); r.Type != "Patient" && (!ok || owner != i) {
				t.Errorf("%s/%s: expected its id to tell whose it is", r.Type, r.ID)
			}
		}
	}
	for _, kind := range strings.Fields("Patient Encounter Condition Observation AllergyIntolerance MedicationRequest MedicationStatement Immunization Procedure " +
		"DiagnosticReport DocumentReference Binary ServiceRequest Appointment CareTeam Consent AuditEvent Provenance") {
		if seen[kind] == 0 {
			t.Errorf("expected some %s", kind)
		}
	}
	for _, r := range p.town.register(p) {
		for _, issue := range r4.Validate(r.Node("canary-0123456789abcdef")) {
			t.Errorf("%s/%s: %v", r.Type, r.ID, issue)
		}
	}
}

func TestATownIsTheSameForTheSameSeed(t *testing.T) {
	a, b := newTown(t, 50), newTown(t, 50)
	c, err := Town(Settings{People: 50, Seed: 8})
	if err != nil {
		t.Fatal(err)
	}
	differ := false
	for n := range 50 {
		x, y, z := a.town.Chart(n, ""), b.town.Chart(n, ""), c.town.Chart(n, "")
		if len(x) != len(y) {
			t.Fatalf("%d: %d records, then %d", n, len(x), len(y))
		}
		for i := range x {
			if string(x[i].Append(nil, "c")) != string(y[i].Append(nil, "c")) {
				t.Fatalf("%s differs", x[i].ID)
			}
		}
		differ = differ || len(x) != len(z) || a.town.patient(n).NationalID != c.town.patient(n).NationalID
	}
	if !differ {
		t.Error("expected other people from another seed")
	}
}

// A hundred thousand numbers belong to a hundred thousand people, and to nobody in the country.
func TestNationalIDsOfATown(t *testing.T) {
	p := newTown(t, 100_000)
	seen := make(map[string]bool, 100_000)
	for _, patient := range p.Patients() {
		seen[patient.NationalID] = true
	}
	for n := range p.town.souls {
		patient := p.town.patient(n)
		id := patient.NationalID
		if seen[id] || !valid(id) || id[2] < '8' {
			t.Fatalf("%s has %s: expected a synthetic number of her own", patient.ID, id)
		}
		seen[id] = true
		if birth, female := decode(t, id); day(birth) != patient.BirthDate || female != (patient.Gender == "female") {
			t.Fatalf("%s: %s does not tell birth and sex", patient.ID, id)
		}
	}
	for i := range p.town.gps {
		if size := p.town.starts[i+1] - p.town.starts[i]; size < panelSize-6 || size > panelSize+6 {
			t.Errorf("%s: expected about %d patients, got %d", p.town.gps[i].ID, panelSize, size)
		}
	}
	orgs := map[string]bool{}
	for _, o := range p.Organizations() {
		if orgs[o.Number] || len(o.Number) != 9 {
			t.Errorf("%s: %s", o.ID, o.Number)
		}
		orgs[o.Number] = true
	}
}

// Nothing is dated before birth, or after today but for appointments; onset comes before treatment.
func TestLivesArePlausible(t *testing.T) {
	p := newTown(t, 400)
	today := day(clock.Epoch)
	for n := range 400 {
		born, sugar := p.town.patient(n).BirthDate, false
		ill := map[string]string{}
		for _, r := range p.town.Chart(n, "") {
			node := r.Node("c")
			for _, at := range []string{"onsetDateTime", "authoredOn", "effectiveDateTime", "performedDateTime", "occurrenceDateTime", "recordedDate", "recorded", "date"} {
				if when := node.String(at); when != "" && (when[:10] < born || when[:10] > today) {
					t.Errorf("%s of somebody born %s: %s is %s", r.ID, born, at, when)
				}
			}
			switch r.Type {
			case "Condition":
				ill[r.ID] = node.String("onsetDateTime")
				sugar = sugar || node.Get("code").List("coding")[0].String("code") == "T90"
			case "MedicationRequest":
				_, reason, _ := strings.Cut(node.List("reasonReference")[0].String("reference"), "/")
				if node.String("authoredOn")[:10] < ill[reason] {
					t.Errorf("%s: treated on %s, before it began on %s", r.ID, node.String("authoredOn"), ill[reason])
				}
			case "Appointment":
				if node.String("start")[:10] <= today {
					t.Errorf("%s: expected an appointment to come, got %s", r.ID, node.String("start"))
				}
			case "Observation":
				checkMeasurement(t, r.ID, node, sugar)
			}
		}
	}
}

func checkMeasurement(t *testing.T, id string, node *r4.Node, sugar bool) {
	t.Helper()
	value := func(n *r4.Node) float64 {
		var v float64
		if err := json.Unmarshal([]byte(n.Get("valueQuantity").Get("value").Text), &v); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		return v
	}
	within := func(v, low, high float64) {
		if v < low || v > high {
			t.Errorf("%s: expected %v to %v, got %v", id, low, high, v)
		}
	}
	switch node.Get("code").List("coding")[0].String("code") {
	case longSugar.loinc:
		if v := value(node); sugar {
			within(v, 43, 80)
		} else {
			within(v, 28, 42)
		}
	case filtration.loinc:
		within(value(node), 20, 150)
	case height.loinc:
		within(value(node), 150, 195)
	case "85354-9":
		parts := node.List("component")
		if high, low := value(parts[0]), value(parts[1]); high < low+15 || high > 185 || low < 60 {
			t.Errorf("%s: blood pressure %v/%v", id, high, low)
		}
	}
}

// gfr against the values of the published equation.
func TestFiltrationRate(t *testing.T) {
	for _, c := range []struct {
		creatinine float64
		age        int
		female     bool
		want       float64
	}{{88.42, 50, false, 92}, {88.42, 50, true, 68}, {176.84, 70, false, 35}} {
		if got := gfr(c.creatinine, c.age, c.female); got < c.want-1.5 || got > c.want+1.5 {
			t.Errorf("%v: got %.1f", c, got)
		}
	}
}

func TestEntitlementInATown(t *testing.T) {
	p := newTown(t, 8000)
	for _, c := range []Caller{{Practitioner: "berg"}, {Practitioner: "gp-0001"}, {Practitioner: "bakke"}, {Organization: HospitalID}, {Organization: "granfjelldal"},
		{Organization: "supplier"}, {Organization: "clinic-001"}, {Patient: "t000007"}, {Patient: "p07"}, {Patient: "t999999"}, {}} {
		list := p.Entitled(c)
		has := map[string]bool{}
		for _, id := range list {
			has[id] = true
		}
		for n := range 8000 {
			if id := p.town.ID(n); p.May(c, id) != has[id] || !p.Knows(id) {
				t.Fatalf("%+v, %s: May and Entitled disagree", c, id)
			}
		}
		if p.May(c, "t008001") || p.Knows("t008001") {
			t.Error("expected nobody beyond the last")
		}
	}
	if n := len(p.Entitled(Caller{Practitioner: "gp-0001"})); n < 990 || n > 1010 {
		t.Errorf("expected a panel, got %d", n)
	}
}

func TestHouseholdsShareAddressAndName(t *testing.T) {
	p := newTown(t, 500)
	shared := 0
	for n := 1; n < 500; n++ {
		a, b := p.town.souls[n-1], p.town.souls[n]
		if a.home == b.home {
			x, y := p.town.person(n-1).Node("c"), p.town.person(n).Node("c")
			if string(x.Get("address").Append(nil)) != string(y.Get("address").Append(nil)) || a.surname != b.surname || a.gp != b.gp {
				t.Errorf("%d and %d live together", n-1, n)
			}
			shared++
		}
	}
	if shared < 150 {
		t.Errorf("expected families, got %d who live with the one before", shared)
	}
}

func TestTownsOfTheWrongSize(t *testing.T) {
	for _, n := range []int{-1, MostSouls + 1} {
		if _, err := Town(Settings{People: n}); err == nil {
			t.Errorf("expected no town of %d", n)
		}
	}
}

func BenchmarkTown100000(b *testing.B) {
	for b.Loop() {
		if _, err := Town(Settings{People: 100_000}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkChart(b *testing.B) {
	p := newTown(b, 10_000)
	n := 0
	for b.Loop() {
		n = (n + 1) % 10_000
		p.town.Chart(n, "")
	}
}

// Records of one type are the same whether the rest of the chart is made or not.
func TestAChartInParts(t *testing.T) {
	p := newTown(t, 60)
	for n := range 60 {
		whole := map[string][]*Record{}
		for _, r := range p.town.Chart(n, "") {
			whole[r.Type] = append(whole[r.Type], r)
		}
		for kind := range prefixes {
			part := p.town.Chart(n, kind)
			if len(part) != len(whole[kind]) {
				t.Fatalf("%d: expected %d of %s, got %d", n, len(whole[kind]), kind, len(part))
			}
			for i, r := range part {
				if o := whole[kind][i]; r.ID != o.ID || r.Confidentiality != o.Confidentiality || string(r.Append(nil, "c")) != string(o.Append(nil, "c")) {
					t.Fatalf("%s/%s differs", kind, r.ID)
				}
			}
		}
	}
}

// The index of a town's patients is made without their records; it says what they say.
func TestARollSaysWhatTheRecordsSay(t *testing.T) {
	p := newTown(t, 600) // one of them has a protected address
	named := map[string]bool{}
	for _, param := range r4.Params("Patient") {
		named[param.Name], named[param.Name+":text"], named[param.Name+":identifier"], named[param.Name+":of-type"] = true, true, true, true
	}
	for i := range p.town.Len() {
		want, got := map[string][]terms.Term{}, map[string][]terms.Term{}
		for _, term := range terms.Of(p.town.person(i).Node("canary-0123456789abcdef")) {
			want[term.Param] = append(want[term.Param], term)
		}
		for param := range named {
			p.town.Terms(i, param, func(term *terms.Term) { got[param] = append(got[param], *term) })
		}
		for param := range want {
			named[param] = true
		}
		for param := range named {
			if !reflect.DeepEqual(want[param], got[param]) {
				t.Fatalf("patient %d, %s: the record says %+v, the roll %+v", i, param, want[param], got[param])
			}
		}
	}
}
