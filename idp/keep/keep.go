// Package keep lets authorization servers outlive the process: what they have to remember goes into a bbolt
// file, in one transaction for all answers that wait for it. A killed process loses nothing that it has
// answered for, and a file that cannot be read is never written to.
//
// Begin with Open. A file holds the records of several servers, a bucket for each issuer: At is the
// idp.Keeper of one. What the records mean is for package idp to know.
package keep

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bberrors "go.etcd.io/bbolt/errors"

	"thiefbox/idp"
)

// File is an open file. It is safe for concurrent use.
type File struct {
	db   *bbolt.DB
	path string
}

var (
	format  = []byte("thiefbox authorization server records 1")
	about   = []byte("about")
	servers = []byte("servers")
)

// patience is how long to wait for another process to let go of the file.
const patience = time.Second

// Open opens the file at path, and makes it if there is none, readable by its owner alone. Records that had
// expired by now go. The error says what to do.
func Open(path string, now time.Time) (f *File, err error) {
	defer func() { // bbolt panics over pages that make no sense
		if p := recover(); p != nil {
			f, err = nil, damaged(path, fmt.Errorf("%v", p))
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a file that was cut short is mapped beyond its end
	switch err := inspect(path); {
	case errors.Is(err, os.ErrNotExist):
		if err := begin(path); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	db, err := bbolt.Open(path, 0o600, options())
	if err != nil {
		return nil, fmt.Errorf("%s: expected a file of records that nobody else has open: %w; end the other server, or move the file away to begin anew", path, err)
	}
	if err := db.Update(func(tx *bbolt.Tx) error { return forget(tx, now) }); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &File{db, path}, nil
}

func options() *bbolt.Options {
	return &bbolt.Options{Timeout: patience, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType}
}

// begin makes the file, whole or not at all.
func begin(path string) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	db, err := bbolt.Open(fresh, 0o600, options())
	if err != nil {
		return fmt.Errorf("%s: %w", fresh, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket(servers)
		if err != nil {
			return err
		}
		b, err := tx.CreateBucket(about)
		if err != nil {
			return err
		}
		return b.Put(about, format)
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}

func damaged(path string, cause error) error {
	return fmt.Errorf("%s: expected records that were written here, got a damaged or a foreign file (%w); it is left as it is: move it away to begin anew", path, cause)
}

// inspect reads the whole file before anything is written to it.
func inspect(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() == 0 { // bbolt would make it its own
		return damaged(path, io.ErrUnexpectedEOF)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: patience, ReadOnly: true})
	if errors.Is(err, bberrors.ErrTimeout) {
		return fmt.Errorf("%s: expected a file that nobody else has open; end the other server", path)
	}
	if err != nil {
		return damaged(path, err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(about)
		if b == nil || !bytes.Equal(b.Get(about), format) || tx.Bucket(servers) == nil {
			return fmt.Errorf("expected the mark %q", format)
		}
		all := tx.Bucket(servers)
		return all.ForEachBucket(func(name []byte) error {
			return all.Bucket(name).ForEach(func(key, value []byte) error {
				if _, data, err := unpack(value); err != nil || !json.Valid(data) || !bytes.Contains(key, []byte{0}) {
					return fmt.Errorf("a record under %q is of no use", key)
				}
				return nil
			})
		})
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return damaged(path, err)
	}
	return nil
}

// forget deletes what has expired, whosever it is: a server that is never started again keeps nothing.
func forget(tx *bbolt.Tx, now time.Time) error {
	all := tx.Bucket(servers)
	return all.ForEachBucket(func(name []byte) error {
		b := all.Bucket(name)
		var over [][]byte
		err := b.ForEach(func(key, value []byte) error {
			if at, _, err := unpack(value); err == nil && !at.IsZero() && at.Before(now) {
				over = append(over, key)
			}
			return nil
		})
		for _, key := range over {
			err = errors.Join(err, b.Delete(key))
		}
		return err
	})
}

// Close lets go of the file.
func (f *File) Close() error { return f.db.Close() }

// At is the keeper of one server, by its issuer identifier or whatever else tells it from others.
func (f *File) At(name string) *Keeper { return &Keeper{f, []byte(name)} }

// Keeper is the records of one server. It is an idp.Keeper.
type Keeper struct {
	file *File
	name []byte
}

// Keep writes all changes in one transaction, and returns when they are on the disk.
func (k *Keeper) Keep(changes []idp.Change) error {
	return k.file.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.Bucket(servers).CreateBucketIfNotExists(k.name)
		if err != nil {
			return err
		}
		for _, c := range changes {
			key := []byte(c.Kind + "\x00" + c.Key)
			if c.Value == nil {
				err = b.Delete(key)
			} else {
				err = b.Put(key, pack(c))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Kept shows every record.
func (k *Keeper) Kept(see func(idp.Change) error) error {
	return k.file.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(servers).Bucket(k.name)
		if b == nil {
			return nil
		}
		return b.ForEach(func(key, value []byte) error {
			kind, name, found := bytes.Cut(key, []byte{0})
			at, data, err := unpack(value)
			if !found || err != nil {
				return damaged(k.file.path, fmt.Errorf("a record under %q is of no use", key))
			}
			return see(idp.Change{Kind: string(kind), Key: string(name), Value: bytes.Clone(data), Expires: at})
		})
	})
}

// pack writes when a record expires, in Unix nanoseconds and 0 for never, and then what it says.
func pack(c idp.Change) []byte {
	at := int64(0)
	if !c.Expires.IsZero() {
		at = c.Expires.UnixNano()
	}
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(c.Value)), uint64(at)), c.Value...)
}

func unpack(value []byte) (time.Time, []byte, error) {
	if len(value) < 8 {
		return time.Time{}, nil, io.ErrUnexpectedEOF
	}
	at := int64(binary.BigEndian.Uint64(value))
	if at == 0 {
		return time.Time{}, value[8:], nil
	}
	return time.Unix(0, at), value[8:], nil
}
