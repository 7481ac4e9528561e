package party

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

type request struct{ method string }

var guards = []control.Guard[request]{
	{Control: control.RSScope, Check: func(*request) (string, error) { return "user/*.rs", nil }},
	{Control: control.RSDPoPHTM, Answer: control.Answer{Status: 401, Code: "invalid_dpop_proof"},
		Check: func(r *request) (string, error) {
			if r.method != "GET" {
				return r.method, control.ExpectedFix("htm", "GET", r.method, "sign the method you send")
			}
			return r.method, nil
		}},
	{Control: control.RSDPoPNonce, Answer: control.Answer{Status: 401, Challenge: true},
		Check: func(*request) (string, error) { return "", errors.New("no nonce at all") }},
}

// listener is a party that remembers what it told, and in which exchange.
func listener(on control.Set) (p *Party, told *[]event.Ruling, exchanges *[]int) {
	told, exchanges = new([]event.Ruling), new([]int)
	return &Party{Name: "fhir/a", Policy: NewPolicy(control.Profile{Controls: on}),
		Tell: func(ctx context.Context, b event.Body) {
			*told = append(*told, b.(event.Ruling))
			*exchanges = append(*exchanges, event.ExchangeOf(ctx))
		}}, told, exchanges
}

func TestEnforceTellsEveryRuling(t *testing.T) {
	for name, test := range map[string]struct {
		on     control.Set
		method string
		want   []event.Ruling
	}{
		"refused, with both sides shown": {control.Everything(), "POST", []event.Ruling{
			{Party: "fhir/a", Control: "rs/scope", Outcome: "pass", Saw: "user/*.rs"},
			{Party: "fhir/a", Control: "rs/dpop-htm", Outcome: "refused", Saw: "POST", What: "htm", Want: "GET", Got: "POST",
				Fix: "sign the method you send", Cause: "htm: expected GET, got POST; sign the method you send"},
		}},
		"challenged, by an error of another type": {control.Everything(), "GET", []event.Ruling{
			{Party: "fhir/a", Control: "rs/scope", Outcome: "pass", Saw: "user/*.rs"},
			{Party: "fhir/a", Control: "rs/dpop-htm", Outcome: "pass", Saw: "GET"},
			{Party: "fhir/a", Control: "rs/dpop-nonce", Outcome: "challenged", Cause: "no nonce at all"},
		}},
		"off": {control.SetOf(control.RSScope), "POST", []event.Ruling{
			{Party: "fhir/a", Control: "rs/scope", Outcome: "pass", Saw: "user/*.rs"},
			{Party: "fhir/a", Control: "rs/dpop-htm", Outcome: "off"},
			{Party: "fhir/a", Control: "rs/dpop-nonce", Outcome: "off"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p, told, exchanges := listener(test.on)
			err := Enforce(event.Within(context.Background(), 5), p, &request{test.method}, guards)
			if !slices.Equal(*told, test.want) {
				t.Errorf("expected %+v, got %+v", test.want, *told)
			}
			if slices.ContainsFunc(*exchanges, func(n int) bool { return n != 5 }) {
				t.Errorf("expected every ruling in exchange 5, got %v", *exchanges)
			}
			last := test.want[len(test.want)-1]
			if r := control.RefusalOf(err); last.Cause == "" && err != nil || last.Cause != "" && (r == nil || r.Control.ID != last.Control) {
				t.Errorf("expected the refusal of %+v, got %v", last, err)
			}
		})
	}
}

func TestPolicyChangesWhileTheWorldRuns(t *testing.T) {
	p, _, _ := listener(control.Set{})
	post := &request{"POST"}
	if err := Enforce(context.Background(), p, post, guards); err != nil {
		t.Fatalf("expected nothing to be checked, got %v", err)
	}
	before := p.Policy.Profile()
	p.Policy.Set(before.With(control.RSDPoPHTM))
	if r := control.RefusalOf(Enforce(context.Background(), p, post, guards)); r == nil || r.Control != control.RSDPoPHTM {
		t.Errorf("expected the control that was deployed to refuse, got %v", r)
	}
	if before != p.Policy.Profile().Without(control.RSDPoPHTM) {
		t.Error("expected a profile once read to stay as it was")
	}
}

func TestDialectIsThePolicys(t *testing.T) {
	for _, profile := range control.Profiles() {
		p := &Party{Policy: NewPolicy(profile)}
		if p.Dialect() != profile.Dialect || p.Policy.Profile() != profile {
			t.Errorf("expected the dialect of %s", profile.Name)
		}
	}
}

// A policy is changed by one while many read it.
func TestPolicyConcurrency(t *testing.T) {
	policy := NewPolicy(control.Profiles()[0])
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 500 {
				if p := policy.Profile(); !slices.Contains(control.Profiles(), p) {
					t.Errorf("expected a whole profile, got %+v", p)
				}
			}
		})
	}
	for range 100 {
		for _, p := range control.Profiles() {
			policy.Set(p)
		}
	}
	all.Wait()
}

// What is ruled as it was the last time is told as it was, and whatever is ruled otherwise is told anew; many may ask
// at once.
func TestHabits(t *testing.T) {
	var mu sync.Mutex
	var told []event.Ruling
	p := &Party{Name: "fhir/a", Policy: NewPolicy(control.Profile{Controls: control.SetOf(control.RSDPoPHTM)}), Tell: func(_ context.Context, b event.Body) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, b.(event.Ruling))
	}}
	lists := []control.Guard[request]{
		{Control: control.RSDPoPHTM, Check: func(r *request) (string, error) { return r.method, nil }},
		{Control: control.RSDPoPHTU, Check: func(*request) (string, error) { return "", nil }},
	}
	var all sync.WaitGroup
	for _, method := range []string{"GET", "GET", "POST", "GET"} {
		for range 50 {
			all.Go(func() {
				if err := Enforce(context.Background(), p, &request{method}, lists); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	saw := map[string]int{}
	for _, r := range told {
		saw[r.Control+" "+r.Outcome+" "+r.Saw]++
	}
	if len(told) != 400 || saw["rs/dpop-htm pass GET"] != 150 || saw["rs/dpop-htm pass POST"] != 50 || saw["rs/dpop-htu off "] != 200 {
		t.Errorf("expected each ruling as it was made, got %v", saw)
	}
	alone := func() {
		_ = Enforce(context.Background(), &Party{Name: "x", Policy: p.Policy, Tell: p.Tell}, &request{"GET"}, lists[:0])
	}
	if alone(); len(told) != 400 {
		t.Error("expected nothing to be told where there are no guards")
	}
}

func BenchmarkEnforce(b *testing.B) {
	p := &Party{Name: "fhir/a", Policy: NewPolicy(control.Profile{Controls: control.Everything()}), Tell: func(context.Context, event.Body) {}}
	b.ReportAllocs()
	for b.Loop() {
		if err := Enforce(context.Background(), p, &request{"GET"}, guards[:2]); err != nil {
			b.Fatal(err)
		}
	}
}
