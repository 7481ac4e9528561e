package keep

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// Whose subscriptions are stands in a bucket of its own, by id. What they ask for is a record like any other.

var subscriptions = []byte("subscriptions")

// KeepSubscription keeps whose a subscription is, and returns when that is on the disk.
func (f *File) KeepSubscription(id string, text []byte) (err error) {
	defer whole(f.path, &err)()
	return f.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(subscriptions).Put([]byte(id), text) })
}

// KeptSubscriptions calls see with all that are kept, in the order of their ids.
func (f *File) KeptSubscriptions(see func(id string, text []byte) error) error {
	return f.read(func(tx *bbolt.Tx) error {
		return tx.Bucket(subscriptions).ForEach(func(id, text []byte) error { return see(string(id), bytes.Clone(text)) })
	})
}
