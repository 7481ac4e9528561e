package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// SupplierConfig is what a supplier's system needs to know.
type SupplierConfig struct {
	Party        *party.Party // an old supplier's policy has the legacy dialect for ever
	HTTP         *http.Client
	Registration Registration
	FHIRBase     string
	DPoPKey      *fapi.Key // for proofs; nil takes the registration's
	// IgnoresNonces: it never answers a server's wish for a nonce.
	IgnoresNonces bool
}

// Supplier is a system without people, which reads records in its own name.
type Supplier struct {
	protocol *protocol
	reg      *Registration
	fhirBase string
}

// NewSupplier returns a supplier's system. The error says which field of the configuration is wrong.
func NewSupplier(c SupplierConfig) (*Supplier, error) {
	if c.FHIRBase == "" {
		return nil, errors.New("supplier: expected a FHIRBase, got none")
	}
	reg, err := c.Registration.prepare()
	if err != nil {
		return nil, fmt.Errorf("supplier: %w", err)
	}
	p, err := newProtocol(c.Party, c.HTTP, reg, c.DPoPKey)
	if err != nil {
		return nil, fmt.Errorf("supplier: %w", err)
	}
	p.ignoresNonces = c.IgnoresNonces
	return &Supplier{protocol: p, reg: reg, fhirBase: c.FHIRBase}, nil
}

// Sync gets a token in the supplier's name and reads these patients. A token that wears out on the way
// is replaced once for each patient. One record that cannot be read does not keep the rest from being
// read; all errors are returned together, each a *control.Refusal, an *UpstreamError or a fault of the
// network.
func (s *Supplier) Sync(ctx context.Context, patients []string) error {
	t, err := s.protocol.clientCredentials(ctx, s.reg, SystemScope, s.fhirBase)
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	var errs []error
	for _, patient := range patients {
		address := s.fhirBase + "/Patient/" + url.PathEscape(patient)
		_, err := s.protocol.read(ctx, t, address)
		if unauthorized(err) {
			if t, err = s.protocol.clientCredentials(ctx, s.reg, SystemScope, s.fhirBase); err != nil {
				return errors.Join(append(errs, fmt.Errorf("sync: %w", err))...)
			}
			_, err = s.protocol.read(ctx, t, address)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("sync: patient %s: %w", patient, err))
		}
	}
	return errors.Join(errs...)
}

// unauthorized tells whether an API no longer takes the token, and would take another of the same sign-in.
func unauthorized(err error) bool {
	var upstream *UpstreamError
	return errors.As(err, &upstream) && upstream.Status == http.StatusUnauthorized && upstream.Code != codeStepUp
}
