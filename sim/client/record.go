package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// section is a part of a record as it is shown.
type section struct {
	title string
	rows  []resource
	note  string // why there is nothing to show
}

// searches are the parts of a record besides the patient, in the order they are shown.
var searches = []struct {
	resource, title string
	lab             bool
}{
	{"Condition", "Conditions", false},
	{"MedicationRequest", "Medication", false},
	{"AllergyIntolerance", "Allergies", false},
	{"Observation", "Laboratory results", true},
}

// errNoRefresh: a session that holds no token an API takes, and no refresh token, is at its end.
var errNoRefresh = errors.New("expected the session to hold a refresh token, got none")

// source is where records are read, and what for.
type source struct {
	api     string // that tokens are for
	base    string // where it is believed to be
	purpose string // as the header has it (glass.go); empty for treatment, as usual
}

// fetch reads from an API in the name of a session. A token that the API no longer takes is replaced once.
func (e *EHR) fetch(ctx context.Context, s *session, from source, path string) (*reply, error) {
	t, err := e.tokenFor(ctx, s, from.api, "")
	if err != nil {
		return nil, err
	}
	rep, err := e.protocol.readFor(ctx, t, from.base+path, from.purpose)
	if !unauthorized(err) {
		return rep, err
	}
	if t, renewal := e.tokenFor(ctx, s, from.api, t.access); renewal == nil {
		return e.protocol.readFor(ctx, t, from.base+path, from.purpose)
	} else if !errors.Is(renewal, errNoRefresh) {
		return nil, renewal
	}
	return nil, err
}

// record is a patient, and what belongs to her.
type record struct {
	patient  *resource
	sections []section
	behind   bool // broken glass, as the API says
}

// record reads from the API at base and the laboratory. Without the patient there is no record; a part that
// cannot be read is noted in its place.
func (e *EHR) record(ctx context.Context, s *session, base, patient string) (*record, error) {
	purpose := s.purposeFor(patient)
	rep, err := e.fetch(ctx, s, source{e.fhirBase, base, purpose}, "/Patient/"+patient)
	if err != nil {
		return nil, err
	}
	all := &record{behind: purpose != "" && rep.header.Get(headerPurpose) == breaksGlass}
	if all.patient, err = readResource(rep.body); err != nil {
		return nil, fmt.Errorf("patient %s: %w", patient, err)
	}
	e.look(ctx, all.patient)
	for _, part := range searches {
		from := source{e.fhirBase, base, purpose}
		if part.lab {
			if from.api, from.base = e.labBase, e.labBase; from.api == "" {
				continue
			}
		}
		found := section{title: part.title}
		found.rows, err = e.search(ctx, s, from, "/"+part.resource+"?patient="+url.QueryEscape(patient))
		if err != nil {
			e.tell(ctx, failureOf(fmt.Errorf("%s of %s: %w", part.resource, patient, err)))
			found.note = "Could not be read."
		}
		e.lookAll(ctx, found.rows)
		all.sections = append(all.sections, found)
	}
	return all, nil
}

func (e *EHR) search(ctx context.Context, s *session, from source, path string) ([]resource, error) {
	rep, err := e.fetch(ctx, s, from, path)
	if err != nil {
		return nil, err
	}
	return readBundle(rep.body)
}

// noSuchPatient is said of patients who are not there, and of those whom one does not treat.
const noSuchPatient = "There is no such patient among those you treat."

// recordFailure tells the person as much as the API's status says.
func recordFailure(err error) error {
	var upstream *UpstreamError
	if errors.Is(err, errNoRefresh) {
		return &failure{http.StatusForbidden, "sign_in_ended", "Your sign-in has ended. Please sign in again.", err}
	}
	if errors.As(err, &upstream) {
		switch upstream.Status {
		case http.StatusNotFound, http.StatusGone:
			return &failure{http.StatusNotFound, "upstream", noSuchPatient, err}
		case http.StatusUnauthorized, http.StatusForbidden:
			return &failure{http.StatusForbidden, "upstream", "You may not open this record.", err}
		case http.StatusBadRequest:
			if upstream.Code == "invalid_grant" { // the refresh token was withdrawn
				return &failure{http.StatusForbidden, "sign_in_ended", "Your sign-in has ended. Please sign in again.", err}
			}
		}
	}
	return err
}

// validID tells whether a string has the form of a FHIR id (R4 2.24.0.1).
func validID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}
