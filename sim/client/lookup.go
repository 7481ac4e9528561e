package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// LookUp gets a token in the supplier's name and searches for a patient by POST, as one does whose searches
// should stand in no log of addresses (FHIR R4 search, POST). It returns how many were found.
func (s *Supplier) LookUp(ctx context.Context, patient string) (int, error) {
	t, err := s.protocol.clientCredentials(ctx, s.reg, SystemScope, s.fhirBase)
	if err != nil {
		return 0, fmt.Errorf("look-up: %w", err)
	}
	address, form := s.fhirBase+"/Patient/_search", url.Values{"_id": {patient}}
	rep, err := s.protocol.searchByForm(ctx, t, address, form)
	if err == nil && t.scheme == "DPoP" && asksNonceRS(rep) {
		rep, err = s.protocol.searchByForm(ctx, t, address, form)
	}
	if err == nil && rep.status != http.StatusOK {
		err = upstreamError(address, rep)
	}
	if err != nil {
		return 0, fmt.Errorf("look-up: %w", err)
	}
	found, err := readBundle(rep.body)
	if err != nil {
		return 0, fmt.Errorf("look-up: %w", err)
	}
	return len(found), nil
}

func (p *protocol) searchByForm(ctx context.Context, t token, address string, form url.Values) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.present(req, t)
}
