package idp

import (
	"context"

	"thiefbox/sim/party"
)

// spend runs the one-time checks of a request: assertion, proof, and code or refresh token, those that are
// there. It comes after every other check, and all are used up together or not at all, so that a refused
// request burns nothing. In particular a client may send the same assertion again after it was
// answered use_dpop_nonce, as real ones do.
//
// Each check consumes at once. Of two requests that share an assertion and arrive together, the later
// is refused even if the earlier is refused after it; never are both let through.
func (s *Server) spend(ctx context.Context, c *caller, p *proof, a *award) error {
	if c.assertion != nil {
		if err := party.Enforce(ctx, s.party, c, assertionOnce); err != nil {
			return err
		}
	}
	if p != nil {
		if err := party.Enforce(ctx, s.party, p, proofOnce); err != nil {
			c.unspend()
			return err
		}
	}
	if err := s.spendGrant(ctx, a); err != nil {
		p.unspend()
		c.unspend()
		return err
	}
	return nil
}

func (s *Server) spendGrant(ctx context.Context, a *award) error {
	switch {
	case a == nil:
		return nil
	case a.code != nil:
		return party.Enforce(ctx, s.party, a.code, codeOnce)
	case a.renewal != nil:
		return party.Enforce(ctx, s.party, a.renewal, refreshOnce)
	}
	return nil
}
