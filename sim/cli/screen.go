package cli

import (
	"context"
	"fmt"

	"thiefbox/attacker"
	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/telemetry"
	"thiefbox/sim/tui"
)

// screens opens the TUI, at home or where the options say.
func (a *app) screens(ctx context.Context, o tui.Options) error {
	ring := telemetry.NewRing(logLines)
	if err := a.openJournal(ring); err != nil {
		return err
	}
	defer a.closeJournal()
	a.screened = true
	o.Theme, o.Input, o.Output = a.theme, a.env.Stdin, a.env.Stdout
	err := tui.Run(ctx, a.source(ring), o)
	a.screened = false
	a.settle()
	if err != nil {
		return environment("the screens: %w", err)
	}
	return nil
}

const logLines = 2000 // kept for the log pane: some dozen runs

// source is what the screens can ask for. They neither run nor keep anything themselves.
func (a *app) source(ring *telemetry.Ring) tui.Source {
	s := tui.Source{
		Seed:    a.seed,
		Run:     a.screenRun,
		Matrix:  a.screenMatrix,
		History: a.history,
		Open:    a.kept,
		Logs:    ring.Lines,

		Ablate: a.screenAblate, Risk: a.screenRisk, ReadWeights: a.readWeights, KeepWeights: keepWeights, Rollout: a.screenRollout, Coverage: a.screenCoverage,
		Drills: a.screenDrills, OpenDrill: a.screenDrill,
		Lessons: tui.Lessons{All: scenarios.Lessons, Progress: a.lessonProgress, Keep: a.keepLesson, Run: a.lessonRun},
	}
	for _, sc := range scenarios.All() {
		s.Scenarios = append(s.Scenarios, tui.Scenario{
			Name: sc.Name, Title: sc.Title, Story: sc.Story, Attack: sc.Attack, Profiles: sc.Profiles,
		})
	}
	for _, t := range attacker.All() {
		s.Attacks = append(s.Attacks, sim.Describe(t))
	}
	for _, p := range control.Profiles() {
		s.Profiles = append(s.Profiles, sim.DescribeProfile(p))
	}
	return s
}

func (a *app) screenRun(ctx context.Context, attack, profile string, without []string) (report.Run, error) {
	run, err := a.oneRun(ctx, attack, profile, without)
	if err != nil {
		return run, err
	}
	kept := []report.Run{run}
	a.keepQuietly(ctx, kept)
	return kept[0], nil
}

// oneRun makes a run by names, and keeps it nowhere.
func (a *app) oneRun(ctx context.Context, attack, profile string, without []string) (report.Run, error) {
	t, err := findAttack(attack)
	if err != nil {
		return report.Run{}, err
	}
	p, err := findProfiles([]string{profile})
	if err != nil {
		return report.Run{}, err
	}
	off, err := findControls(without)
	if err != nil {
		return report.Run{}, err
	}
	if !sim.Applies(t, p[0].Dialect) {
		what, instead := pair{t, p[0]}.notApplicable()
		return report.Run{}, fmt.Errorf("%s; %s", what, instead)
	}
	return a.play(ctx, pair{t, p[0]}, off, sim.WireMemory)
}

func (a *app) screenMatrix(ctx context.Context, progress func(done, total int)) (report.Matrix, error) {
	s := a.newSpool()
	m, err := sim.Matrix(ctx, attacker.All(), control.Profiles(), sim.MatrixOptions{
		Seed: a.seed, Progress: progress,
		Each: func(r report.Run) func() { return a.finished(ctx, r, s) },
	})
	if err != nil {
		s.close()
		return m, err
	}
	a.compare(&m) // a surprise shows in its cell; the exit status is for who asked for one
	a.unloadLater(ctx, s)
	return m, nil
}

// keepQuietly is keep while the screens own the terminal: a warning goes to the log pane.
func (a *app) keepQuietly(ctx context.Context, runs []report.Run) {
	if a.noHistory {
		return
	}
	if err := a.save([][]report.Run{runs}); err != nil {
		a.journal.complain(ctx, "not kept in the history: %v", err)
	}
}
