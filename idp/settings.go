package idp

// Settings are what the specifications leave to the server. They can be changed while it runs: what was
// given out before keeps the life that it was given.
type Settings struct {
	Lifetimes Lifetimes
	// Automatic says which sign-ins need no pages.
	Automatic Automatic
	// SignOutRevokes: a person who signs out here withdraws all she allowed in that session.
	SignOutRevokes bool
	// RegisteredFor is the number of the organisation that clients act for who register themselves from now on; empty for
	// that of Registration.
	RegisteredFor string
}

// Settings are those in force, with no lifetime left at zero but that of access tokens, which is then the
// dialect's.
func (s *Server) Settings() Settings { return *s.settings.Load() }

// SetSettings puts others in force. The error says which lifetime the specifications do not permit.
func (s *Server) SetSettings(to Settings) error {
	to.Lifetimes = to.Lifetimes.completed()
	if err := to.Lifetimes.validate(); err != nil {
		return err
	}
	s.settings.Store(&to)
	return nil
}

func (s *Server) lifetimes() *Lifetimes { return &s.settings.Load().Lifetimes }
