package interact

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// twins are a town whose charts are made on demand, and the same records in a plain base: what is found in one is found
// in the other.
type twins struct {
	town, plain *Engine
	values      map[string][]string // by type and parameter: what to search by
	queries     []string
}

var charted = strings.Fields("Encounter Condition Observation AllergyIntolerance MedicationRequest MedicationStatement Immunization Procedure " +
	"DiagnosticReport DocumentReference Binary ServiceRequest Appointment CareTeam Consent AuditEvent Provenance")

func newTwins(tb testing.TB, n int) *twins {
	tb.Helper()
	p, err := people.Town(people.Settings{People: n, Seed: 3})
	if err != nil {
		tb.Fatal(err)
	}
	tw := &twins{town: engine(p.Base()), values: map[string][]string{}}
	var all []*store.Record
	for _, kind := range query.Types {
		var of []*store.Record
		for sealed := range tw.town.Store.View().History(kind, nil) {
			r, _ := sealed.Open(&open{}, store.AsRead)
			of = append(of, r)
		}
		slices.SortFunc(of, func(a, b *store.Record) int { return int(a.Seq()) - int(b.Seq()) })
		for _, r := range of {
			copied := store.Labelled(r.Type, r.ID, "", r.Updated, r.Append(nil, people.CanaryMark), people.CanaryMark, r.Confidentiality)
			copied.Patients = r.Patients
			all = append(all, copied)
		}
		if slices.Contains(charted, kind) {
			tw.learn(of)
		}
	}
	tw.plain = engine(store.NewBase(all))
	return tw
}

// learn takes values to search by out of records: the first few different ones of each parameter.
func (tw *twins) learn(of []*store.Record) {
	for i := 0; i < len(of); i += 1 + len(of)/40 {
		for _, t := range terms.Of(of[i].Node("canary-0123456789abcdef")) {
			name, _, _ := strings.Cut(t.Param, ":")
			key := of[i].Type + "?" + t.Param
			if p := r4.ParamNamed(of[i].Type, name); p != nil && len(tw.values[key]) < 6 {
				for _, v := range spelled(&t, p, i) {
					if !slices.Contains(tw.values[key], v) {
						tw.values[key] = append(tw.values[key], v)
					}
				}
			}
		}
	}
}

// spelled are ways to ask for a term.
func spelled(t *terms.Term, p *r4.Param, turn int) []string {
	switch t.Kind {
	case terms.Token:
		if t.System == "" {
			return []string{t.Key}
		}
		return []string{t.Key, t.System + "|" + t.Key}
	case terms.Interval:
		if p.Type == "date" || len(p.Parts) > 0 && t.System == "" && t.Lo > 1e10 {
			return []string{clock(t.Lo, turn)}
		}
		return []string{fmt.Sprint(t.Lo), fmt.Sprintf("%v|%s|%s", t.Hi, t.System, t.Key)}
	case terms.Composite:
		var parts []string
		for i := range t.Parts {
			parts = append(parts, spelled(&t.Parts[i][0], p, turn)[0])
		}
		return []string{strings.Join(parts, "$")}
	case terms.String:
		return []string{t.Exact}
	}
	return []string{t.Key}
}

// clock spells a time to the year, the month, the day or the second.
func clock(ms float64, turn int) string {
	if ms < -1e15 {
		return "2020"
	}
	return at(ms).Format([]string{"2006-01-02", "2006-01", "2006", "2006-01-02T15:04:05Z"}[turn%4])
}

// asked lists searches by every parameter of every type that stands in charts.
func (tw *twins) asked() (out []string) {
	for _, kind := range charted {
		add := func(name, value string) { out = append(out, kind+"?"+name+"="+url.QueryEscape(value)) }
		for _, p := range r4.Params(kind) {
			values := tw.values[kind+"?"+p.Name]
			for _, v := range append(values, tw.values[kind+"?"+p.Name+":text"]...) {
				add(p.Name, v)
			}
			if k := terms.KindOf(p); k != terms.Composite && k != terms.Point {
				add(p.Name+":missing", "true")
				add(p.Name+":missing", "false")
			}
			switch terms.KindOf(p) {
			case terms.Token:
				add(p.Name, "none")
				add(p.Name, "http://none|")
				add(p.Name+":not", "none")
				for i, v := range values {
					add(p.Name+":not", v)
					if system, _, is := strings.Cut(v, "|"); is && i < 3 {
						add(p.Name, system+"|")
					}
				}
				for _, v := range tw.values[kind+"?"+p.Name+":text"] {
					add(p.Name+":text", strings.ToLower(v[:min(len(v), 5)]))
				}
			case terms.Reference:
				add(p.Name, "Patient/t000017,Patient/t000018,Practitioner/berg")
				add(p.Name, "Practitioner/none")
				for _, v := range values {
					_, id, _ := strings.Cut(v, "/")
					add(p.Name, id)
				}
			case terms.Interval:
				for _, v := range append(values, "1999-01-01", "2024") {
					for _, prefix := range []string{"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"} {
						if p.Type == "date" || v != "1999-01-01" {
							add(p.Name, prefix+v)
						}
					}
				}
			case terms.Composite:
				for _, v := range values {
					head, tail, _ := strings.Cut(v, "$")
					for _, prefix := range []string{"gt", "le", "ne"} {
						add(p.Name, head+"$"+prefix+tail)
					}
					add(p.Name, "none$"+tail)
				}
			case terms.URI:
				add(p.Name+":below", "http://hl7.org")
				add(p.Name+":below", "Binary")
				for _, v := range values {
					add(p.Name+":below", v)
					add(p.Name+":above", v+"/x")
				}
				add(p.Name, "http://none")
			}
		}
	}
	return append(out, more...)
}

