package cli

import (
	"cmp"
	"context"
	"errors"

	"thiefbox/sim/report"
	"thiefbox/sim/store"
)

// spool takes in the runs of a matrix on their way to the history. Nil is for a command that keeps none.
type spool struct {
	disk    *store.Spool // nil if there is a failure
	failure error        // the first; what came after it was let go
}

// newSpool makes one. That it cannot be made is told when the runs are to be kept, like all that goes wrong with them.
func (a *app) newSpool() *spool {
	if a.noHistory {
		return nil
	}
	path, err := a.historyPath()
	if err != nil {
		return &spool{failure: err}
	}
	disk, err := store.NewSpool(path)
	return &spool{disk, err}
}

// pack makes a run ready to be added, which the function does that it returns.
func (s *spool) pack(run report.Run) (add func()) {
	if s == nil {
		return func() {}
	}
	packed, err := store.Pack(run)
	return func() {
		if err == nil && s.failure == nil {
			err = s.disk.Add(packed)
		}
		s.failure = cmp.Or(s.failure, err)
	}
}

func (s *spool) close() {
	if s != nil && s.disk != nil {
		_ = s.disk.Close()
	}
}

// unload puts what is in a spool into the history, which is open for only as long as that takes.
func (a *app) unload(s *spool) error {
	if s == nil {
		return nil
	}
	if s.failure != nil {
		return s.failure
	}
	path, err := a.historyPath()
	if err != nil {
		return err
	}
	a.opened.Lock()
	defer a.opened.Unlock()
	h, err := store.Open(path, store.Options{})
	if err != nil {
		return err
	}
	return errors.Join(h.SaveSpool(s.disk, a.env.Now()), h.Close())
}

// unloadLater does so while somebody is already looking at the result; settle waits for it. The screens own the
// terminal, so a warning goes to the log pane.
func (a *app) unloadLater(ctx context.Context, s *spool) {
	n := 0
	if s != nil && s.disk != nil {
		n = s.disk.Len()
	}
	a.unkept.Add(int64(n))
	a.keeping.Go(func() {
		defer a.unkept.Add(-int64(n))
		defer s.close()
		if err := a.unload(s); err != nil {
			a.journal.complain(ctx, "not kept in the history: %v", err)
		}
	})
}
