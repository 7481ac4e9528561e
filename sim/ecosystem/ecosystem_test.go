package ecosystem

import (
	"context"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thiefbox/sim/dice"
)

func study(trials int) Study {
	return Study{Params: Defaults(), APIs: 120, Gap: true, Suppliers: 300, Clients: 1800, Clinics: 50000, Policies: Policies(), Trials: trials, Horizon: 365, Seed: 42, Exposed: 1, Refused: true}
}

// TestPopulationIsWhole: however it is mixed, every client and clinic is in one cell, and stays so while
// suppliers put things right and fall back.
func TestPopulationIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Mix{Suppliers: rapid.IntRange(1, 40).Draw(t, "suppliers"), APIs: []int{3, 1}}
		m.Clients = m.Suppliers + rapid.IntRange(1, 200).Draw(t, "clients")
		m.Clinics = m.Clients + rapid.IntRange(0, 5000).Draw(t, "clinics")
		share := rapid.Float64Range(0, 0.4).Draw(t, "share")
		m.Kinds = []KindShare{{}, {Share: share}, {Share: share}}
		p := New(m, Defaults(), 0.1, dice.New(rapid.Uint64().Draw(t, "seed")))
		whole := func() {
			all := p.Count(func(int, int) bool { return true })
			if all.Clients != m.Clients || all.Clinics != m.Clinics {
				t.Fatalf("expected %d clients and %d clinics, got %+v", m.Clients, m.Clinics, all)
			}
		}
		whole()
		if got, want := p.Of(1).Clients, int(math.Round(share*float64(m.Clients))); got != want {
			t.Fatalf("expected %d clients of the second kind, got %d", want, got)
		}
		p.PutRight(0, 1, Push{Told: true})
		before := p.Of(1).Clients
		for at, any := p.Next(); any && at < 1000*24*time.Hour; at, any = p.Next() {
			if p.Advance(at) == 0 {
				continue // one that was held
			}
			whole()
		}
		if p.Of(1).Clients > before {
			t.Fatal("more clients have the old form than before it was put right")
		}
	})
}

// TestPushesHelp: on the same dice, suppliers that were told and have a date are never slower on the whole.
func TestPushesHelp(t *testing.T) {
	left := func(push Push) int {
		p := New(Mix{Suppliers: 300, Clients: 1800, Clinics: 50000, APIs: []int{120}, Kinds: []KindShare{{}, {Share: 0.3}}}, Defaults(), 1, dice.New(7))
		p.Hold()
		p.PutRight(0, 1, push)
		p.Advance(30 * 24 * time.Hour)
		return p.Of(1).Clients
	}
	nobody, told, both := left(Push{}), left(Push{Told: true}), left(Push{Told: true, Deadline: true})
	if nobody != 540 || told >= nobody || both >= told {
		t.Errorf("expected fewer clients left with each push, got %d, %d, %d", nobody, told, both)
	}
}

// TestRolloutOnAnyCores: the result of a study does not depend on how many cores play it.
func TestRolloutOnAnyCores(t *testing.T) {
	s := study(200)
	s.Vary = true
	want, err := s.Play(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	got, err := s.Play(context.Background())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("one core gives another result (%v)", err)
	}
}

