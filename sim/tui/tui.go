// Package tui is the screen of thiefbox: choose a theft, watch it, look inside, compare, ask why.
//
// The recording is the model and a screen is a cursor on it, so a run that is live, replayed or
// opened from the history looks and steps the same. Nothing here knows a rule about OAuth: what a
// message means comes from sim/report, what a control is from the catalogue in sim/control.
//
// Begin with app.go (the switchboard: Update and View), keys.go (every key, as data: help, footer and
// palette are made from it) and router.go (a row per screen). A screen is a file: home.go, run.go,
// inspect.go, compare.go, matrix.go (families.go), history.go, logs.go, ablate.go,
// risk.go (risk_weights.go), clauses.go, rollout.go (rollout_view.go, rollout_set.go), lessons.go (lesson.go), traffic.go (traffic_view.go), and the console of a
// drill: drill.go (drill_view.go, drill_brief.go, drill_decide.go, drill_form.go, drill_score.go; drill_do.go talks to the
// running drill, drill_desk.go is the facilitator's end of it). commands.go is the only place that does
// something: it runs attacks, asks the history, writes to the clipboard.
//
// Rules of the house: words before colour; data is cleaned before it is shown, because a thief wrote
// some of it; a line that did not change is the same line byte for byte, so the terminal does not
// flicker; no timer runs while nothing plays or computes, but for the ear of a drill (drill_desk.go).
package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"

	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/worth"
)

// Source is everything the screens can ask for. The command line fills it in.
type Source struct {
	Scenarios []Scenario // the first is the default
	Attacks   []report.Attack
	Profiles  []report.Profile
	Seed      uint64

	// Run plays an attack under a profile, with the controls of the given ids switched off.
	Run func(ctx context.Context, attack, profile string, without []string) (report.Run, error)
	// Matrix plays every attack under every profile. progress may be called from any goroutine.
	Matrix func(ctx context.Context, progress func(done, total int)) (report.Matrix, error)
	// Ablate maps what an attack does under every set of controls that a profile's dialect allows, and says
	// which of them the profile has. Risk compares what is left of the ways to steal; Coverage says what
	// touches each clause of the specifications.
	Ablate   func(ctx context.Context, attack, profile string) (worth.Map, control.Set, error)
	Risk     func(ctx context.Context, before, after string, weights RiskWish, progress func(done, total int)) (worth.Risk, error)
	Coverage func(ctx context.Context, profile string, progress func(done, total int)) (worth.Coverage, error)
	// ReadWeights reads how common ways to steal are from a file; KeepWeights writes it to one, and says to which.
	ReadWeights func(file string) (RiskWish, error)
	KeepWeights func(RiskWish) (file string, err error)
	// Rollout plays a migration many times; nil where it cannot.
	Rollout     Rollouter
	RolloutWish RolloutWish // what is played first; the zero value is the usual
	// History lists the runs that were kept, newest first, without their recordings; Open fetches one whole.
	History func() ([]report.Run, error)
	Open    func(id string) (report.Run, error)
	// Drills lists the drills there are, and then the tapes that can be played on. OpenDrill sits down before
	// one, and says where its tape is.
	Drills    func() ([]Drill, error)
	OpenDrill func(Drill) (ex Exercise, tape string, err error)
	Lessons   Lessons
	// Traffic is the server that runs meanwhile; nil if none does. The screens then begin with it.
	Traffic *Traffic
	// Logs returns the newest lines of the log, oldest first.
	Logs func() []string
}

// Scenario is a theft worth watching first: one attack under several profiles.
type Scenario struct {
	Name     string
	Title    string
	Story    string
	Attack   string   // id
	Profiles []string // shown side by side, in this order
}

// Drill is an exercise that can be played, or the tape of one that can be played on.
type Drill struct {
	Name, Title string
	Length      time.Duration
	Brief       string
	Tape        string // file; empty for a drill that is played from its beginning
	Come        string // how far the tape has come, in words
	Facilitator bool
	Watch       bool          // from a facilitator's desk: others play the tape
	Country     string        // whose obligations apply; the drill's own if empty
	Law         string        // whose apply by the drill's own choice, in words
	Turn        time.Duration // how much time a turn lets pass; the drill's own if 0
}

// Options are the choices of the command line.
type Options struct {
	Theme  string      // auto (also if empty), light, dark or mono
	Replay *report.Run // start in this run instead of at home
	Drill  *Drill      // start in this drill
	// Lessons: start with the lessons, or in the one of this name.
	Lessons bool
	Lesson  string
	Rollout *RolloutWish // start with the rollout
	Input   io.Reader    // os.Stdin if nil
	Output  io.Writer    // os.Stdout if nil
}

// Run shows the screens until the user quits or ctx ends. It returns an error if the theme is
// unknown or the terminal cannot be used.
func Run(ctx context.Context, s Source, o Options) error {
	if o.Theme == "" {
		o.Theme = themeAuto
	}
	if err := checkTheme(o.Theme); err != nil {
		return err
	}
	if o.Output == nil {
		o.Output = os.Stdout
	}
	ctx, cancel := context.WithCancel(ctx) // a matrix may still be computing
	defer cancel()
	a := newApp(ctx, s, environment{
		theme: resolveTheme(o.Theme, os.Getenv),
		clip:  clipboard{out: o.Output, term: os.Getenv("TERM"), tmux: os.Getenv("TMUX") != ""},
	})
	// With the size known beforehand, the first frame is already the right one.
	if f, ok := o.Output.(term.File); ok {
		if w, h, err := term.GetSize(f.Fd()); err == nil {
			a.resize(w, h)
		}
	}
	if o.Replay != nil {
		a.openRun(*o.Replay, nil)
	}
	if o.Drill != nil {
		a.first = a.playDrill(*o.Drill)
	}
	if o.Lessons {
		a.lessons.goTo = o.Lesson
		a.first = a.open(a.lessons)
	}
	if o.Rollout != nil {
		s.RolloutWish = *o.Rollout
		a.rollout = newRolloutScreen(s)
		a.first = a.open(a.rollout)
	}
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithAltScreen(), tea.WithOutput(o.Output)}
	if o.Input != nil {
		options = append(options, tea.WithInput(o.Input))
	}
	_, err := tea.NewProgram(a, options...).Run()
	if a.drill != nil { // the tape is told what time it is
		err = errors.Join(err, a.drill.ex.Close())
	}
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return nil
	}
	return err
}
