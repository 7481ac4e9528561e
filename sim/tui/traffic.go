package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// Traffic is a running server, as the screens see it.
type Traffic struct {
	First   string // what to paste where
	Issuers func() []string
	// Events are those of an issuer above a number, the newest most of them.
	Events func(issuer string, above, most int) []event.Event
	// Busy tells whether clients have called lately; nil for never. The screens then ask before they end.
	Busy func() bool
	// Export writes the traffic of an issuer into a file and says where it is.
	Export func(issuer string) (file string, err error)
}

// trafficScreen shows what comes in while the server serves: who called, what was decided, and by which check.
type trafficScreen struct {
	src      Traffic
	kept     map[string][]event.Event // by issuer, the newest
	seen     map[string]int           // number of the newest event, by issuer
	rows     []call
	shown    []call // those that pass the filter
	list     list
	narrow   filter
	follow   bool
	first    bool // what to paste is on top
	at       scroll
	fetching bool
}

// call is one exchange in the list.
type call struct {
	issuer string
	at     time.Time
	*report.Exchange
}

// How much is kept for each issuer, and fetched at a time: a screen is for eyes.
const (
	keptEvents    = 4000
	fetchedEvents = 1500
)

type trafficMsg struct {
	issuer string
	events []event.Event
}

type trafficFetchedMsg []trafficMsg

func newTrafficScreen(src Traffic) *trafficScreen {
	return &trafficScreen{src: src, kept: map[string][]event.Event{}, seen: map[string]int{}, follow: true, first: true}
}

func (s *trafficScreen) ticks(*app) bool { return true }
func (s *trafficScreen) stop()           {}

// tick fetches what is new. It is asked ten times a second, whatever the traffic is like.
func (s *trafficScreen) tick(*app) tea.Cmd {
	if s.fetching {
		return nil
	}
	s.fetching = true
	src, seen := s.src, map[string]int{}
	for issuer, n := range s.seen {
		seen[issuer] = n
	}
	return func() tea.Msg {
		var out trafficFetchedMsg
		for _, issuer := range src.Issuers() {
			if events := src.Events(issuer, seen[issuer], fetchedEvents); len(events) > 0 {
				out = append(out, trafficMsg{issuer, events})
			}
		}
		return out
	}
}

func (s *trafficScreen) load(msg trafficFetchedMsg) {
	s.fetching = false
	for _, one := range msg {
		kept := append(s.kept[one.issuer], one.events...)
		s.kept[one.issuer] = slices.Clone(kept[max(0, len(kept)-keptEvents):])
		s.seen[one.issuer] = one.events[len(one.events)-1].N
	}
	if len(msg) > 0 {
		s.gather()
	}
}

// gather puts the exchanges of all issuers into one list, oldest first.
func (s *trafficScreen) gather() {
	empty := len(s.rows) == 0
	s.rows = nil
	for issuer, events := range s.kept {
		at := map[int]time.Time{}
		for _, e := range events {
			at[e.N] = e.At
		}
		for _, x := range report.Exchanges(events) {
			if x.Request.Cause != 0 { // what the API asks the authorization server on its own account
				continue
			}
			s.rows = append(s.rows, call{issuer, at[x.RequestEvent], x})
		}
	}
	slices.SortStableFunc(s.rows, func(a, b call) int { return a.at.Compare(b.at) })
	if empty && len(s.rows) > 0 {
		s.first = false // there is something to see
	}
	s.fill()
}

func (s *trafficScreen) fill() {
	before, had := s.current()
	s.shown = nil
	for _, c := range s.rows {
		if s.narrow.match(strings.Join([]string{c.issuer, c.Request.From, c.Request.To, c.Request.Message.Method, pathOf(c.Request.Message.URL), statusOf(c), c.refusedBy()}, " "), c.flags()...) {
			s.shown = append(s.shown, c)
		}
	}
	if s.follow {
		s.list.cursor = max(0, len(s.shown)-1)
		return
	}
	for i, c := range s.shown {
		if had && c.issuer == before.issuer && c.N == before.N {
			s.list.cursor = i
		}
	}
}

func (c call) flags() []string {
	if c.refusedBy() != "" {
		return []string{"refused"}
	}
	return []string{"ok"}
}

