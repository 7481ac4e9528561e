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

// fetch reads from an API, which is believed to be at base, in the name of a session. A token that the API no
// longer takes is replaced once.
func (e *EHR) fetch(ctx context.Context, s *session, api, base, path string) ([]byte, error) {
	t, err := e.tokenFor(ctx, s, api, "")
	if err != nil {
		return nil, err
	}
	body, err := e.protocol.read(ctx, t, base+path)
	if !unauthorized(err) {
		return body, err
	}
	if t, renewal := e.tokenFor(ctx, s, api, t.access); renewal == nil {
		return e.protocol.read(ctx, t, base+path)
	} else if !errors.Is(renewal, errNoRefresh) {
		return nil, renewal
	}
	return nil, err
}

// record reads a patient and what belongs to him, from the API at base and the laboratory. Without the patient there is no record; a part that
// cannot be read is noted in its place.
func (e *EHR) record(ctx context.Context, s *session, base, patient string) (*resource, []section, error) {
	body, err := e.fetch(ctx, s, e.fhirBase, base, "/Patient/"+patient)
	if err != nil {
		return nil, nil, recordFailure(err)
	}
	p, err := readResource(body)
	if err != nil {
		return nil, nil, fmt.Errorf("patient %s: %w", patient, err)
	}
	var sections []section
	for _, part := range searches {
		api, at := e.fhirBase, base
		if part.lab {
			if api, at = e.labBase, e.labBase; api == "" {
				continue
			}
		}
		found := section{title: part.title}
		found.rows, err = e.search(ctx, s, api, at, "/"+part.resource+"?patient="+url.QueryEscape(patient))
		if err != nil {
			e.tell(ctx, failureOf(fmt.Errorf("%s of %s: %w", part.resource, patient, err)))
			found.note = "Could not be read."
		}
		sections = append(sections, found)
	}
	return p, sections, nil
}

func (e *EHR) search(ctx context.Context, s *session, api, base, path string) ([]resource, error) {
	body, err := e.fetch(ctx, s, api, base, path)
	if err != nil {
		return nil, err
	}
	return readBundle(body)
}

// recordFailure tells the person as much as the API's status says.
func recordFailure(err error) error {
	var upstream *UpstreamError
	if errors.Is(err, errNoRefresh) {
		return &failure{http.StatusForbidden, "sign_in_ended", "Your sign-in has ended. Please sign in again.", err}
	}
	if errors.As(err, &upstream) {
		switch upstream.Status {
		case http.StatusNotFound, http.StatusGone:
			return &failure{http.StatusNotFound, "upstream", "There is no such patient.", err}
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
