package sim

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"thiefbox/attacker"
	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/scenarios"
	"thiefbox/sim/client"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// The tests that come for free: they hold for everything registered, so that a new technique, control
// or profile is covered by being there.

const seed = 42

// dialects are the profiles whose dialects differ, one for each.
func dialects() []control.Profile {
	var out []control.Profile
	seen := map[control.Dialect]bool{}
	for _, p := range control.Profiles() {
		if !seen[p.Dialect] {
			seen[p.Dialect] = true
			out = append(out, p)
		}
	}
	return out
}

func honestProblems(t *testing.T, p control.Profile) (problems []string) {
	t.Helper()
	rec, err := Honest(context.Background(), under(p))
	if err != nil {
		return []string{err.Error()}
	}
	journeys := 0
	for _, e := range rec.Events {
		if j, ok := e.Body.(event.Journey); ok {
			journeys++
			if !j.OK {
				problems = append(problems, j.Name+": "+j.Error)
			}
		}
	}
	if journeys != 10 {
		problems = append(problems, fmt.Sprintf("expected 10 honest journeys, got %d", journeys))
	}
	return problems
}

func TestHonestJourneyUnderEveryProfile(t *testing.T) {
	for _, p := range control.Profiles() {
		for _, variant := range []struct {
			name string
			p    control.Profile
		}{{"as named", p}, {"with no control", p.Bare()}, {"with every control", p.Full()}} {
			t.Run(p.Name+"/"+variant.name, func(t *testing.T) {
				for _, problem := range honestProblems(t, variant.p) {
					t.Error(problem)
				}
			})
		}
	}
}

func TestHonestJourneyUnderEverySingleAblation(t *testing.T) {
	ablations(func(full control.Profile, c *control.Control) {
		for _, problem := range honestProblems(t, full.Without(c)) {
			t.Errorf("%s without %s: %s", full.Name, c, problem)
		}
	})
}

// ablations calls check for every control of every dialect, on all cores. The profile has every
// control on that its dialect can satisfy.
func ablations(check func(full control.Profile, c *control.Control)) {
	var work []func()
	for _, p := range dialects() {
		full := p.Full()
		for _, c := range full.Controls.Controls() {
			work = append(work, func() { check(full, c) })
		}
	}
	onAllCores(work)
}

// onAllCores does every piece of work. Each world is its own, so nothing is shared but the checks.
func onAllCores(work []func()) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, piece := range work {
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer wg.Done()
			piece()
			<-slots
		}()
	}
	wg.Wait()
}

func TestOldSupplier(t *testing.T) {
	for profile, want := range map[string]string{"legacy": "gets it", "fapi2-dpop": "is refused", "fapi2-mtls": "is refused"} {
		p, err := control.ProfileNamed(profile)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := Honest(context.Background(), under(p))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range rec.Events {
			if s, ok := e.Body.(event.Step); ok && s.Actor == "oldsupplier" {
				got = s.Text
			}
		}
		if !bytes.HasPrefix([]byte(got), []byte(want)) {
			t.Errorf("under %s the old supplier %s; expected it %s", profile, got, want)
		}
	}
}

func judged(t *testing.T, a attacker.Technique, o Options) verdict.Verdict {
	t.Helper()
	run, err := Judged(context.Background(), a, o)
	if err != nil {
		t.Errorf("%s under %s: %v", a.ID, o.Profile.Name, err)
	}
	return run.Verdict
}

func TestEveryAttackWinsWithNoControl(t *testing.T) {
	inParallel(t, dialects(), func(p control.Profile, a attacker.Technique) {
		if v := judged(t, a, under(p.Bare())); v.Outcome != verdict.Breached {
			t.Errorf("%s (%s), dialect of %s, no control on: expected breached, got %s: %s", a.ID, a.Name, p.Name, v.Outcome, v.Reason)
		}
	})
}

