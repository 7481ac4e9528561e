// Package store keeps the history of runs, with their whole event logs, in one bbolt file.
//
// Begin with Open. The file is only ever opened after preflight.go has looked at it: one that is
// damaged, locked, newer than this program or somebody else's is refused with an error that says what
// to do, and not a byte of it is changed. layout.go says what stands where in the file, encode.go how
// a recording is packed.
//
// The store knows no clock: when a run was started is for its caller to say.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// Options says how a store is opened.
type Options struct {
	// ReadOnly never changes the file and never makes one. Several readers can have it open at once.
	ReadOnly bool
}

// Store is an open history. It is safe for concurrent use.
type Store struct {
	db   *bbolt.DB
	path string
}

// patience is how long to wait for another thiefbox to let go of the file.
const patience = 500 * time.Millisecond

// Open opens the history at path. Unless it is opened read-only, a missing file is made, readable by
// its owner alone, and so is its directory.
//
// The error is fs.ErrNotExist for a missing file that may not be made, ErrLocked, ErrDamaged,
// ErrForeign or ErrNewer, each with advice.
func Open(path string, o Options) (*Store, error) {
	err := preflight(path)
	if errors.Is(err, fs.ErrNotExist) && !o.ReadOnly {
		if err = create(path); err == nil {
			err = preflight(path)
		}
	}
	if err != nil {
		return nil, err
	}
	s := &Store{path: path}
	if err := s.guarded(func() error { return s.open(o) }); err != nil {
		return nil, err
	}
	return s, nil
}

// open lets bbolt open the file, first to read only: while that lock lasts nobody changes the file,
// and its pages can be checked before anything trusts them.
func (s *Store) open(o Options) error {
	db, err := bbolt.Open(s.path, 0o600, options(Options{ReadOnly: true}))
	if err != nil {
		return s.explain(err)
	}
	err = inspect(s.path)
	if err == nil {
		err = db.View(s.checkFormat)
	}
	if err == nil && o.ReadOnly {
		s.db = db
		return nil
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	s.db, err = bbolt.Open(s.path, 0o600, options(o))
	return s.explain(err)
}

func options(o Options) *bbolt.Options {
	return &bbolt.Options{Timeout: patience, ReadOnly: o.ReadOnly, NoStatistics: true}
}

// create makes an empty history beside its place and moves it there when it is whole, so that nobody
// ever sees half a file. If another thiefbox was faster, its file stays.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the directory for the history: %w", err)
	}
	nursery, err := os.MkdirTemp(dir, ".new-history-")
	if err != nil {
		return fmt.Errorf("making the history: %w", err)
	}
	defer os.RemoveAll(nursery)
	fresh := filepath.Join(nursery, "history")
	db, err := bbolt.Open(fresh, 0o600, options(Options{}))
	if err != nil {
		return fmt.Errorf("making the history: %w", err)
	}
	if err := errors.Join(db.Update(layOut), db.Close()); err != nil {
		return fmt.Errorf("making the history: %w", err)
	}
	if err := os.Link(fresh, path); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	// A file system without hard links. Between this look and the move another could still slip in.
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	return os.Rename(fresh, path)
}

// Close lets go of the file.
func (s *Store) Close() error { return s.guarded(s.db.Close) }

// Save keeps a run and returns its id. The id the run carries does not matter.
func (s *Store) Save(run report.Run) (string, error) {
	ids, err := s.SaveAll([]report.Run{run})
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// SaveAll keeps several runs in one transaction: all of them, or on an error none.
func (s *Store) SaveAll(runs []report.Run) ([]string, error) {
	packed, err := packAll(runs)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(runs))
	err = s.guarded(func() error {
		return s.explain(s.db.Update(func(tx *bbolt.Tx) error {
			for i := range runs {
				if ids[i], err = put(tx, runs[i], packed[i]); err != nil {
					return err
				}
			}
			return nil
		}))
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// List returns all runs, newest first, without their recordings.
func (s *Store) List() (runs []report.Run, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketRuns).Cursor()
		for k, v := c.Last(); k != nil; k, v = c.Prev() {
			run, err := s.summary(k, v)
			if err != nil {
				return err
			}
			runs = append(runs, run)
		}
		return nil
	})
	return runs, err
}

// Load returns a run with its recording. The id may be cut short, or be the number alone, as long as
// it means one run only. The error is ErrUnknown if it means none, ErrAmbiguous if several.
func (s *Store) Load(id string) (run report.Run, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		key, err := find(tx, id)
		if err != nil {
			return err
		}
		if run, err = s.summary(key, tx.Bucket(bucketRuns).Get(key)); err != nil {
			return err
		}
		run.Recording, err = unpack(tx.Bucket(bucketRecordings).Get(key))
		if err != nil {
			return s.damaged(fmt.Errorf("the recording of %s: %w", run.ID, err))
		}
		return nil
	})
	if err != nil {
		return report.Run{}, err
	}
	return run, nil
}

func (s *Store) view(read func(*bbolt.Tx) error) error {
	return s.guarded(func() error { return s.explain(s.db.View(read)) })
}

// explain turns an error of bbolt into one of ours.
func (s *Store) explain(err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%w: %s; close the other thiefbox, or use another --data directory or --no-history", ErrLocked, s.path)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return s.damaged(err)
	}
	return err
}

// withoutRecording is what the list shows of a run.
func withoutRecording(run report.Run) report.Run {
	run.Recording = event.Recording{}
	return run
}
