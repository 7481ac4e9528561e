package client

import "thiefbox/sim/fapi"

// UseKeys gives the EHR new keys: for authentication at its issuers, and for proofs. nil keeps what it
// has. People stay signed in; tokens bound to the old key are refreshed when an API no longer takes them.
// It is for an operator between requests, not while some are under way.
func (e *EHR) UseKeys(auth, proof *fapi.Key) {
	for i, reg := range e.issuers {
		changed := *reg
		if auth != nil && changed.Key != nil {
			changed.Key = auth
		}
		e.issuers[i] = &changed
	}
	for _, s := range e.sessions.all() {
		for _, reg := range e.issuers {
			if s.reg.Issuer == reg.Issuer {
				s.reg = reg
			}
		}
	}
	if proof != nil && e.protocol.dpop != nil {
		e.protocol.dpop = proof
	}
}

// UseKeys gives the supplier new keys: for authentication, and for proofs. nil keeps what it has.
func (s *Supplier) UseKeys(auth, proof *fapi.Key) {
	if auth != nil && s.reg.Key != nil {
		changed := *s.reg
		changed.Key = auth
		s.reg = &changed
	}
	if proof != nil && s.protocol.dpop != nil {
		s.protocol.dpop = proof
	}
}
