package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"thiefbox/sim/report"
)

// Spool takes in runs that belong together while they are made, so that they need not all be in memory until the last
// of them is there. It is a file beside the history that nobody else sees, and that is gone when it is closed.
type Spool struct {
	file *os.File
	runs []report.Run // without their recordings
	ends []int64      // where the recording of each ends
}

// Packed is a run on its way to a spool.
type Packed struct {
	run       report.Run
	recording []byte
}

// Pack makes a run small. It needs no store, so runs can be packed side by side.
func Pack(run report.Run) (Packed, error) {
	recording, err := pack(run.Recording)
	return Packed{withoutRecording(run), recording}, err
}

// NewSpool makes an empty spool beside a history, which need not be there yet.
func NewSpool(history string) (*Spool, error) {
	dir := filepath.Dir(history)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the directory for the history: %w", err)
	}
	f, err := os.CreateTemp(dir, ".spool-")
	if err != nil {
		return nil, fmt.Errorf("making a place for runs before they are kept: %w", err)
	}
	// Where a file that is open can be removed, nothing is left behind even if the program is killed.
	_ = os.Remove(f.Name())
	return &Spool{file: f}, nil
}

// Close forgets the runs.
func (s *Spool) Close() error {
	err := s.file.Close()
	if gone := os.Remove(s.file.Name()); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// Len is how many runs are in it.
func (s *Spool) Len() int { return len(s.runs) }

// Add takes in one more. It is not safe for concurrent use: the order of calls is that of the history.
func (s *Spool) Add(p Packed) error {
	if _, err := s.file.Write(p.recording); err != nil {
		return fmt.Errorf("putting a run aside: %w", err)
	}
	s.runs, s.ends = append(s.runs, p.run), append(s.ends, s.start(len(s.runs))+int64(len(p.recording)))
	return nil
}

func (s *Spool) start(i int) int64 {
	if i == 0 {
		return 0
	}
	return s.ends[i-1]
}

func (s *Spool) recording(i int) ([]byte, error) {
	b := make([]byte, s.ends[i]-s.start(i))
	if _, err := io.ReadFull(io.NewSectionReader(s.file, s.start(i), int64(len(b))), b); err != nil {
		return nil, fmt.Errorf("reading a run that was put aside: %w", err)
	}
	return b, nil
}

// transaction is how many bytes of recordings go into the history at a time: bbolt has in memory what a transaction writes.
const transaction = 4 << 20

// batch is up to where runs go into one transaction.
func (s *Spool) batch(from int) (to int) {
	for to = from + 1; to < len(s.runs) && s.ends[to]-s.start(from) <= transaction; {
		to++
	}
	return to
}

// SaveSpool keeps all runs of a spool, as started at one moment, beside one another: all of them, or on an error none.
func (s *Store) SaveSpool(sp *Spool, started time.Time) error {
	var before uint64 // how many numbers were taken
	for from := 0; from < len(sp.runs); {
		to := sp.batch(from)
		err := s.update(func(tx *bbolt.Tx) error {
			if from == 0 {
				before = tx.Bucket(bucketRuns).Sequence()
			}
			return sp.put(tx, from, to, started)
		})
		if err != nil {
			return errors.Join(err, s.forget(before, from))
		}
		from = to
	}
	return nil
}

func (s *Spool) put(tx *bbolt.Tx, from, to int, started time.Time) error {
	for i := from; i < to; i++ {
		recording, err := s.recording(i)
		if err != nil {
			return err
		}
		run := s.runs[i]
		run.Started = started
		if _, err := put(tx, run, recording); err != nil {
			return err
		}
	}
	return nil
}

// forget takes so many runs out again, those after a number.
func (s *Store) forget(after uint64, count int) error {
	if count == 0 {
		return nil
	}
	return s.update(func(tx *bbolt.Tx) error {
		for range count {
			after++
			key := binary.BigEndian.AppendUint64(nil, after)
			if err := errors.Join(tx.Bucket(bucketRuns).Delete(key), tx.Bucket(bucketRecordings).Delete(key)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) update(write func(*bbolt.Tx) error) error {
	return s.guarded(func() error { return s.explain(s.db.Update(write)) })
}
