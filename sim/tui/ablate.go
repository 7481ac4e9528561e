package tui

import (
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/worth"
)

// ablateScreen is one attack and the controls that matter to it. A key switches one over, and the outcome
// follows at once: the map behind it holds the runs of every set there is.
type ablateScreen struct {
	src     Source
	attack  int // of src.Attacks
	profile string
	job     int
	waiting bool
	err     error
	loaded  bool
	atlas   worth.Map
	own     control.Set // the profile's controls
	on      control.Set // those that are on now
	ids     []*control.Control
	shares  map[string]float64
	list    list
}

type ablatedMsg struct {
	job int
	m   worth.Map
	own control.Set
	err error
}

func newAblateScreen(s Source, profile string) *ablateScreen {
	return &ablateScreen{src: s, profile: profile}
}

// of is the screen about an attack.
func (s *ablateScreen) of(attack, profile string) *ablateScreen {
	s.attack = max(0, slices.IndexFunc(s.src.Attacks, func(a report.Attack) bool { return a.ID == attack }))
	s.profile, s.loaded = profile, false
	return s
}

func (s *ablateScreen) start(a *app) tea.Cmd {
	if s.src.Ablate == nil || len(s.src.Attacks) == 0 || s.loaded {
		return nil
	}
	s.job++
	s.waiting, s.err = true, nil
	job, ask, ctx, attack, profile := s.job, s.src.Ablate, a.ctx, s.src.Attacks[s.attack].ID, s.profile
	return func() tea.Msg {
		m, own, err := ask(ctx, attack, profile)
		return ablatedMsg{job, m, own, err}
	}
}

func (s *ablateScreen) done(msg ablatedMsg) {
	if msg.job != s.job {
		return
	}
	s.waiting, s.err, s.loaded = false, msg.err, msg.err == nil
	s.atlas, s.own, s.on, s.ids, s.list = msg.m, msg.own, msg.own, msg.m.Relevant().Controls(), list{}
	s.shares = map[string]float64{}
	for _, x := range worth.Ablate(s.atlas, control.Profile{Controls: s.own}).Shares {
		s.shares[x.Control] = x.Share
	}
}

func (s *ablateScreen) place() place { return placeAblate }

func (s *ablateScreen) crumbs() []string {
	if len(s.src.Attacks) == 0 {
		return []string{"Ablation"}
	}
	a := s.src.Attacks[s.attack]
	return []string{"Ablation", a.ID + "  " + clean(a.Title)}
}

func (s *ablateScreen) context() string { return clean(s.profile) }

func (s *ablateScreen) status() string {
	switch {
	case s.waiting:
		return "playing the attack with and without what stops it"
	case s.err != nil:
		return "cannot ablate: " + clean(s.err.Error())
	}
	return "space switches a control over; what it does to the attack shows at once"
}

func (s *ablateScreen) twin() string {
	if len(s.src.Attacks) == 0 {
		return "thiefbox ablate"
	}
	return fmt.Sprintf("thiefbox ablate %s --profile %s --seed %d", s.src.Attacks[s.attack].ID, s.profile, s.src.Seed)
}

func (s *ablateScreen) explanation(t theme, w int) (string, []string) {
	if s.list.cursor >= len(s.ids) {
		return "Nothing selected", nil
	}
	return s.ids[s.list.cursor].ID, controlText(s.ids[s.list.cursor].ID, w)
}

// has tells whether a control is in a set that is shown; what it means for a run is for the run.
func contains(set control.Set, c *control.Control) bool { return set.With(c) == set }

func (s *ablateScreen) toggle() {
	if s.list.cursor >= len(s.ids) {
		return
	}
	if c := s.ids[s.list.cursor]; contains(s.on, c) {
		s.on = s.on.Without(c)
	} else {
		s.on = s.on.With(c)
	}
}

func (s *ablateScreen) act(a *app, k action) tea.Cmd {
	if s.list.act(k, len(s.ids), a.h-6) {
		return nil
	}
	switch k {
	case actPlay:
		s.toggle()
	case actAgain:
		s.on = s.own
	case actProfile:
		s.profile, s.loaded = nextProfile(s.src.Profiles, s.profile), false
		return s.start(a)
	case actNextChoice, actLastChoice:
		if n := len(s.src.Attacks); n > 0 {
			by := 1
			if k == actLastChoice {
				by = n - 1
			}
			s.attack, s.loaded = (s.attack+by)%n, false
			return s.start(a)
		}
	case actEnter:
		return s.openRun(a)
	}
	return nil
}

// openRun plays the attack with what is off here. The command line has no way to add a control to a
// profile but a file.
func (s *ablateScreen) openRun(a *app) tea.Cmd {
	if !s.loaded {
		return nil
	}
	if s.on.Minus(s.own) != (control.Set{}) {
		a.note = "a control is on that " + s.profile + " lacks: to watch that, write it into a profile file (explain profile)"
		return nil
	}
	var without []string
	for _, c := range s.own.Minus(s.on).Controls() {
		without = append(without, c.ID)
	}
	return a.playWithout(s.src.Attacks[s.attack].ID, s.profile, without)
}

func nextProfile(all []report.Profile, name string) string {
	if len(all) == 0 {
		return name
	}
	i := slices.IndexFunc(all, func(p report.Profile) bool { return p.Name == name })
	return all[(i+1)%len(all)].Name
}
