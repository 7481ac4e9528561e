package keep

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// Exports that were asked for stand in a bucket of their own, by number: each is there whole or not at all, and one that
// was deleted, or is over, is gone.

var exports = []byte("exports")

// KeepExport keeps an export and forgets those that are over, and returns when that is on the disk.
func (f *File) KeepExport(id string, text []byte, over []string) (err error) {
	defer whole(f.path, &err)()
	return f.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(exports)
		for _, id := range over {
			if err := b.Delete([]byte(id)); err != nil {
				return err
			}
		}
		return b.Put([]byte(id), text)
	})
}

// DropExport forgets an export, and returns when that is on the disk.
func (f *File) DropExport(id string) (err error) {
	defer whole(f.path, &err)()
	return f.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(exports).Delete([]byte(id)) })
}

// KeptExports calls see with every export that is kept.
func (f *File) KeptExports(see func(id string, text []byte) error) error {
	return f.read(func(tx *bbolt.Tx) error {
		return tx.Bucket(exports).ForEach(func(id, text []byte) error { return see(string(id), bytes.Clone(text)) })
	})
}
