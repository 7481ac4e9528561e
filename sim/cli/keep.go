package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"

	"thiefbox/sim/report"
	"thiefbox/sim/store"
)

// historyFile is the one file with every run.
const historyFile = "history.db"

func (a *app) historyPath() (string, error) {
	dir, err := dataDir(a.data, runtime.GOOS, a.env.Getenv)
	return filepath.Join(dir, historyFile), err
}

// keep puts finished runs into the history, and their ids and dates into the runs. A history that
// cannot be used costs a warning: the result of the command stands without it.
func (a *app) keep(groups [][]report.Run) {
	if a.noHistory {
		return
	}
	if err := a.save(groups); err != nil {
		a.warn("not kept in the history: %v", err)
	}
}

// save opens the history only for as long as it takes, so that two thiefboxes do not wait for each other.
func (a *app) save(groups [][]report.Run) (err error) {
	path, err := a.historyPath()
	if err != nil {
		return err
	}
	a.opened.Lock()
	defer a.opened.Unlock()
	s, err := store.Open(path, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, runs := range groups {
		now := a.env.Now() // the same for all of them: they belong together
		for i := range runs {
			runs[i].Started = now
		}
		ids, err := s.SaveAll(runs)
		if err != nil {
			return err
		}
		for i := range ids {
			runs[i].ID = ids[i]
		}
	}
	return nil
}

// settle waits until everything is kept (unloadLater), and says so if that takes a moment. The screens are gone by then.
func (a *app) settle() {
	if n := a.unkept.Load(); n > 0 {
		fmt.Fprintf(a.env.Stderr, "thiefbox: keeping %d runs in the history, one moment\n", n)
	}
	a.keeping.Wait()
}

// fromHistory reads from the history without changing it. That there is none yet is not an error: ask
// is then not called.
func (a *app) fromHistory(ask func(*store.Store) error) error {
	path, err := a.historyPath()
	if err != nil {
		return environment("%w", err)
	}
	a.opened.Lock()
	defer a.opened.Unlock()
	s, err := store.Open(path, store.Options{ReadOnly: true})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return environment("%w", err)
	}
	defer s.Close()
	err = ask(s)
	if f := (*failure)(nil); err == nil || errors.As(err, &f) {
		return err
	}
	return environment("%w", err)
}
