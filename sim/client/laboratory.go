package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// ReportScope is what a laboratory's system asks for: it writes results, and reads none.
const ReportScope = "system/Observation.cu"

// AmendScope is what it asks for to change a part of one, and be shown the whole.
const AmendScope = "system/Observation.ru"

// Laboratory is a system without people that writes into records. It is made like a supplier's.
type Laboratory struct{ *Supplier }

// NewLaboratory returns one. The error says which field of the configuration is wrong.
func NewLaboratory(c SupplierConfig) (*Laboratory, error) {
	s, err := NewSupplier(c)
	if err != nil {
		return nil, err
	}
	return &Laboratory{s}, nil
}

// Result is a measurement of a patient's.
type Result struct {
	Patient     string
	LOINC, Name string // what was measured
	Value       json.Number
	Unit        string // UCUM
	// Status is FHIR's: final, corrected.
	Status string
}

// Report gets a token in the laboratory's name and writes a new result. It returns its id.
func (l *Laboratory) Report(ctx context.Context, r Result) (id string, err error) {
	body, err := l.write(ctx, http.MethodPost, l.fhirBase+"/Observation", r.resource(""))
	if err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	var stored struct{ ID string }
	if err := json.Unmarshal(body, &stored); err != nil || stored.ID == "" {
		return "", fmt.Errorf("report: expected the result as it was stored, with an id, got %d bytes", len(body))
	}
	return stored.ID, nil
}

// Correct gets a token in the laboratory's name and writes a result anew.
func (l *Laboratory) Correct(ctx context.Context, id string, r Result) error {
	if _, err := l.write(ctx, http.MethodPut, l.fhirBase+"/Observation/"+url.PathEscape(id), r.resource(id)); err != nil {
		return fmt.Errorf("correct: %w", err)
	}
	return nil
}

// Amend gets a token in the laboratory's name and says of a result that it was amended.
func (l *Laboratory) Amend(ctx context.Context, id string) error {
	patch := []byte(`[{"op":"replace","path":"/status","value":"amended"}]`)
	if _, err := l.send(ctx, http.MethodPatch, l.fhirBase+"/Observation/"+url.PathEscape(id), AmendScope, "application/json-patch+json", patch); err != nil {
		return fmt.Errorf("amend: %w", err)
	}
	return nil
}

func (l *Laboratory) write(ctx context.Context, method, address string, body []byte) ([]byte, error) {
	return l.send(ctx, method, address, ReportScope, wantsFHIR[0], body)
}

// send gets a token in the system's name and writes with it.
func (s *Supplier) send(ctx context.Context, method, address, scope, kind string, body []byte) ([]byte, error) {
	t, err := s.protocol.clientCredentials(ctx, s.reg, scope, s.fhirBase)
	if err != nil {
		return nil, err
	}
	try := func() (*reply, error) {
		req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header["Content-Type"] = []string{kind}
		return s.protocol.present(req, t)
	}
	rep, err := try()
	if err == nil && t.scheme == "DPoP" && asksNonceRS(rep) {
		rep, err = try()
	}
	if err != nil {
		return nil, err
	}
	if rep.status != http.StatusOK && rep.status != http.StatusCreated {
		return nil, upstreamError(address, rep)
	}
	return rep.body, nil
}

func (r Result) resource(id string) []byte {
	type m = map[string]any
	o := m{
		"resourceType": "Observation", "status": r.Status,
		"category":      []m{{"coding": []m{{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}}}},
		"code":          m{"coding": []m{{"system": "http://loinc.org", "code": r.LOINC, "display": r.Name}}},
		"subject":       m{"reference": "Patient/" + r.Patient},
		"valueQuantity": m{"value": r.Value, "unit": r.Unit, "system": "http://unitsofmeasure.org", "code": r.Unit},
	}
	if id != "" {
		o["id"] = id
	}
	b, err := json.Marshal(o)
	if err != nil {
		return nil // a value that is no number: the API refuses an empty body
	}
	return b
}
