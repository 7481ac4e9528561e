package store

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"thiefbox/sim/worth"
)

// bucketWorth holds what sim/worth has found out: under the digest of a program, answers by what they
// depend on. Another program may decide otherwise, so only one has its answers kept.
var bucketWorth = []byte("worth")

// Answers returns what the program with a digest has found out under a key; nothing is no error.
func (s *Store) Answers(program, key string) (answers map[string][]worth.Answer, err error) {
	var packed []byte
	err = s.view(func(tx *bbolt.Tx) error {
		if b := tx.Bucket(bucketWorth); b != nil {
			if b = b.Bucket([]byte(program)); b != nil {
				packed = bytes.Clone(b.Get([]byte(key)))
			}
		}
		return nil
	})
	if err != nil || packed == nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		err = json.NewDecoder(z).Decode(&answers)
	}
	if err != nil {
		return nil, s.damaged(fmt.Errorf("what controls are worth: %w", err))
	}
	return answers, nil
}

// KeepAnswers keeps what a program has found out, and forgets what other programs have.
func (s *Store) KeepAnswers(program, key string, answers map[string][]worth.Answer) error {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(answers); err != nil {
		return fmt.Errorf("writing what controls are worth: %w", err)
	}
	if err := z.Close(); err != nil {
		return err
	}
	return s.guarded(func() error {
		return s.explain(s.db.Update(func(tx *bbolt.Tx) error {
			all, err := tx.CreateBucketIfNotExists(bucketWorth)
			if err != nil {
				return err
			}
			if err := forgetOthers(all, program); err != nil {
				return err
			}
			own, err := all.CreateBucketIfNotExists([]byte(program))
			if err != nil {
				return err
			}
			return own.Put([]byte(key), b.Bytes())
		}))
	})
}

func forgetOthers(all *bbolt.Bucket, program string) error {
	var others [][]byte
	_ = all.ForEachBucket(func(name []byte) error {
		if string(name) != program {
			others = append(others, bytes.Clone(name))
		}
		return nil
	})
	for _, name := range others {
		if err := all.DeleteBucket(name); err != nil {
			return err
		}
	}
	return nil
}
