package ecosystem

import (
	"context"
	"math"
	"testing"
)

// TestAnAPIThatDoesNotLook: APIs that move late add to the exposure, in every trial and under every policy, and
// break nobody. Where the wire shows no gap, they add nothing.
func TestAnAPIThatDoesNotLook(t *testing.T) {
	s := study(100)
	with, err := s.Play(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	s.Gap = false
	closed, err := s.Play(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k := range with {
		for i := range with[k] {
			a, b := with[k][i], closed[k][i]
			if a.ClientDays <= b.ClientDays || a.Broken != b.Broken {
				t.Fatalf("%s, trial %d: expected more exposure and as many broken, got %+v after %+v", s.Policies[k].Name, i, a, b)
			}
		}
	}
}

// TestDatesAddUp: whoever is broken is broken on one of the policy's dates.
func TestDatesAddUp(t *testing.T) {
	s := study(100)
	s.Policies = []Policy{{Name: "phased", Phased: []float64{30, 60, 120}}, {Name: "one", Deadline: 45}, {Name: "backwards", Phased: []float64{90, 30, 30}}}
	r, err := s.Play(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k := range r {
		for i, o := range r[k] {
			sum := 0.0
			for _, n := range o.On {
				sum += float64(n)
			}
			if sum != o.Broken {
				t.Fatalf("%s, trial %d: %g are broken, and on the dates %g", s.Policies[k].Name, i, o.Broken, sum)
			}
		}
	}
	rows := s.Summary(r)
	if len(rows[0].Dates) != 3 || len(rows[1].Dates) != 1 || len(rows[2].Dates) != 2 || rows[1].Dates[0].Broken != rows[1].Broken || rows[2].Dates[0].Day != 30 {
		t.Errorf("expected the dates of each policy, in order, got %+v", rows)
	}
}

// TestTheCurveIsTheExposure: the area under the count of who is exposed is the exposure, trial by trial and so
// in the median of one trial.
func TestTheCurveIsTheExposure(t *testing.T) {
	s := study(1)
	var days []float64
	for d := 0.125; d < s.Horizon; d += 0.25 {
		days = append(days, d)
	}
	curves, err := s.Curves(context.Background(), days, 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Play(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k, c := range curves {
		area := 0.0
		for _, n := range c.P50 {
			area += n * 0.25
		}
		if want := r[k][0].ClientDays; math.Abs(area-want) > 0.01*want {
			t.Errorf("%s: expected an area of %.0f, got %.0f", c.Policy, want, area)
		}
	}
}
