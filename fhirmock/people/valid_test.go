package people

import (
	"slices"
	"testing"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// HL7's definitions accept every record, and say that it lies in the compartment of the patient it was
// made for, and of nobody else.
func TestDefinitionsAcceptEveryRecord(t *testing.T) {
	none := store.New(nil).View()
	for resourceType, s := range Everybody().records {
		for _, r := range s.all {
			n := r.Node("canary-0123456789abcdef")
			for _, issue := range r4.Validate(n) {
				t.Errorf("%s/%s: %v", resourceType, r.ID, issue)
			}
			if got := store.PatientsOf(n, terms.Of(n), none); !slices.Equal(got, r.Patients) {
				t.Errorf("%s/%s: expected the compartments %v, got %v", resourceType, r.ID, r.Patients, got)
			}
		}
	}
}
