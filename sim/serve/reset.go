package serve

import (
	"errors"
	"net/http"
)

// serveReset lets the issuer begin anew, as before its first use: no sessions, codes, tokens and writes,
// no log, its profile as named, its clock as the machine's, no faults. Clients and keys stay.
func (i *Issuer) serveReset(w http.ResponseWriter, _ *http.Request) {
	if err := i.tenant.server.Reset(i.Name); err != nil {
		refuse(w, http.StatusInternalServerError, "server_error", err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// Reset lets the issuer of a name begin anew, as before its first use, with the same clients and keys.
// An *Issuer from before belongs to what is no more: ask for it again.
func (s *Server) Reset(name string) error {
	s.mu.Lock()
	old := s.tenants[name]
	delete(s.tenants, name)
	s.mu.Unlock()
	if old != nil {
		old.journal.end()
		if err := errors.Join(old.forgetRecords(), old.forgetState()); err != nil {
			return err
		}
	}
	_, err := s.tenant(name)
	return err
}
