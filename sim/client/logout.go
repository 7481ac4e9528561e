package client

import (
	"context"
	"net/http"
)

// logout ends the session and revokes its tokens: GET or POST /logout. Somebody else's link to it
// costs a person a sign-in, no more.
func (e *EHR) logout(w http.ResponseWriter, r *http.Request) error {
	s := e.sessions.end(e.cookie(r, e.sessionCookie))
	e.dropCookie(w, e.sessionCookie)
	if s != nil {
		e.revokeAll(r.Context(), s)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// revokeAll revokes what the session holds, the refresh token first. The session is over whether or
// not the server can be reached; what could not be revoked goes to the log.
func (e *EHR) revokeAll(ctx context.Context, s *session) {
	s.mu.Lock()
	refresh := s.refresh
	s.mu.Unlock()
	if refresh != "" {
		e.report(ctx, e.protocol.revoke(ctx, s.reg, s.at, refresh, "refresh_token"))
	}
	for _, row := range s.rows() {
		e.report(ctx, e.protocol.revoke(ctx, s.reg, s.at, row.AccessToken, "access_token"))
	}
}

func (e *EHR) report(ctx context.Context, err error) {
	if err != nil {
		e.tell(ctx, &failure{http.StatusBadGateway, "revocation_failed", "", err})
	}
}
