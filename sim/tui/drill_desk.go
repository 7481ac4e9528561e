package tui

import (
	"errors"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/drill"
)

// A facilitator follows a drill from a terminal of her own: there the console is a desk, which shows everything and
// moves nothing but the players' clock and messages. At the players' the console has an ear for what she sends.

// desk is a drill that others play. It is followed by letting time pass.
type desk interface{ Hold(stop bool) error }

// listener is a drill to which a facilitator may send something.
type listener interface {
	Listen() (changed bool, err error)
}

// hearMsg is that it is time to ask whether she did.
type hearMsg struct{ of *drillScreen }

// earTime is how often the console asks.
const earTime = time.Second

func ear(d *drillScreen) tea.Cmd {
	return tea.Tick(earTime, func(time.Time) tea.Msg { return hearMsg{d} })
}

// heardMsg is what came of asking.
type heardMsg struct {
	of    *drillScreen
	news  bool
	sight drill.Sight
	err   error
}

// listens has the ear opened; nil where nobody can send anything.
func (d *drillScreen) listens(a *app) tea.Cmd {
	if _, ok := d.ex.(listener); !ok {
		return nil
	}
	return a.ear(d)
}

// hear asks, unless the drill is another by now.
func (d *drillScreen) hear(a *app) tea.Cmd {
	from, ok := d.ex.(listener)
	if !ok || a.drill != d || d.sight.Over {
		return nil
	}
	return func() tea.Msg {
		news, err := from.Listen()
		msg := heardMsg{of: d, news: news, err: err}
		if news {
			msg.sight = d.ex.Sight()
		}
		return msg
	}
}

func (d *drillScreen) heard(a *app, msg heardMsg) tea.Cmd {
	if a.drill != d {
		return nil
	}
	if msg.err != nil {
		a.note = "the facilitator's desk cannot be heard: " + msg.err.Error()
		return nil
	}
	if msg.news {
		before := d.sight
		d.take(msg.sight, before)
		switch news := newsSince(before, d.sight); {
		case news != "" && a.over == nil:
			a.note = news
		case d.sight.Held:
			a.note = "the facilitator has stopped the clock"
		case before.Held:
			a.note = "the facilitator lets the clock go on; space starts it"
		}
	}
	return a.ear(d)
}

// take shows what can be seen now. The cursor stays on the message, and on the line of a log, that is read.
func (d *drillScreen) take(now, before drill.Sight) {
	if at, ok := d.at(paneEvidence); ok && at > 0 {
		n := d.evidence()[at].N
		defer func() {
			if i := slices.IndexFunc(d.evidence(), func(e drill.Evidence) bool { return e.N == n }); i >= 0 {
				d.lists[paneEvidence].cursor = i
			}
		}()
	}
	if n := len(now.Inbox) - len(before.Inbox); n > 0 && d.lists[paneInbox].cursor > 0 {
		d.lists[paneInbox].cursor += n
	}
	if d.sight = now; now.Held {
		d.running = false
	}
}

// hold is space at the desk.
func (d *drillScreen) hold(a *app, from desk) tea.Cmd {
	stop := !d.sight.Held
	a.note = "the players' clock may go on"
	if stop {
		a.note = "the players' clock stands still"
	}
	return d.do(a, func() error { return from.Hold(stop) })
}

// followEvery frames the desk looks at the players' tape.
const followEvery = 5

// follow is a frame at the desk.
func (d *drillScreen) follow(a *app) tea.Cmd {
	if d.frames++; d.frames%followEvery != 0 || len(d.waiting) > 0 {
		return nil
	}
	return d.do(a, func() error { return d.ex.Pass(0) })
}

var errAtDesk = errors.New("the players move the clock; space holds it, w lets a turn pass, and i has a message arrive")

func (d *drillScreen) atDesk() bool {
	_, yes := d.ex.(desk)
	return yes
}
