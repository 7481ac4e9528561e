package cli

import (
	"fmt"
	"time"
)

// progress is the line on standard error that says how far longer work has come. Nothing shows in the
// first second, and nothing at all if nobody is looking. Plain terminals get a new line now and then
// instead of one that rewrites itself, since a screen reader reads each repaint aloud.
type progress struct {
	a       *app
	what    string // "of the matrix"
	started time.Time
	last    time.Time
	every   time.Duration
	drawn   bool
}

const (
	patience     = time.Second // work shorter than this needs no word
	repaintEvery = 100 * time.Millisecond
	retellEvery  = 5 * time.Second
)

func (a *app) progress(what string) *progress {
	p := &progress{a: a, what: what, started: a.env.Now(), every: repaintEvery}
	if a.plainTerminal() {
		p.every = retellEvery
	}
	return p
}

// step says that done of total are finished. Calls must not overlap.
func (p *progress) step(done, total int) {
	if p.a.screened || !p.a.env.IsTerminal(p.a.env.Stderr) {
		return
	}
	now := p.a.env.Now()
	if now.Sub(p.started) < patience || now.Sub(p.last) < p.every {
		return
	}
	p.last = now
	text := fmt.Sprintf("%d of %d %s", done, total, p.what)
	if p.a.plainTerminal() {
		fmt.Fprintln(p.a.env.Stderr, text)
		return
	}
	p.drawn = true
	fmt.Fprint(p.a.env.Stderr, "\r\x1b[K"+text)
}

// end takes the line away.
func (p *progress) end() {
	if p.drawn {
		fmt.Fprint(p.a.env.Stderr, "\r\x1b[K")
	}
}
