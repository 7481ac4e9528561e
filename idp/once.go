package idp

import (
	"context"

	"thiefbox/sim/party"
)

// spend runs the one-time checks of a request: assertion, proof and code, those that are there. It
// comes after every other check, and all three are used up together or not at all, so that a refused
// request burns nothing. In particular a client may send the same assertion again after it was
// answered use_dpop_nonce, as real ones do.
//
// Each check consumes at once. Of two requests that share an assertion and arrive together, the later
// is refused even if the earlier is refused after it; never are both let through.
func (s *Server) spend(ctx context.Context, c *caller, p *proof, r *redemption) error {
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
	if r != nil {
		if err := party.Enforce(ctx, s.party, r, codeOnce); err != nil {
			p.unspend()
			c.unspend()
			return err
		}
	}
	return nil
}
