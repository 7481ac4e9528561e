package fhirmock

import (
	"sync"
	"time"
)

// glasses remembers for whom each sign-in has broken the glass. The nodes of one API share one. The zero value is empty; it
// is safe for concurrent use.
type glasses struct {
	mu     sync.Mutex
	broken map[glassSignedIn]brokenFor
}

// glassSignedIn is a person, and when she signed in, in seconds since 1970.
type glassSignedIn struct {
	subject string
	at      int64
}

type brokenFor struct {
	patient string
	since   time.Time
}

// glassKept is how long one is remembered: as long as any access token that tells of the sign-in is likely to be taken.
const glassKept = 24 * time.Hour

// take enters a patient for a sign-in that has none yet, and returns whom it is for.
func (g *glasses) take(s glassSignedIn, patient string, now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b, there := g.broken[s]; there {
		return b.patient
	}
	if g.broken == nil {
		g.broken = map[glassSignedIn]brokenFor{}
	}
	if len(g.broken) >= mostCallers {
		for s, b := range g.broken {
			if now.Sub(b.since) >= glassKept {
				delete(g.broken, s)
			}
		}
	}
	g.broken[s] = brokenFor{patient, now}
	return patient
}
