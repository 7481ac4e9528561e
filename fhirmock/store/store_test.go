package store

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/r4"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// at is a clock that stands still.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

type anybody struct{}

func (anybody) Opens(Way, *Record) (bool, error) { return true, nil }

func patient(id, family string) *r4.Node {
	n, err := r4.Parse([]byte(fmt.Sprintf(`{"resourceType":"Patient","id":%q,"name":[{"family":%q}],"birthDate":"19%02d"}`, id, family, len(family))))
	if err != nil {
		panic(err)
	}
	return n
}

func baseOf(ids ...string) *Base {
	var all []*Record
	for _, id := range ids {
		all = append(all, Prerendered("Patient", id, id, now, patient(id, "base").Append(nil), "{{canary}}"))
	}
	return NewBase(all)
}

func put(tb testing.TB, s *Store, id, family string) {
	tb.Helper()
	if err := s.Update(at(now), func(tx *Tx) error { tx.Put(patient(id, family), "PUT"); return nil }); err != nil {
		tb.Fatal(err)
	}
}

func find(v View, filters []Filter, sorts ...Sort) []string {
	var out []string
	search := v.Find("Patient", filters, sorts, nil)
	for s := search.Next(); s != nil; s = search.Next() {
		out = append(out, s.r.ID)
	}
	return out
}

func family(prefix string) []Filter {
	return []Filter{{Param: "family", Any: []Match{{Op: Prefix, Key: prefix}}}}
}

// Whatever is put and deleted in whatever order, the layers say what a plain map would.
func TestLayersAgreeWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		s := New(baseOf(ids[:4]...))
		model := map[string]string{"a": "base", "b": "base", "c": "base", "d": "base"}
		for range rapid.IntRange(1, 60).Draw(t, "commits") {
			err := s.Update(at(now), func(tx *Tx) error {
				for range rapid.IntRange(1, 4).Draw(t, "steps") {
					id := rapid.SampledFrom(ids).Draw(t, "id")
					name := rapid.SampledFrom([]string{"x", "xy", "z"}).Draw(t, "family")
					if _, there := model[id]; there && rapid.Bool().Draw(t, "delete") {
						tx.Delete("Patient", id)
						delete(model, id)
						continue
					}
					tx.Put(patient(id, name), "PUT")
					model[id] = name
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			v := s.View()
			for _, prefix := range []string{"x", "z", "base", "xy"} {
				var want []string
				for id, name := range model {
					if len(name) >= len(prefix) && name[:len(prefix)] == prefix {
						want = append(want, id)
					}
				}
				got := find(v, family(prefix))
				slices.Sort(want)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Fatalf("family %s: expected %v, got %v", prefix, want, got)
				}
				if down := find(v, family(prefix), Sort{"birthdate", true}, Sort{"_id", false}); len(down) != len(want) {
					t.Fatalf("sorted: expected %v, got %v", want, down)
				}
			}
			if n := len(v.s.layers); n > 10 {
				t.Fatalf("expected few layers, got %d", n)
			}
		}
	})
}

func TestRefusedTransactionLeavesNothing(t *testing.T) {
	s := New(baseOf("a"))
	refused := errors.New("refused")
	err := s.Update(at(now), func(tx *Tx) error {
		tx.Put(patient("b", "new"), "PUT")
		tx.Delete("Patient", "a")
		if got := find(tx.View(), nil); !slices.Equal(got, []string{"b"}) {
			t.Errorf("expected the transaction to see its own doing, got %v", got)
		}
		return refused
	})
	if !errors.Is(err, refused) || !slices.Equal(find(s.View(), nil), []string{"a"}) {
		t.Errorf("expected nothing to have happened, got %v and %v", err, find(s.View(), nil))
	}
}

// A keeper that fails undoes the commit: what is not on the disk was never answered for.
type broken struct{}

func (broken) Keep([]*Record) error           { return errors.New("disk full") }
func (broken) Kept(func(*Record) error) error { return nil }

func TestKeeperThatFails(t *testing.T) {
	s, _, err := Open(baseOf("a"), broken{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Update(at(now), func(tx *Tx) error { tx.Delete("Patient", "a"); return nil }); err == nil || len(find(s.View(), nil)) != 1 {
		t.Errorf("expected the commit to fail and to leave nothing, got %v", err)
	}
}

// Readers see each transaction whole or not at all, and never wait.
func TestReadersSeeWholeTransactions(t *testing.T) {
	s := New(baseOf())
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-done:
					return
				default:
				}
				v := s.View()
				if a, b := len(find(v, family("left"))), len(find(v, family("right"))); a != b {
					t.Errorf("half a transaction shows: %d and %d", a, b)
					return
				}
			}
		}()
	}
	for i := range 200 {
		err := s.Update(at(now), func(tx *Tx) error {
			tx.Put(patient(fmt.Sprintf("l%d", i%50), "left"), "PUT")
			tx.Put(patient(fmt.Sprintf("r%d", i%50), "right"), "PUT")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	wg.Wait()
}

// Worlds share a base: what one writes no other sees.
func TestWorldsAreApart(t *testing.T) {
	b := baseOf("a")
	one, other := New(b), New(b)
	put(t, one, "a", "changed")
	if got := find(other.View(), family("base")); len(got) != 1 {
		t.Errorf("expected the base as it was, got %v", got)
	}
	r, _ := one.View().Get("Patient", "a").Open(anybody{}, AsRead)
	if r.Version != 2 || len(one.View().Versions("Patient", "a")) != 2 {
		t.Errorf("expected a second version, got %d", r.Version)
	}
}

// BenchmarkNew is what a store adds to a world.
func BenchmarkNew(b *testing.B) {
	base := baseOf("a", "b")
	b.ReportAllocs()
	for b.Loop() {
		New(base)
	}
}

// Whoever waits for another's commit is dated after it, and a settled view holds all that is dated before it.
func TestCommitsAreDatedInTheirOrder(t *testing.T) {
	s := New(nil)
	var mu sync.Mutex
	n := 0
	tick := func() time.Time { mu.Lock(); defer mu.Unlock(); n++; return now.Add(time.Duration(n) * time.Second) }
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			err := s.Update(tick, func(tx *Tx) error { tx.Put(patient(fmt.Sprint("p", i), "x"), "PUT"); return nil })
			if err != nil {
				t.Error(err)
			}
			v, at := s.Settled(tick)
			for found := range v.History("Patient", nil) {
				if found.r.Updated.After(at) {
					t.Errorf("expected nothing from after %v, got %v", at, found.r.Updated)
				}
			}
			for found := range s.View().History("Patient", nil) {
				if !found.r.Updated.After(at) && v.Get("Patient", found.ID()) == nil {
					t.Errorf("%s is of before %v and not in the view", found.ID(), at)
				}
			}
		})
	}
	all.Wait()
}
