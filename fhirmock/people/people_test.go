package people

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestThePopulation(t *testing.T) {
	p := Everybody()
	if p != Everybody() {
		t.Error("expected the same population each time")
	}
	if n := len(p.Patients()); n != 40 {
		t.Errorf("expected 40 patients, got %d", n)
	}
	if n := len(p.Practitioners()); n < 5 {
		t.Errorf("expected at least five practitioners, got %d", n)
	}
	kinds := map[orgKind]int{}
	for _, o := range p.Organizations() {
		kinds[o.kind]++
	}
	if kinds[clinic] != 3 || kinds[hospital] != 1 || kinds[supplier] != 2 {
		t.Errorf("expected three clinics, a hospital and two suppliers, got %v", kinds)
	}
	seen := map[string]bool{}
	for _, patient := range p.Patients() {
		for _, unique := range []string{patient.ID, patient.Name, patient.NationalID} {
			if seen[unique] {
				t.Errorf("%s occurs twice", unique)
			}
			seen[unique] = true
		}
		if p.Record("Practitioner", patient.GP) == nil || p.Record("Organization", patient.Clinic) == nil {
			t.Errorf("%s has nobody to go to", patient.ID)
		}
	}
}

// Two builds give the same bytes: readers may rely on p07 being who she was.
func TestBuildingTwiceGivesTheSame(t *testing.T) {
	a, b := build(), build()
	for resourceType, s := range a.records {
		for _, r := range s.all {
			if x, y := r.Append(nil, "c"), b.Record(resourceType, r.ID).Append(nil, "c"); string(x) != string(y) {
				t.Fatalf("%s/%s differs", resourceType, r.ID)
			}
		}
	}
}

func TestTheSnapshotCannotBeChanged(t *testing.T) {
	p := Everybody()
	p.Patients()[0].Name = "changed"
	p.Practitioners()[0].Name = "changed"
	p.Organizations()[0].Name = "changed"
	p.Entitled(Caller{Practitioner: "berg"})[0] = "changed"
	if p.Patients()[0].Name == "changed" || p.Practitioners()[0].Name == "changed" || p.Organizations()[0].Name == "changed" ||
		p.Entitled(Caller{Practitioner: "berg"})[0] == "changed" {
		t.Error("expected copies")
	}
}

func TestEntitlement(t *testing.T) {
	p := Everybody()
	for name, c := range map[string]struct {
		caller Caller
		want   []string
	}{
		"GP":                   {Caller{Practitioner: "berg"}, ids(1, 7)},
		"another GP":           {Caller{Practitioner: "foss"}, ids(35, 40)},
		"hospital doctor":      {Caller{Practitioner: "bakke"}, []string{"p03", "p08", "p13", "p18", "p23", "p28", "p33", "p38"}},
		"clinic":               {Caller{Organization: "granfjelldal"}, ids(1, 14)},
		"hospital":             {Caller{Organization: HospitalID}, []string{"p03", "p08", "p13", "p18", "p23", "p28", "p33", "p38"}},
		"supplier":             {Caller{Organization: "supplier"}, ids(1, 28)},
		"old supplier":         {Caller{Organization: "oldsupplier"}, ids(29, 40)},
		"patient":              {Caller{Patient: "p09"}, []string{"p09"}},
		"unknown practitioner": {Caller{Practitioner: "mallory"}, nil},
		"unknown patient":      {Caller{Patient: "p99"}, nil},
		"nobody":               {Caller{}, nil},
	} {
		got := p.Entitled(c.caller)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: expected %v, got %v", name, c.want, got)
		}
		for _, patient := range append(p.Patients(), Patient{ID: ""}, Patient{ID: "p99"}) {
			if p.May(c.caller, patient.ID) != slices.Contains(got, patient.ID) {
				t.Errorf("%s: May and Entitled disagree about %q", name, patient.ID)
			}
		}
	}
}

func ids(from, to int) []string {
	var out []string
	for _, p := range Everybody().Patients()[from-1 : to] {
		out = append(out, p.ID)
	}
	return out
}

// Whoever the hospital has rights to has been there, and the reverse.
func TestHospitalRightsComeFromEncounters(t *testing.T) {
	p := Everybody()
	for _, patient := range p.Patients() {
		there := false
		for _, e := range p.RecordsOf("Encounter", patient.ID) {
			there = there || slices.Contains(e.References("service-provider"), "Organization/"+HospitalID)
		}
		if may := p.May(Caller{Organization: HospitalID}, patient.ID); may != there {
			t.Errorf("%s: encounter there %v, right %v", patient.ID, there, may)
		}
	}
}

var canary = regexp.MustCompile(`canary-[0-9a-f]{16}([^0-9A-Za-z]|$)`)

func TestEveryRecordOfAPatientCarriesTheCanary(t *testing.T) {
	p := Everybody()
	for resourceType, s := range p.records {
		for _, r := range s.all {
			text := string(r.Append(nil, "canary-0123456789abcdef"))
			if len(text) > r.Size() {
				t.Errorf("%s: expected room for %d bytes, got %d", r.ID, len(text), r.Size())
			}
			want := 2
			if len(r.Patients) == 0 {
				want = 0
			} else if resourceType == "Binary" { // and in its content: scan_test.go
				want = 1
			}
			if got := len(canary.FindAllString(text, -1)); got != want || strings.Contains(text, CanaryMark) {
				t.Errorf("%s/%s: expected %d canaries, got %d", resourceType, r.ID, want, got)
			}
		}
	}
	for _, patient := range p.Patients() {
		for resourceType, least := range map[string]int{"Patient": 1, "Condition": 2, "MedicationRequest": 2, "AllergyIntolerance": 2,
			"Observation": 6, "Encounter": 3, "DocumentReference": 3} {
			if got := len(p.RecordsOf(resourceType, patient.ID)); got < least {
				t.Errorf("%s: expected at least %d %s, got %d", patient.ID, least, resourceType, got)
			}
		}
	}
}

// Nothing in a record is dated before its patient was born or after the run begins.
func TestDates(t *testing.T) {
	date := regexp.MustCompile(`"(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\dZ)?"`)
	p := Everybody()
	for _, patient := range p.Patients() {
		for _, s := range p.records {
			for _, r := range s.byPatient[patient.ID] {
				for _, m := range date.FindAllStringSubmatch(string(r.Append(nil, "c")), -1) {
					if m[1] < patient.BirthDate || m[1] > "2026-11-23" {
						t.Errorf("%s of %s (born %s) is dated %s", r.ID, patient.ID, patient.BirthDate, m[1])
					}
				}
			}
		}
	}
}

func TestUnknownRecords(t *testing.T) {
	p := Everybody()
	if p.Record("Basic", "x") != nil || p.Record("Patient", "x") != nil || p.Records("Basic") != nil || p.RecordsOf("Basic", "p01") != nil {
		t.Error("expected nothing")
	}
}

func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		build()
	}
}

func BenchmarkAppend(b *testing.B) {
	r := Everybody().Record("Observation", "obs-p07-2")
	dst := make([]byte, 0, 4096)
	for b.Loop() {
		dst = r.Append(dst[:0], "canary-0123456789abcdef")
	}
	b.SetBytes(int64(len(dst)))
	if !json.Valid(dst) {
		b.Fatal("not JSON")
	}
}
