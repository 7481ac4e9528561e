package fhirmock

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"thiefbox/fhirmock/query"
	"thiefbox/sim/control"
)

// Some records want a person to have signed in better, or more lately, than others. The API says so with a
// challenge that names what it wants, and an honest client has the person sign in again (RFC 9470).

// StepUp says what reading and searching a type of resource takes. Tokens that speak for no person
// cannot satisfy it, so it is for types that systems do not read in their own name.
type StepUp struct {
	Type string // "DocumentReference"
	// ACR are the values of acr that will do, the best first; empty for any.
	ACR []string
	// MaxAge is how long ago the person may have signed in; 0 for any time.
	MaxAge time.Duration
}

func (s StepUp) validate() error {
	if !query.Served(s.Type) || s.MaxAge < 0 || s.MaxAge == 0 && len(s.ACR) == 0 {
		return fmt.Errorf("expected StepUp to name a type of resource that is served, and ACR or MaxAge, got %+v", s)
	}
	return nil
}

// stepUpGuards stand after all that is asked of token and proof: only who holds a good token is told how to get
// a better one. They are asked for the type that a request names, and in the door for each that would come along.
var stepUpGuards = []control.Guard[visit]{
	{Control: control.RSStepUp, Check: checkStepUp, Answer: strongerSignIn},
}

var strongerSignIn = control.Answer{Status: http.StatusUnauthorized, Code: codeStepUp, Challenge: true,
	Safe: "the person must sign in again, as the challenge says"}

const codeStepUp = "insufficient_user_authentication" // RFC 9470 s3

// checkStepUp: RFC 9470 s3, s6.1. A token that does not say how and when somebody signed in does not satisfy it.
func checkStepUp(v *visit) (string, error) {
	need := v.needed()
	if need == nil {
		return "", nil
	}
	return checkSignIn(v, need)
}

// checkSignIn holds what a token says of a sign-in against what it has to be.
func checkSignIn(v *visit, need *StepUp) (string, error) {
	if len(need.ACR) > 0 && !slices.Contains(need.ACR, v.claims.ACR) {
		return v.claims.ACR, control.ExpectedFix("acr", strings.Join(need.ACR, " or "), v.claims.ACR,
			"have the person sign in again with acr_values="+need.ACR[0])
	}
	age := v.now.Sub(time.Unix(v.claims.AuthTime, 0))
	if need.MaxAge > 0 && (v.claims.AuthTime == 0 || age > need.MaxAge) {
		return "", control.ExpectedFix("auth_time", "at most "+seconds(need.MaxAge)+" ago", age.Truncate(time.Second).String()+" ago",
			"have the person sign in again with max_age="+strconv.Itoa(int(need.MaxAge.Seconds())))
	}
	return cmp.Or(v.claims.ACR, "recent"), nil
}

// needed is what the type of resource takes that was asked about last; nil for nothing.
func (v *visit) needed() *StepUp {
	if v.needs != nil {
		return v.needs
	}
	return v.api.stepUp(v.level)
}

// stepUp is what a type of resource takes; nil for nothing.
func (a *API) stepUp(resourceType string) *StepUp {
	for i := range a.StepUps {
		if s := &a.StepUps[i]; s.Type == resourceType {
			return s
		}
	}
	return nil
}

// stepUpChallenge is what the challenge says besides the error (RFC 9470 s3).
func (v *visit) stepUpChallenge() (attributes string) {
	need := v.needed()
	if need == nil {
		return ""
	}
	if len(need.ACR) > 0 {
		attributes = `, acr_values="` + strings.Join(need.ACR, " ") + `"`
	}
	if need.MaxAge > 0 {
		attributes += `, max_age="` + strconv.Itoa(int(need.MaxAge.Seconds())) + `"`
	}
	return attributes
}
