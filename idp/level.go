package idp

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Level is how sure the server is of who has signed in: a value of acr (OIDC Core s2), and the amr that go
// with it (RFC 8176).
type Level struct {
	ACR string
	AMR []string
	// Code: a password alone does not do, the person's code is needed too.
	Code bool
}

// defaultLevels take their names from the eIDAS regulation, lowest first. Every sign-in reaches the first.
var defaultLevels = []Level{
	{ACR: "loa-substantial", AMR: []string{"pwd"}},
	{ACR: "loa-high", AMR: []string{"pwd", "otp", "mfa"}, Code: true},
}

func validateLevels(levels []Level) error {
	if len(levels) == 0 || levels[0].Code {
		return errors.New("idp: levels: expected the first to be one that a password reaches")
	}
	seen := map[string]string{}
	for _, l := range levels {
		if !isScopeToken(l.ACR) {
			return fmt.Errorf("idp: levels: expected an acr of printable characters without space, got %q", l.ACR)
		}
		if err := claim(seen, l.ACR, "level"); err != nil {
			return err
		}
	}
	return nil
}

// rankOf is the place of an acr among the levels, -1 for one there is not.
func (s *Server) rankOf(acr string) int {
	return slices.IndexFunc(s.levels, func(l Level) bool { return l.ACR == acr })
}

// wanted is the level a request asks for: the first that exists of those it names, which are in order of
// preference (OIDC Core s3.1.2.1, acr_values). A request that insists on one (OIDC Core s5.5.1.1) and names
// none that exists cannot be met.
func (s *Server) wanted(d *demands) (rank int, err error) {
	for _, acr := range d.acr {
		if rank := s.rankOf(acr); rank >= 0 {
			return rank, nil
		}
	}
	if d.acrEssential {
		return 0, unmet(fmt.Sprintf("expected an acr among %q, got %q", s.acrValues(), d.acr))
	}
	return 0, nil
}

// unmet is the refusal of a sign-in that cannot be had as it was asked for (OpenID Connect Core Error Code
// unmet_authentication_requirements; RFC 9470 s5).
func unmet(detail string) *fault {
	return faultOf(http.StatusBadRequest, "unmet_authentication_requirements", "the sign-in cannot be made as strong as was asked", detail)
}

// achieved is the acr to report: of the values that were asked for the best that the sign-in satisfies, since a
// client compares them as strings; where nothing was asked for, what the sign-in was.
func (s *Server) achieved(d *demands, rank int) string {
	best := -1
	for _, acr := range d.acr {
		if r := s.rankOf(acr); r <= rank && r > best {
			best = r
		}
	}
	if best >= 0 {
		return s.levels[best].ACR
	}
	return s.levels[rank].ACR
}

func (s *Server) acrValues() []string {
	out := make([]string, len(s.levels))
	for i, l := range s.levels {
		out[i] = l.ACR
	}
	return out
}

func isScopeToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}
