package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Export fetches the patients of the supplier's clinics in bulk, in its own name (FHIR Bulk Data Access 2.0):
// it asks, looks which files there are, and fetches each.
func (s *Supplier) Export(ctx context.Context) error {
	t, err := s.protocol.clientCredentials(ctx, s.reg, SystemScope, s.fhirBase)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	status, err := s.protocol.startExport(ctx, t, s.fhirBase+"/$export?_type=Patient")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	body, err := s.protocol.read(ctx, t, status)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	var list struct {
		Output []struct {
			URL string `json:"url"`
		} `json:"output"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return fmt.Errorf("export: expected a list of files: %w", err)
	}
	for _, file := range list.Output {
		if _, err := s.protocol.read(ctx, t, file.URL); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	return nil
}

// startExport asks for an export and returns where its files will be listed.
func (p *protocol) startExport(ctx context.Context, t token, url string) (string, error) {
	rep, err := p.request(ctx, t, url, "Prefer", "respond-async")
	if err != nil {
		return "", err
	}
	if rep.status != http.StatusAccepted {
		return "", upstreamError(url, rep)
	}
	return rep.header.Get("Content-Location"), nil
}
