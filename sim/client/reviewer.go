package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
)

// AuditScope is what a reviewer of the log of accesses asks for.
const AuditScope = "system/AuditEvent.rs"

// Reviewer is the system of those who go through a log of accesses. It is made like a supplier's.
type Reviewer struct{ *Supplier }

// NewReviewer returns one. The error says which field of the configuration is wrong.
func NewReviewer(c SupplierConfig) (*Reviewer, error) {
	s, err := NewSupplier(c)
	if err != nil {
		return nil, err
	}
	return &Reviewer{s}, nil
}

// Emergency is a record that was opened behind broken glass, as the log has it.
type Emergency struct {
	Patient, Who string // "Patient/p07", "Practitioner/berg"
	Reason       string
}

// Emergencies asks the log whose records were opened in an emergency, by whom and why, latest first.
func (r *Reviewer) Emergencies(ctx context.Context) ([]Emergency, error) {
	t, err := r.protocol.clientCredentials(ctx, r.reg, AuditScope, r.fhirBase)
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	// DICOM's code for it, which HL7's example of such an event has.
	body, err := r.protocol.read(ctx, t, r.fhirBase+"/AuditEvent?_sort=-date&subtype="+url.QueryEscape("http://dicom.nema.org/resources/ontology/DCM|110127"))
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	var page struct {
		Entry []struct{ Resource auditEvent }
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, fmt.Errorf("review: expected a Bundle of AuditEvents: %w", err)
	}
	var found []Emergency
	for _, entry := range page.Entry {
		found = append(found, entry.Resource.emergencies()...)
	}
	return found, nil
}

// auditEvent is what a reviewer reads of one.
type auditEvent struct {
	PurposeOfEvent []struct{ Text string }
	Agent          []struct {
		Requestor bool
		Who       struct{ Reference string }
	}
	Entity []struct {
		Role struct{ Code string }
		What struct{ Reference string }
	}
}

// emergencies has one for each patient of the event.
func (a *auditEvent) emergencies() (found []Emergency) {
	var e Emergency
	for _, agent := range a.Agent {
		if agent.Requestor && agent.Who.Reference != "" {
			e.Who = agent.Who.Reference
		}
	}
	for _, p := range a.PurposeOfEvent {
		e.Reason = p.Text
	}
	for _, entity := range a.Entity {
		const patient = "1" // object-role
		if entity.Role.Code == patient {
			e.Patient = entity.What.Reference
			found = append(found, e)
		}
	}
	return found
}
