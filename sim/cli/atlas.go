package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"sync"

	"thiefbox/attacker"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/store"
	"thiefbox/sim/worth"
)

// maps finds out what attacks do under every set of controls that a profile's dialect allows. What an
// earlier invocation of the same program found out is remembered in the history. If somebody interrupts,
// what is done so far is returned with the error of the context.
func (a *app) maps(ctx context.Context, ts []attacker.Technique, p control.Profile, workers int) ([]worth.Map, int, error) {
	progress := a.progress("attacks ablated under " + p.Name)
	defer progress.end()
	return a.mapsTelling(ctx, ts, p, workers, progress.step)
}

// mapsTelling is maps for whoever has a place of his own to show how far it has come.
func (a *app) mapsTelling(ctx context.Context, ts []attacker.Technique, p control.Profile, workers int, step func(done, total int)) ([]worth.Map, int, error) {
	var ids []string
	for _, t := range ts {
		if sim.Applies(t, p.Dialect) {
			ids = append(ids, t.ID)
		}
	}
	known := a.recall(p.Dialect)
	atlas := worth.Atlas{Run: sim.Worth(a.seed), Workers: workers, Budget: a.budget, Seed: a.seed, Progress: step, Known: known.of, Keep: known.keep}
	maps, runs, err := atlas.Maps(ctx, ids, p)
	a.memorize(p.Dialect, known)
	return maps, runs, err
}

// memory is what is known under one dialect.
type memory struct {
	mu      sync.Mutex
	answers map[string][]worth.Answer
	changed bool
}

func (m *memory) of(attack string, _ control.Dialect) []worth.Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answers[attack]
}

func (m *memory) keep(attack string, _ control.Dialect, all []worth.Answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers[attack], m.changed = all, true
}

// program is a digest of the running executable: every answer depends on all of it.
var program = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(path)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), err
})

// memoryKey is what answers depend on besides the program: dialect and seed. Each answer says itself for
// which attack and which controls it holds.
func (a *app) memoryKey(d control.Dialect) string {
	b, _ := json.Marshal(struct {
		Dialect control.Dialect
		Seed    uint64
	}{d, a.seed})
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// recall fetches what is known. A history that cannot be read costs time and nothing else.
func (a *app) recall(d control.Dialect) *memory {
	m := &memory{answers: map[string][]worth.Answer{}}
	if before, found := a.memories.LoadOrStore(a.memoryKey(d), m); found {
		return before.(*memory)
	}
	digest, err := program()
	if a.noHistory || err != nil {
		return m
	}
	_ = a.fromHistory(func(s *store.Store) error {
		known, err := s.Answers(digest, a.memoryKey(d))
		m.mu.Lock()
		defer m.mu.Unlock()
		for attack, answers := range known { // another screen may have begun to fill it
			if m.answers[attack] == nil {
				m.answers[attack] = answers
			}
		}
		return err
	})
	return m
}

func (a *app) memorize(d control.Dialect, m *memory) {
	digest, err := program()
	m.mu.Lock()
	changed, answers := m.changed, maps.Clone(m.answers)
	m.changed = false
	m.mu.Unlock()
	if a.noHistory || !changed || err != nil {
		return
	}
	path, err := a.historyPath()
	if err != nil {
		return
	}
	a.opened.Lock()
	defer a.opened.Unlock()
	s, err := store.Open(path, store.Options{})
	if err == nil {
		err = errors.Join(s.KeepAnswers(digest, a.memoryKey(d), answers), s.Close())
	}
	if err != nil && !a.screened {
		a.warn("what was found out is not kept: %v", err)
	}
}