// more are searches that no list of parameters gives.
var more = []string{
	"Condition?code:below=http://hl7.org/fhir/sid/icpc-2%7CK", "Condition?code:above=http://hl7.org/fhir/sid/icd-10%7CE11.9",
	"MedicationRequest?code:below=http://www.whocc.no/atc%7CC", "Observation?status:in=http://hl7.org/fhir/ValueSet/observation-status",
	"Observation?status:not-in=http://hl7.org/fhir/ValueSet/observation-status", "Observation?code=85354-9&date=ge2024&date=lt2025",
	"Observation?code=85354-9,8302-2&category=vital-signs&value-quantity=gt160", "Condition?code=K86&clinical-status=active&recorded-date=gt2022",
	"Condition?patient.name=hansen", "Condition?subject.birthdate=lt1960&code=K86", "Observation?patient.gender=female&value-quantity=gt100",
	"Observation?encounter=Encounter/enc-t000003-001,Encounter/enc-t000033-001", "Provenance?target=DocumentReference/doc-t000009-001", "DiagnosticReport?result=Observation/obs-t000009-003",
	"Patient?_has:Condition:patient:code=F93", "Patient?_has:Condition:patient:code=none", "Patient?_has:Observation:patient:code-value-quantity=29463-7$gt90",
	"Patient?_has:Encounter:patient:class=IMP&gender=male", "Encounter?_has:Condition:encounter:code=T90", "Practitioner?_has:Encounter:practitioner:class=IMP",
	"MedicationRequest?code=C08CA01&_include=MedicationRequest:patient&_include=MedicationRequest:requester", "Encounter?class=IMP&_revinclude=DocumentReference:encounter",
	"Observation?_id=obs-t000003-001,obs-t000077-002,none", "Observation?_id:not=obs-t000003-001", "Encounter?identifier:not=enc-t000003-001&class=IMP",
	"Condition?_security=R", "Condition?_security:not=R", "Observation?_lastUpdated=gt2030", "Observation?_lastUpdated=gt2001&code=8302-2", "MedicationStatement?effective=ge2026",
}

// sortings are orders of results.
func sortings(kind string) (out []string) {
	for _, p := range r4.Params(kind) {
		if p.Type == "date" || p.Type == "token" || p.Name == "value-quantity" || p.Name == "patient" || p.Name == "subject" {
			out = append(out, kind+"?_sort="+p.Name, kind+"?_sort=-"+p.Name)
		}
	}
	return append(out, kind+"?_sort=status,-date,_id", kind+"?_sort=-patient,-date", kind+"?_sort=-date,patient", kind+"?_sort=-code,date")
}

// found follows a search to its end, or for some pages, and lists what it finds; with the total, if it is accurate.
func (e *Engine) found(g Gate, target string, count, pages int) string {
	kind, raw, _ := strings.Cut(target, "?")
	params, err := url.ParseQuery(raw)
	if err != nil {
		return err.Error()
	}
	params.Set("_count", fmt.Sprint(count))
	q, err := query.Parse(query.Context{Base: e.Base}, kind, params)
	if err != nil {
		return err.Error()
	}
	q.NoTotal = !q.Accurate
	var out strings.Builder
	for range pages {
		res, err := q.Run(e.Store.View(), g)
		if err != nil {
			return err.Error()
		}
		for _, r := range append(res.Page, res.Included...) {
			out.WriteString(r.Type + "/" + r.ID + " ")
		}
		if q.Accurate {
			fmt.Fprint(&out, "of ", res.Total, " ")
		}
		if res.Next == nil {
			break
		}
		if q.After, err = query.ParseMark(res.Next.For(e.Blind, g.Caller())); err != nil {
			return err.Error()
		}
	}
	return out.String()
}

// alike runs a search in both.
func (tw *twins) alike(t interface{ Errorf(string, ...any) }, g Gate, target string, count, pages int) {
	a, b := tw.town.found(g, target, count, pages), tw.plain.found(g, target, count, pages)
	if a != b {
		x, y := strings.Fields(a), strings.Fields(b)
		i := 0
		for i < len(x) && i < len(y) && x[i] == y[i] {
			i++
		}
		t.Errorf("%s by %d: a town finds %d, its records %d; from the %dth on %.120q and %.120q", target, count, len(x), len(y), i, strings.Join(x[i:], " "), strings.Join(y[i:], " "))
	}
}

func (tw *twins) check(t *testing.T, g Gate, every int) {
	t.Helper()
	for i, target := range tw.queries {
		if i%every == 0 {
			tw.alike(t, g, target, 250, 100)
			tw.alike(t, g, target+"&_total=accurate", 7, 3)
		}
	}
	for _, kind := range charted {
		for i, target := range sortings(kind) {
			if i%every == 0 {
				tw.alike(t, g, target, 7, 5)
				tw.alike(t, g, target, 250, 100)
			}
		}
	}
}
