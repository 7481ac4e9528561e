package directory

import (
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock"
	"thiefbox/idp"
)

var _ idp.Directory = (*Directory)(nil)

// Whose records are made only when they are read can be picked too, by name, and so can what they were there for.
func TestDirectoryOfATown(t *testing.T) {
	people, _, err := fhirmock.Settle(200, 7, "", false)
	if err != nil {
		t.Fatal(err)
	}
	doctors := people.Practitioners()
	last := doctors[len(doctors)-1].ID
	d := New(people, map[string]fhirmock.Caller{"doctor": {Practitioner: last}})
	panel := d.Patients("doctor", "", 1000)
	met := 0
	for _, p := range panel {
		if p.Text == p.ID {
			t.Errorf("%s: expected a name", p.ID)
		}
		days := d.Encounters(p.ID, 100)
		met += len(days)
		for i := range days {
			if i > 0 && days[i].Text[:10] > days[i-1].Text[:10] {
				t.Errorf("%s: expected the latest first, got %v", p.ID, days)
			}
		}
	}
	if len(panel) == 0 || met == 0 {
		t.Fatalf("expected a panel with encounters, got %d and %d", len(panel), met)
	}
	family, _, _ := strings.Cut(panel[0].Text, " ")
	if found := d.Patients("doctor", strings.ToUpper(family), 9); len(found) == 0 {
		t.Errorf("expected %q to be found by name", panel[0].Text)
	}
}

// People pick from those whose records they may open, and a patient from herself.
func TestDirectory(t *testing.T) {
	people := fhirmock.Everybody()
	doctor := people.Practitioners()[0]
	panel := people.Entitled(fhirmock.Caller{Practitioner: doctor.ID})
	d := New(people, map[string]fhirmock.Caller{"doctor": {Practitioner: doctor.ID}, "patient": {Patient: panel[0]}})
	if got := d.Patients("doctor", "", 1000); len(got) != len(panel) || got[0].ID != panel[0] || got[0].Text == panel[0] {
		t.Errorf("expected the panel by name, got %v", got)
	}
	if got := d.Patients("doctor", "", 2); len(got) != 2 {
		t.Errorf("expected two, got %v", got)
	}
	if got := d.Patients("doctor", " "+panel[1]+" ", 9); len(got) != 1 || got[0].ID != panel[1] {
		t.Errorf("expected %s alone, got %v", panel[1], got)
	}
	if got := d.Patients("patient", "", 9); len(got) != 1 || got[0].ID != panel[0] {
		t.Errorf("expected the patient herself, got %v", got)
	}
	if got := d.Patients("nobody", "", 9); len(got) != 0 {
		t.Errorf("expected nobody, got %v", got)
	}
	for _, p := range people.Patients() {
		if _, ok := d.Patient("doctor", p.ID); ok != slices.Contains(panel, p.ID) {
			t.Errorf("%s: got %v", p.ID, ok)
		}
	}
	some := d.Encounters(panel[0], 2)
	if len(some) == 0 || len(some) == 2 && some[0].Text < some[1].Text {
		t.Errorf("expected encounters, latest first, got %v", some)
	}
}
