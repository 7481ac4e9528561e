package idp

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"thiefbox/sim/fapi"
)

// demands are what a request asks of the sign-in itself, and of what is told about the person
// (OIDC Core s3.1.2.1, s5.5; RFC 9470 s4). ui_locales and claims_locales are accepted and change nothing: the
// pages are in English. display changes nothing either.
type demands struct {
	prompt       []string
	maxAge       time.Duration // negative if not asked for
	acr          []string      // in order of preference
	acrEssential bool          // no other will do
	rank         int           // the level asked for: its place in Server.levels
	loginHint    string
	subject      string // the only person who will do; empty if anybody will
	claims       claimsRequest
}

var promptValues = []string{"none", "login", "consent", "select_account"}

func (s *Server) readDemands(f form) (d demands, err error) {
	d = demands{maxAge: -1, loginHint: f.get("login_hint"), acr: strings.Fields(f.get("acr_values"))}
	if d.prompt, err = readPrompt(f.get("prompt")); err != nil {
		return d, err
	}
	if d.maxAge, err = readAge(f.get("max_age")); err != nil {
		return d, err
	}
	if d.claims, err = readClaims(f.get("claims")); err != nil {
		return d, err
	}
	if err := d.readClaimDemands(); err != nil {
		return d, err
	}
	if hint := f.get("id_token_hint"); hint != "" {
		claims, err := s.readHint(hint)
		if err != nil {
			return d, err
		}
		if d.subject != "" && d.subject != claims.Subject {
			return d, malformed("expected id_token_hint and claims to name one person, got %q and %q", claims.Subject, d.subject).because("OIDC Core s3.1.2.1, s5.5.1", "leave one of the two out")
		}
		d.subject = claims.Subject
	}
	d.rank, err = s.wanted(&d)
	return d, err
}

func readPrompt(prompt string) ([]string, error) {
	values := strings.Fields(prompt)
	for _, v := range values {
		if !slices.Contains(promptValues, v) {
			return nil, malformed("expected prompt to be made of %s, got %q", strings.Join(promptValues, ", "), v).because("OIDC Core s3.1.2.1", "send one of these, or leave prompt out")
		}
	}
	if len(values) > 1 && slices.Contains(values, "none") {
		return nil, malformed("expected prompt none to stand alone, got %q", prompt).because("OIDC Core s3.1.2.1", "send prompt=none alone, or leave none out")
	}
	return values, nil
}

func readAge(age string) (time.Duration, error) {
	if age == "" {
		return -1, nil
	}
	seconds, err := strconv.ParseUint(age, 10, 31)
	if err != nil {
		return -1, malformed("expected max_age in seconds, got %q", age).because("OIDC Core s3.1.2.1", "send a number, or leave max_age out")
	}
	return time.Duration(seconds) * time.Second, nil
}

// readClaimDemands finds what the claims parameter demands of the sign-in: a certain person, and an acr
// (OIDC Core s5.5.1, s5.5.1.1).
func (d *demands) readClaimDemands() (err error) {
	if d.subject, err = d.claims.IDToken["sub"].text("sub"); err != nil {
		return err
	}
	wish, asked := d.claims.IDToken["acr"]
	if !asked || wish == nil {
		return nil
	}
	values, err := wish.texts("acr")
	if err != nil {
		return err
	}
	if len(values) > 0 {
		d.acr, d.acrEssential = values, wish.Essential
	}
	return nil
}

const hintFix = "send an ID token that this issuer gave the client, as it came, or leave id_token_hint out"

// readHint reads an ID token that a client shows to say whom it means. It may have expired, but it must be
// one of ours (OIDC Core s3.1.2.1, id_token_hint; RP-Initiated Logout s4).
func (s *Server) readHint(hint string) (*fapi.IDToken, error) {
	t, err := fapi.ParseJWT(hint)
	if err != nil {
		return nil, malformed("id_token_hint: %v", err).because("OIDC Core s3.1.2.1", hintFix)
	}
	var claims fapi.IDToken
	if err := t.Claims(&claims); err != nil {
		return nil, malformed("id_token_hint: %v", err).because("OIDC Core s3.1.2.1", hintFix)
	}
	if claims.Issuer != s.issuer || claims.Subject == "" || t.CheckTyp("jwt") != nil {
		return nil, malformed("id_token_hint: expected an ID token of %s, got one of %q", s.issuer, claims.Issuer).because("OIDC Core s3.1.2.1", hintFix)
	}
	if !s.keys.signed(t, s.now()) {
		return nil, malformed("id_token_hint: expected a signature of this server's, got another").because("OIDC Core s3.1.2.1", hintFix)
	}
	return &claims, nil
}

// due tells why the person has to be asked something before the consent page, as the error that a client
// gets who asked for no pages (OIDC Core s3.1.2.6); empty if she has not.
func (i *interaction) due(who *session) string {
	if who == nil {
		return "login_required"
	}
	before := who.at.Before(i.began)
	switch {
	case i.subject != "" && who.user.Subject != i.subject:
		return "login_required"
	case before && slices.Contains(i.prompt, "login"), i.maxAge >= 0 && i.began.Sub(who.at) > i.maxAge, before && i.maxAge == 0:
		return "login_required"
	case before && slices.Contains(i.prompt, "select_account"), before && i.loginHint != "" && !who.user.answersTo(i.loginHint):
		return "account_selection_required"
	case who.rank < i.rank && (before || i.acrEssential):
		return "interaction_required"
	}
	return ""
}

// answersTo tells whether a hint means this person: a login, a subject or an address.
func (u *User) answersTo(hint string) bool {
	return hint == u.Username || hint == u.Subject || hint == u.claim("email")
}