// TestPoliciesDoWhatTheySay, on common random numbers and so in every trial: a ratchet never adds to the
// exposure and breaks nobody, a deadline caps it and breaks those who are not ready, telling suppliers
// never slows them.
func TestPoliciesDoWhatTheySay(t *testing.T) {
	s := study(300)
	s.APIs = 0 // they are for TestAnAPIThatDoesNotLook
	s.Policies = []Policy{{Name: "none"}, {Name: "ratchet", Ratchet: true}, {Name: "notify", Notify: true, Ratchet: true}, {Name: "30", Deadline: 30, Ratchet: true}, {Name: "60", Deadline: 60, Ratchet: true}}
	r, err := s.Play(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Trials {
		none, ratchet, notify, d30, d60 := r[0][i], r[1][i], r[2][i], r[3][i], r[4][i]
		switch {
		case ratchet.ClientDays > none.ClientDays || ratchet.Broken != 0:
			t.Fatalf("trial %d: the ratchet costs: %+v after %+v", i, ratchet, none)
		case notify.ClientDays > ratchet.ClientDays:
			t.Fatalf("trial %d: telling suppliers slowed them", i)
		case d30.ClientDays > d60.ClientDays || d30.Broken < d60.Broken || d30.ClientDays > 30*1800:
			t.Fatalf("trial %d: 30 days are worse than 60, or break fewer: %+v, %+v", i, d30, d60)
		}
	}
	rows := s.Summary(r)
	if rows[1].Better != 1 || rows[3].Worse != 1 || rows[0].ClientDays.P5 >= rows[0].ClientDays.P95 {
		t.Errorf("the summary says otherwise: %+v", rows)
	}
}

// TestFitFindsWhatMadeTheData: from data with known parameters and many open cases, the fit finds them;
// without the open cases it would not.
func TestFitFindsWhatMadeTheData(t *testing.T) {
	rng := dice.New(3).Fast()
	var cases []Case
	for range 4000 {
		days := 20 * math.Exp(1.1*rng.Normal())
		if rng.Float() < 0.1 {
			days = math.Inf(1)
		}
		cases = append(cases, Case{Days: min(days, 60), Open: days > 60})
	}
	f, err := FitCases(cases)
	if err != nil || math.Abs(f.Median-20) > 2 || math.Abs(f.Spread-1.1) > 0.15 || math.Abs(f.Never-0.1) > 0.04 || f.Off > 0.03 {
		t.Errorf("expected a median of 20, a spread of 1.1 and a never of 0.1, got %+v, %v", f, err)
	}
	km := KaplanMeier([]Case{{Days: 1}, {Days: 2, Open: true}, {Days: 3}})
	if !reflect.DeepEqual(km.Days, []float64{1, 3}) || math.Abs(km.Left[0]-2.0/3) > 1e-12 || km.Left[1] != 0 {
		t.Errorf("Kaplan-Meier by hand is 2/3 and 0, got %+v", km)
	}
}

func TestCasesRead(t *testing.T) {
	since, asOf := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	good := "supplier,client,first_green\nA,1,2026-01-11\nA,2,\nB,3,2026-02-01\nB,4,2026-06-01\nC,5,2026-01-01\n"
	cases, err := ReadCases(strings.NewReader(good), since, asOf)
	if err != nil || len(cases) != 5 || cases[0] != (Case{"A", 10, false}) || !cases[1].Open || !cases[3].Open || cases[3].Days != 59 || cases[4].Days != 0.5 {
		t.Errorf("got %+v, %v", cases, err)
	}
	for _, bad := range []string{"", "a,b\n", "supplier,first_green\nA,yesterday\n", "supplier,first_green\nA,2025-01-01\n", "supplier,first_green\nA,\n"} {
		if _, err := ReadCases(strings.NewReader(bad), since, asOf); err == nil {
			t.Errorf("%q: expected an error", bad)
		}
	}
}

func TestStudiesAreChecked(t *testing.T) {
	for name, spoil := range map[string]func(*Study){
		"no suppliers": func(s *Study) { s.Suppliers = 0 }, "no trials": func(s *Study) { s.Trials = 0 }, "no horizon": func(s *Study) { s.Horizon = 0 },
		"no policies": func(s *Study) { s.Policies = nil }, "tiers": func(s *Study) { s.Params.Tiers = nil }, "NaN": func(s *Study) { s.Params.Reach = math.NaN() },
	} {
		s := study(1)
		spoil(&s)
		if _, err := s.Play(context.Background()); err == nil {
			t.Errorf("%s: expected an error", name)
		}
	}
}

// BenchmarkRollout is 5,000 trials of one policy, which is to take about a second on one core.
func BenchmarkRollout(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	s := study(5000)
	s.Policies = s.Policies[:1]
	for b.Loop() {
		if _, err := s.Play(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRolloutAllPolicies(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	s := study(5000)
	for b.Loop() {
		if _, err := s.Play(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