func TestEveryAttackIsApplicableSomewhere(t *testing.T) {
	for _, a := range attacker.All() {
		if !slices.ContainsFunc(dialects(), func(p control.Profile) bool { return Applies(a, p.Dialect) }) {
			t.Errorf("%s (%s) is applicable under no profile", a.ID, a.Name)
		}
	}
}

func TestFAPIHoldsOrTheFileSaysWhyNot(t *testing.T) {
	inParallel(t, []control.Profile{profile(t, "fapi2-dpop"), profile(t, "fapi2-mtls")}, func(p control.Profile, a attacker.Technique) {
		want := verdict.Held
		if a.Beyond != "" {
			want = verdict.Breached
		}
		if v := judged(t, a, under(p)); v.Outcome != want {
			t.Errorf("%s (%s) under %s: expected %s, got %s: %s", a.ID, a.Name, p.Name, want, v.Outcome, v.Reason)
		}
	})
}

func TestNoRunIsVoid(t *testing.T) {
	inParallel(t, control.Profiles(), func(p control.Profile, a attacker.Technique) {
		if v := judged(t, a, under(p)); v.Outcome == verdict.Void {
			t.Errorf("%s (%s) under %s is void: %s", a.ID, a.Name, p.Name, v.Reason)
		}
	})
}

// inParallel calls check for every technique under every profile it is applicable to.
func inParallel(t *testing.T, ps []control.Profile, check func(control.Profile, attacker.Technique)) {
	t.Helper()
	var work []func()
	for _, p := range ps {
		for _, a := range attacker.All() {
			if Applies(a, p.Dialect) {
				work = append(work, func() { check(p, a) })
			}
		}
	}
	onAllCores(work)
}

// techniques are all of them, or the sample that the race detector gets.
func techniques() (some []attacker.Technique) {
	for i, a := range attacker.All() {
		if i%Sampled == 0 {
			some = append(some, a)
		}
	}
	return some
}

type peeled struct {
	p      control.Profile
	a      attacker.Technique
	layers []report.Layer
}

var allPeels struct {
	once sync.Once
	list []peeled
}

// peels peels every technique in every dialect, from every control that the dialect can satisfy. It
// is the longest computation of these tests, so they share it.
func peels(t *testing.T) []peeled {
	t.Helper()
	allPeels.once.Do(func() {
		var mu sync.Mutex
		inParallel(t, dialects(), func(p control.Profile, a attacker.Technique) {
			peel, err := Peel(context.Background(), a, under(p.Full()))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			allPeels.list = append(allPeels.list, peeled{p.Full(), a, peel.Layers})
		})
	})
	return allPeels.list
}

// A control that stops nothing in any peel is decoration.
func TestEveryControlStopsSomeAttack(t *testing.T) {
	stops := map[string]string{}
	for _, peeled := range peels(t) {
		last := peeled.layers[len(peeled.layers)-1]
		if last.Verdict.Outcome != verdict.Breached {
			t.Errorf("peel of %s under %s ends %s after removing %v: %s", peeled.a.ID, peeled.p.Name, last.Verdict.Outcome, last.Removed, last.Verdict.Reason)
		}
		for _, l := range peeled.layers {
			stops[l.Verdict.StoppedBy] = peeled.a.ID
		}
	}
	for _, c := range control.All() {
		if stops[c.ID] == "" {
			t.Errorf("%s stops no attack in any peel", c)
		}
	}
}

// A server that lacks a guard is caught by name: where an attack was held by that control, and nothing
// else is changed, it is held by it no longer.
func TestBrokenServerIsCaughtByName(t *testing.T) {
	type witness struct {
		p control.Profile
		a attacker.Technique
	}
	witnesses := map[string]witness{}
	for _, peeled := range peels(t) {
		for _, l := range peeled.layers {
			if l.Verdict.Outcome == verdict.Held {
				witnesses[l.Verdict.StoppedBy] = witness{without(t, peeled.p, l.Removed), peeled.a}
			}
		}
	}
	for _, c := range control.All() {
		w, ok := witnesses[c.ID]
		if !ok {
			t.Errorf("no attack shows that %s is there", c)
			continue
		}
		sound := judged(t, w.a, under(w.p))
		broken := judged(t, w.a, under(w.p.Without(c)))
		if sound.StoppedBy != c.ID || broken.StoppedBy == c.ID {
			t.Errorf("%s: %s is stopped by %q with the guard and by %q without it", c, w.a.ID, sound.StoppedBy, broken.StoppedBy)
		}
	}
}

