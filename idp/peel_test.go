package idp

import (
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// wrong is a request that is right in all but one thing.
type wrong struct {
	name string
	do   func(*lab) answer // returns the answer that should be a refusal
	// by is what refuses it, in order: the first control under a strict profile, the second when that
	// is off, and so on. With all of them off it succeeds: no other code looks at the same thing.
	by     []*control.Control
	code   string             // OAuth error of the first refusal; empty to leave it
	lenses []*control.Control // controls that must be off for the thing to be reached at all
}

// wrongs are all of them; each area adds its own.
var wrongs = map[string]func() []wrong{
	"client":         wrongClients,
	"assertion":      wrongAssertions,
	"proof":          wrongProofs,
	"request":        wrongRequests,
	"request object": wrongObjects,
	"request_uri":    wrongReferences,
	"code":           wrongCodes,
	"key":            wrongKeys,
	"refresh":        wrongRefreshes,
	"introspection":  wrongInquiries,
	"revocation":     wrongRevocations,
	"registration":   wrongRegistrations,
	"certificate":    wrongCertificates,
	"userinfo":       wrongExhibits,
	"details":        wrongDetails,
	"launch":         wrongLaunches,
	"exchange":       wrongExchanges,
}

func TestWrongByOneThing(t *testing.T) {
	for area, cases := range wrongs {
		for _, w := range cases() {
			t.Run(area+"/"+w.name, func(t *testing.T) { w.peel(t) })
		}
	}
}

// peel takes away whatever refuses the request, again and again, in a fresh lab each time.
func (w wrong) peel(t *testing.T) {
	p := strict(t).Without(w.lenses...)
	var refused []*control.Control
	for {
		a := w.do(newLab(t, p))
		if a.by == "" {
			if a.fault != "" {
				t.Errorf("with %s off: expected success, got %d: %s", ids(refused), a.StatusCode, a.fault)
			}
			break
		}
		c, err := control.Lookup(a.by)
		if err != nil {
			t.Fatal(err)
		}
		if refused = append(refused, c); len(refused) == 1 && w.code != "" {
			a.expect(t, c, a.StatusCode, w.code)
		}
		p = p.Without(c)
	}
	if !slices.Equal(refused, w.by) {
		t.Errorf("expected to be refused by %s, got %s", ids(w.by), ids(refused))
	}
}

func ids(cs []*control.Control) string {
	var out []string
	for _, c := range cs {
		out = append(out, c.ID)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func by(cs ...*control.Control) []*control.Control { return cs }

// Each control of the server stands in one guard, and some request is wrong by it alone.
func TestEachControlStandsInOneGuard(t *testing.T) {
	guards, tried := map[*control.Control]int{}, map[*control.Control]bool{}
	for _, c := range Guards() {
		guards[c]++
	}
	for _, cases := range wrongs {
		for _, w := range cases() {
			tried[w.by[0]] = true
		}
	}
	for _, c := range control.All() {
		if c.Owner != control.AS {
			if guards[c] != 0 {
				t.Errorf("%s is not this server's to enforce", c)
			}
			continue
		}
		if guards[c] != 1 {
			t.Errorf("expected %s in one guard, got it in %d", c, guards[c])
		}
		if !tried[c] {
			t.Errorf("expected a request that is wrong by %s, got none", c)
		}
	}
}
