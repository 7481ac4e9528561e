package client

import (
	"net/url"
	"sync"
	"time"
)

// flow is a sign-in that has been begun and not answered yet.
type flow struct {
	state    string
	browser  string // pre-session cookie of the browser that began it
	reg      *Registration
	at       *provider
	verifier string // PKCE; empty if the dialect has none
	nonce    string // empty if nobody signs in: then no ID token is asked for
	scope    string
	begun    time.Time
	extra    url.Values // further parameters of the request
	returnTo string     // the page of ours where it ends
	glass    *glass     // of a sign-in that is made to break one
	api      string     // of an app that was opened on a record: the API that it is for
	patient  string     // whom the link that opened it names beside the launch; empty for nobody

	seq   uint64
	taken bool // by an answer that is being judged
}

const (
	flowLifetime = 15 * time.Minute // a person fetches her key card
	maxFlows     = 4096             // anybody can begin a sign-in
)

// flows is the table of pending sign-ins. The honest question is take; find is what a client asks
// that does not care whose answer it is.
type flows struct {
	mu      sync.Mutex
	byState map[string]*flow
	last    uint64
}

// add enters a flow. A table that is full forgets what has expired, then the oldest.
func (t *flows) add(f *flow) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byState == nil {
		t.byState = map[string]*flow{}
	}
	if len(t.byState) >= maxFlows {
		t.evict(f.begun)
	}
	t.last++
	f.seq = t.last
	t.byState[f.state] = f
}

func (t *flows) evict(now time.Time) {
	var oldest *flow
	for state, f := range t.byState {
		if expired(f, now) {
			delete(t.byState, state)
		} else if oldest == nil || f.seq < oldest.seq {
			oldest = f
		}
	}
	if len(t.byState) >= maxFlows {
		delete(t.byState, oldest.state)
	}
}

func expired(f *flow, now time.Time) bool { return now.Sub(f.begun) > flowLifetime }

// take claims the flow that this browser began with this state, or returns nil. It is claimed once:
// whoever comes second finds nothing, until it is released.
func (t *flows) take(state, browser string, now time.Time) *flow {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.byState[state]
	if f == nil || f.taken || f.browser != browser || browser == "" || expired(f, now) {
		return nil
	}
	f.taken = true
	return f
}

// release puts a claimed flow back: the answer that claimed it was refused for another reason.
func (t *flows) release(f *flow) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.taken = false
}

// forget removes a flow that has been answered.
func (t *flows) forget(f *flow) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byState, f.state)
}

// find guesses which flow an answer belongs to: the one that this browser began with this state, else
// the latest this browser began, else the one with this state whoever began it. Nil if there is none.
func (t *flows) find(state, browser string, now time.Time) *flow {
	t.mu.Lock()
	defer t.mu.Unlock()
	named := t.byState[state]
	if named != nil && expired(named, now) {
		named = nil
	}
	if named != nil && named.browser == browser {
		return named
	}
	if own := t.latest(browser, now); own != nil {
		return own
	}
	return named
}

func (t *flows) latest(browser string, now time.Time) *flow {
	if browser == "" {
		return nil
	}
	var latest *flow
	for _, f := range t.byState {
		if f.browser == browser && !expired(f, now) && (latest == nil || f.seq > latest.seq) {
			latest = f
		}
	}
	return latest
}
