// Package keep lets a store outlive the process: every commit goes into a bbolt file, in one transaction
// of its own, before anybody is told that it was made. A killed process loses nothing it has answered for,
// and half of a commit is never read back, because bbolt has none.
//
// Begin with Open, and give what it returns to store.Open. The file holds what was written on top of the
// invented population, version by version; the population itself is made anew at each start. Exports that were asked for
// stand there too (exports.go).
//
// Every version is kept for good: a history has no bound but the disk, and the file does not shrink. BenchmarkStart says
// what that takes: a record of 350 bytes weighs some 700 in memory after a start, and some 1,700 on the disk. While the
// process that wrote it runs, the version that stands weighs some kilobytes more: what it is found by is held. A start
// reads a record in some microseconds, and indexes it in the background.
package keep

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"thiefbox/fhirmock/store"
)

// File is an open file. It is a store.Keeper.
type File struct {
	db   *bbolt.DB
	path string
}

var (
	bucket = []byte("records")
	format = []byte("thiefbox fhir records 1")
	about  = []byte("about")
)

// patience is how long to wait for another process to let go of the file.
const patience = time.Second

// Open opens the file at path, and makes it if there is none, readable by its owner alone. The error
// says what to do.
func Open(path string) (f *File, err error) { return open(path, 0) }

// open is Open of a file that grows to most bytes, as on a disk that is full then; 0 for any length.
func open(path string, most int) (f *File, err error) {
	defer whole(path, &err)()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: patience, MaxSize: most})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("%s: expected records that nobody else serves, got a file that another process has open; end that one, or serve from another directory", path)
	case err != nil:
		return nil, damaged(path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(about)
		if err != nil {
			return err
		}
		if got := b.Get(about); got != nil && string(got) != string(format) {
			return fmt.Errorf("%s: expected %q, got %q: another version wrote it; move it away to begin anew", path, format, got)
		}
		for _, name := range [][]byte{bucket, exports, subscriptions} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return b.Put(about, format)
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &File{db, path}, nil
}

// Close lets go of the file.
func (f *File) Close() error { return f.db.Close() }

// Keep writes the records of a commit, and returns when they are on the disk.
func (f *File) Keep(records []*store.Record) (err error) {
	defer whole(f.path, &err)()
	return f.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		for _, r := range records {
			n, err := b.NextSequence()
			if err != nil {
				return err
			}
			data, err := r.MarshalBinary()
			if err != nil {
				return err
			}
			if err := b.Put(binary.BigEndian.AppendUint64(nil, n), data); err != nil {
				return err
			}
		}
		return nil
	})
}

// Kept reads all records in the order in which they were kept.
func (f *File) Kept(see func(*store.Record) error) error {
	return f.read(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(_, data []byte) error {
			r, err := store.Unmarshal(data)
			if err != nil {
				return err
			}
			return see(r)
		})
	})
}

// read reads what was written here.
func (f *File) read(see func(*bbolt.Tx) error) (err error) {
	defer whole(f.path, &err)()
	if err := f.db.View(see); err != nil {
		return damaged(f.path, err)
	}
	return nil
}

// whole makes an error of what bbolt does over pages that make no sense: it panics, or reads beyond the end of a file that
// was cut off. It is deferred twice: `defer whole(path, &err)()`.
func whole(path string, err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if p := recover(); p != nil {
			*err = damaged(path, p)
		}
	}
}

// ErrDamaged is why a file cannot be read. The process that met it holds on to the file, so that trying again tells less.
var ErrDamaged = errors.New("got a damaged file")

func damaged(path string, what any) error {
	return fmt.Errorf("%s: expected records that were written here, %w (%v); move it away to begin anew", path, ErrDamaged, what)
}
