package fhirmock

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// volumes counts the records of patients that each caller was handed within the last minute. Whoever may open each of
// many records does nothing wrong by opening one; that nobody at work opens them all in a minute is the only difference
// between work and scraping. Every way out counts: reads, pages and what they draw in, $everything, histories, the entries
// of bundles, GraphQL, and what a write shows beyond what was sent. Not counted are records of nobody (professionals,
// places), the log of accesses, and what a subscription sends, which is what changes while it does. The files of an
// export count if a person fetches them. Those of a system do not: to hand out everybody's records is what an export is
// for, and of whom is rs/entitlement-export's.
//
// The minute slides: a count that begins anew each minute lets twice as much through around its end. The nodes of one API
// share a count. The zero value is empty; it is safe for concurrent use.
type volumes struct {
	mu      sync.Mutex
	callers map[guesser]*volume
}

// volume is what one caller was handed, by second, the oldest first.
type volume struct {
	parts []handed
	sum   int
}

type handed struct {
	from, to time.Time // less than a second
	n        int
}

// mostRecords is how many records a caller is handed in a minute where nothing else is set: as many as fit on ordinary
// pages of as many requests as checkRate lets through, so that who asks for what is usual meets that bound first. A
// clinician who opens a chart of sixty records every second stays below it.
const mostRecords = mostRequests * 50

// of is how much a caller was handed within the minute before now.
func (c *volumes) of(caller guesser, now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.callers[caller]
	if v == nil {
		return 0
	}
	v.forget(now)
	return v.sum
}

// add counts records that are about to be handed out, unless the caller has had as many as he may: of several requests
// at once, those that come first are served. An answer that is begun below the bound is not cut.
func (c *volumes) add(caller guesser, now time.Time, n, most int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.callers[caller]
	if v == nil {
		if len(c.callers) >= mostCallers {
			c.makeRoom(now)
		}
		if c.callers == nil {
			c.callers = map[guesser]*volume{}
		}
		v = &volume{}
		c.callers[caller] = v
	}
	if v.forget(now); v.sum >= most {
		return false
	}
	v.sum += n
	if last := len(v.parts) - 1; last >= 0 && now.Sub(v.parts[last].from) < time.Second {
		v.parts[last].to = now
		v.parts[last].n += n
		return true
	}
	v.parts = append(v.parts, handed{now, now, n})
	return true
}

// left is how long it takes until a caller has had less than he may.
func (c *volumes) left(caller guesser, now time.Time, most int) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.callers[caller]
	if v == nil {
		return 0
	}
	sum := v.sum
	for _, p := range v.parts {
		if sum -= p.n; sum < most {
			return p.to.Add(missMinute).Sub(now)
		}
	}
	return 0
}

// forget drops what is a minute ago.
func (v *volume) forget(now time.Time) {
	n := 0
	for n < len(v.parts) && now.Sub(v.parts[n].to) >= missMinute {
		v.sum -= v.parts[n].n
		n++
	}
	if n > 0 {
		v.parts = append(v.parts[:0], v.parts[n:]...)
	}
}

// makeRoom drops callers who were handed nothing within the minute; see misses.makeRoom.
func (c *volumes) makeRoom(now time.Time) {
	for caller, v := range c.callers {
		if v.forget(now); v.sum == 0 {
			delete(c.callers, caller)
		}
	}
}

// mostVolume is how many records a caller of this API is handed in a minute.
func (a *API) mostVolume() int {
	if a.Volume > 0 {
		return a.Volume
	}
	return mostRecords
}

// checkVolume: OWASP API4:2023, RFC 6585 s4. It looks before a request is carried out, and before each entry of a bundle;
// what is handed out is counted when that is certain.
func checkVolume(v *visit) (string, error) {
	most := v.api.mostVolume()
	had := v.api.Shared.handed.of(v.guesser(), v.now)
	if v.door != nil {
		had += v.door.handed
	}
	if had >= most {
		if v.wait = v.api.Shared.handed.left(v.guesser(), v.now, most); v.wait <= 0 {
			v.wait = missMinute // all of it in the bundle that is being carried out
		}
		return "", control.ExpectedFix("records", "at most "+strconv.Itoa(most)+" in a minute", "more",
			"wait "+seconds(v.wait)+", as Retry-After says; a system that needs everybody's asks for an export ($export)")
	}
	return "below the bound", nil
}

var tooManyRecords = control.Answer{Status: http.StatusTooManyRequests, Code: "throttled", Safe: "too many records in a minute: wait as long as Retry-After says"}

// Handed hears how many records an entry of a bundle hands out.
func (d *door) Handed(n int) { d.handed += n }

// More asks about what a GraphQL query goes on with: it is many questions in one request, and is refused as a whole where
// the bound is reached before the last. Below it there is nothing to ask: a query looks a hundred times.
func (d *door) More(handed int) error {
	if handed == 0 || d.v.api.Shared.handed.of(d.v.guesser(), d.v.now)+handed < d.v.api.mostVolume() {
		return nil
	}
	d.handed = handed
	err := party.Enforce(d.ctx, d.v.api.Party, d.v, volumeGuards)
	d.handed = 0 // it is counted with the answer
	return err
}

// hands counts what is about to be sent. Who had asked for several things at once, and was handed as much as he may by
// another of them meanwhile, is refused here; what was stored is answered all the same.
func (v *visit) hands(done *interact.Response) error {
	n := v.door.handed + done.Handed()
	if n == 0 || v.http.Method == http.MethodHead || v.route.Kind == interact.ExportFile && v.claims.Subject == v.claims.ClientID {
		return nil
	}
	v.door.handed = 0
	if v.api.Shared.handed.add(v.guesser(), v.now, n, v.api.mostVolume()) || done.Changes() || isBundle(v.route.Kind) {
		return nil
	}
	return party.Enforce(v.door.ctx, v.api.Party, v, volumeGuards)
}

func isBundle(k interact.Kind) bool { return k == interact.Batch || k == interact.Transaction }