func without(t *testing.T, p control.Profile, ids []string) control.Profile {
	t.Helper()
	for _, id := range ids {
		c, err := control.Lookup(id)
		if err != nil {
			t.Error(err)
			continue
		}
		p = p.Without(c)
	}
	return p
}

// The reviewed matrix is kept by hand: a run that differs is a surprise to look into.
func TestReviewedMatrix(t *testing.T) {
	m, err := Matrix(context.Background(), attacker.All(), control.Profiles(), MatrixOptions{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range m.Cells {
		for _, c := range row {
			outcome, by := scenarios.Expected(c.Attack, c.Profile), scenarios.StoppedBy(c.Attack, c.Profile)
			if !c.Applicable {
				if outcome != "" {
					t.Errorf("%s under %s: the reviewed matrix says %s, but it is not applicable", c.Attack, c.Profile, outcome)
				}
				continue
			}
			if c.Verdict.Outcome != outcome || c.Verdict.StoppedBy != by {
				t.Errorf("%s under %s: the reviewed matrix says %s %s, the run %s %s", c.Attack, c.Profile, outcome, by, c.Verdict.Outcome, c.Verdict.StoppedBy)
			}
		}
	}
}

func TestEachControlStandsInOneGuard(t *testing.T) {
	count := map[*control.Control]int{}
	owner := map[*control.Control]control.Party{}
	for party, guards := range map[control.Party][]*control.Control{
		control.AS: idp.Guards(), control.RS: fhirmock.Guards(), control.Client: client.Guards(),
	} {
		for _, c := range guards {
			count[c]++
			owner[c] = party
		}
	}
	for _, c := range control.All() {
		if count[c] != 1 || owner[c] != c.Owner {
			t.Errorf("%s stands in %d guards, expected 1, at its owner (%s)", c, count[c], owner[c])
		}
	}
}

func TestMatrixIsTheSameOnBothWires(t *testing.T) {
	ts, ps := techniques(), control.Profiles()
	memory, err := Matrix(context.Background(), ts, ps, MatrixOptions{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := Matrix(context.Background(), ts, ps, MatrixOptions{Seed: seed, Wire: WireTCP})
	if err != nil {
		t.Fatal(err)
	}
	for i := range memory.Cells {
		for j, m := range memory.Cells[i] {
			if s := tcp.Cells[i][j]; m.Verdict.Outcome != s.Verdict.Outcome || m.Verdict.StoppedBy != s.Verdict.StoppedBy {
				t.Errorf("%s under %s: in memory %s %s, over sockets %s %s", m.Attack, m.Profile,
					m.Verdict.Outcome, m.Verdict.StoppedBy, s.Verdict.Outcome, s.Verdict.StoppedBy)
			}
		}
	}
}

// A run alone and one among many of its seed are the same.
func TestSameSeedSameTranscript(t *testing.T) {
	some := map[string]bool{}
	for _, a := range techniques() {
		some[a.ID] = true
	}
	inParallel(t, dialects(), func(p control.Profile, a attacker.Technique) {
		if !some[a.ID] {
			return
		}
		o := Options{Profile: p, Seed: seed}
		one, err := Run(context.Background(), a, o)
		if err != nil {
			t.Error(err)
			return
		}
		two, err := Run(context.Background(), a, under(p))
		if err != nil {
			t.Error(err)
			return
		}
		if x, y := report.Transcript(one), report.Transcript(two); !bytes.Equal(x, y) {
			t.Errorf("%s under %s: two runs with seed %d differ", a.ID, p.Name, seed)
		}
	})
}
