package store

import (
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"thiefbox/sim/lesson"
)

// bucketLessons holds how far the user has come in each lesson, by its name.
var bucketLessons = []byte("lessons")

// Lessons returns how far the user has come, by lesson.
func (s *Store) Lessons() (all map[string]lesson.Progress, err error) {
	all = map[string]lesson.Progress{}
	var broken error
	err = s.view(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketLessons)
		if b == nil {
			return nil
		}
		return b.ForEach(func(name, value []byte) error {
			var p lesson.Progress
			if err := json.Unmarshal(value, &p); err != nil {
				broken = fmt.Errorf("the progress of lesson %q: %w", name, err)
			}
			all[string(name)] = p
			return nil
		})
	})
	if err == nil && broken != nil {
		err = s.damaged(broken)
	}
	return all, err
}

// KeepLesson keeps how far the user has come in a lesson.
func (s *Store) KeepLesson(name string, p lesson.Progress) error {
	value, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing the progress of a lesson: %w", err)
	}
	return s.guarded(func() error {
		return s.explain(s.db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(bucketLessons)
			if err != nil {
				return err
			}
			return b.Put([]byte(name), value)
		}))
	})
}