// refusedBy is the control that refused, or the error if none did.
func (c call) refusedBy() string {
	for _, r := range c.Rulings {
		if r.Outcome == "refused" || r.Outcome == "challenged" {
			return r.Control
		}
	}
	for _, r := range c.Refused {
		return r.Code
	}
	return ""
}

func statusOf(c call) string {
	if c.Response == nil {
		return "..."
	}
	return itoa(c.Response.Status)
}

func (s *trafficScreen) place() place     { return placeTraffic }
func (s *trafficScreen) crumbs() []string { return []string{"Serving"} }
func (s *trafficScreen) filter() filter   { return s.narrow }

func (s *trafficScreen) setFilter(f filter) {
	s.narrow, s.first, s.list = f, false, list{}
	s.fill()
}

func (s *trafficScreen) context() string {
	follow := ""
	if s.follow {
		follow = "   follows"
	}
	return fmt.Sprintf("%s at %s%s", count(len(s.rows), "request"), count(len(s.seen), "issuer"), follow)
}

func (s *trafficScreen) status() string {
	switch {
	case s.first && len(s.rows) == 0:
		return "it serves; requests are shown as they come. y copies this page, tab turns to the requests"
	case s.first:
		return "what to paste where; tab turns to the requests"
	}
	if c, ok := s.current(); ok && c.refusedBy() != "" {
		return c.why()
	}
	return "enter opens a request with every check; Y copies it as curl; x exports all as HAR; tab shows what to paste"
}

// why is the sentence of the refusal.
func (c call) why() string {
	for _, r := range c.Rulings {
		if r.Outcome == "refused" || r.Outcome == "challenged" {
			return r.Control + ": " + strings.Join(strings.Fields(r.Cause), " ")
		}
	}
	for _, r := range c.Refused {
		return r.Code + ": " + r.Detail
	}
	return ""
}

func (s *trafficScreen) twin() string { return "thiefbox serve --plain" }

func (s *trafficScreen) current() (call, bool) {
	if s.list.cursor < 0 || s.list.cursor >= len(s.shown) {
		return call{}, false
	}
	return s.shown[s.list.cursor], true
}

func (s *trafficScreen) request() (event.Message, bool) {
	c, ok := s.current()
	if !ok || s.first {
		return event.Message{}, false
	}
	return c.Request.Message, true
}

func (s *trafficScreen) selection() (text, what string) {
	if s.first {
		return s.src.First, "what to paste where"
	}
	c, ok := s.current()
	if !ok {
		return "", ""
	}
	return c.Request.Message.URL, "the URL"
}

func (s *trafficScreen) act(a *app, k action) tea.Cmd {
	switch k {
	case actPane, actPaneBack:
		s.first = !s.first
		return nil
	case actFollow:
		s.follow = !s.follow
		s.fill()
		return nil
	case actExport:
		return s.export(a)
	case actEnter:
		return s.open(a)
	}
	if s.first {
		s.at.act(k, len(s.pasted(a.w-4)), a.h-5)
		return nil
	}
	if s.list.act(k, len(s.shown), s.rowsIn(a.h-3)) {
		s.follow = s.list.cursor == len(s.shown)-1 && k != actUp
	}
	return nil
}

func (s *trafficScreen) export(a *app) tea.Cmd {
	issuers := s.src.Issuers()
	if c, ok := s.current(); ok {
		issuers = []string{c.issuer}
	}
	if len(issuers) == 0 {
		a.note = "nothing to export yet"
		return nil
	}
	export, issuer := s.src.Export, issuers[0]
	return func() tea.Msg {
		file, err := export(issuer)
		if err != nil {
			return noteMsg("cannot export: " + err.Error())
		}
		return noteMsg("the traffic of " + issuer + ", without secrets: " + file)
	}
}

// open shows a request in the inspector, among those around it.
func (s *trafficScreen) open(a *app) tea.Cmd {
	if s.first {
		s.first = false
		return nil
	}
	c, ok := s.current()
	if !ok {
		return nil
	}
	story := newStory(report.Served(c.issuer, s.kept[c.issuer]), nil, true)
	in := newInspect(story, 0)
	for i, m := range in.messages {
		if m.n == c.N {
			in.list.cursor = i
		}
	}
	in.selected()
	return a.open(in)
}
