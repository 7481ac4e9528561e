package serve

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"thiefbox/fhirmock"
	"thiefbox/idp"
)

// What the specifications leave to the server: how long things live, and which sign-ins need no pages. It is
// chosen by flags for every issuer, by the clients' file for some, and by the API for one while it runs.

// Settings are those of idp. Automatic.As is a test person.
type Settings = idp.Settings

// settingsChange is what somebody wrote down: members that are absent stay as they are.
type settingsChange struct {
	// Lifetimes by name; 0 is the default again.
	Lifetimes      map[string]Duration `json:"lifetimes,omitempty" yaml:"lifetimes"`
	SignInByHint   *bool               `json:"sign_in_by_hint,omitempty" yaml:"sign_in_by_hint"`
	SignInAs       *string             `json:"sign_in_as,omitempty" yaml:"sign_in_as"`
	Consent        *bool               `json:"consent,omitempty" yaml:"consent"`
	SignOutRevokes *bool               `json:"sign_out_revokes,omitempty" yaml:"sign_out_revokes"`
	// RegisteredFor is the id of an organisation; empty for none.
	RegisteredFor *string `json:"registered_for,omitempty" yaml:"registered_for"`
}

// apply makes the change, or says what is wrong with it.
func (c settingsChange) apply(s *Server, to *Settings) error {
	for _, name := range slices.Sorted(maps.Keys(c.Lifetimes)) {
		if err := to.Lifetimes.Set(name, time.Duration(c.Lifetimes[name])); err != nil {
			return err
		}
	}
	replace(&to.Automatic.ByHint, c.SignInByHint)
	replace(&to.Automatic.As, c.SignInAs)
	replace(&to.Automatic.Consent, c.Consent)
	replace(&to.SignOutRevokes, c.SignOutRevokes)
	if c.RegisteredFor != nil {
		number, err := s.organisationNumber(*c.RegisteredFor)
		if err != nil {
			return fmt.Errorf("registered_for: %w", err)
		}
		to.RegisteredFor = number
	}
	return s.checkSettings(*to)
}

func replace[T any](where *T, with *T) {
	if with != nil {
		*where = *with
	}
}

// checkSettings refuses to sign somebody in who is not there.
func (s *Server) checkSettings(to Settings) error {
	as := to.Automatic.As
	if as == "" || slices.ContainsFunc(s.people.Patients(), func(p fhirmock.Patient) bool { return p.ID == as }) ||
		slices.ContainsFunc(s.people.Practitioners(), func(p fhirmock.Practitioner) bool { return p.ID == as }) {
		return nil
	}
	return fmt.Errorf("expected sign_in_as to be a test person, such as %s or p01, got %q", s.people.Practitioners()[0].ID, as)
}

// settingsAt are those of an issuer as it begins: the flags', and over them the file's.
func (s *Server) settingsAt(name string) Settings {
	to := s.config.Settings
	for _, c := range s.registrar.current().Settings {
		if len(c.Issuers) == 0 || slices.Contains(c.Issuers, name) {
			_ = c.Change.apply(s, &to) // the file was found good when it was read
		}
	}
	return to
}

// Settings are those in force.
func (i *Issuer) Settings() Settings { return i.as.Settings() }

// SetSettings puts others in force, at every origin of the issuer.
func (i *Issuer) SetSettings(to Settings) error {
	if err := i.tenant.server.checkSettings(to); err != nil {
		return err
	}
	i.tenant.mu.Lock()
	defer i.tenant.mu.Unlock()
	return i.tenant.setLocked(to)
}

func (t *tenant) setLocked(to Settings) error {
	t.settings = to
	var err error
	for _, each := range t.issuers {
		err = errors.Join(err, each.as.SetSettings(to))
	}
	return err
}

// settingsState is what the settings look like to a program.
func (i *Issuer) settingsState() settingsChange {
	s := i.Settings()
	if s.Lifetimes.AccessToken == 0 {
		s.Lifetimes.AccessToken = i.tenant.policy.Profile().Dialect.AccessTokenLifetime
	}
	acting := i.tenant.server.organisations[s.RegisteredFor]
	out := settingsChange{map[string]Duration{}, &s.Automatic.ByHint, &s.Automatic.As, &s.Automatic.Consent, &s.SignOutRevokes, &acting}
	for _, k := range idp.LifetimeKinds() {
		out.Lifetimes[k.Name] = Duration(*k.In(&s.Lifetimes))
	}
	return out
}

func (i *Issuer) serveSettings(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, i.settingsState())
}

// changeSettings takes some of the members: {"lifetimes": {"code": "5s"}, "sign_in_by_hint": true}.
func (i *Issuer) changeSettings(w http.ResponseWriter, r *http.Request) {
	var in settingsChange
	err := readJSON(w, r, &in)
	if err == nil {
		to := i.Settings()
		if err = in.apply(i.tenant.server, &to); err == nil {
			err = i.SetSettings(to)
		}
	}
	if err != nil {
		badInput(w, err)
		return
	}
	i.serveSettings(w, r)
}

func (i *Issuer) restoreSettings(w http.ResponseWriter, r *http.Request) {
	_ = i.SetSettings(i.tenant.server.settingsAt(i.Name)) // which were found good at the start
	i.serveSettings(w, r)
}
