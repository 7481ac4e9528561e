package store

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// What can be wrong with a history, or with a question to it. Compare with errors.Is.
var (
	ErrLocked    = errors.New("the history is in use by another program")
	ErrDamaged   = errors.New("the history is damaged")
	ErrForeign   = errors.New("this file is not a history of thiefbox")
	ErrNewer     = errors.New("the history was written by a newer thiefbox")
	ErrUnknown   = errors.New("no such run in the history")
	ErrAmbiguous = errors.New("more than one run begins like that")
)

func (s *Store) damaged(why error) error { return damagedFile(s.path, why) }

func damagedFile(path string, why error) error {
	return fmt.Errorf("%w (%w): %s has been left as it is; move it away to begin a new one, or use another --data directory", ErrDamaged, why, path)
}

func foreignFile(path, why string) error {
	return fmt.Errorf("%w (%s): %s has been left as it is; use another --data directory", ErrForeign, why, path)
}

// guarded runs something that reads pages of the file. bbolt trusts them: a damaged page makes it
// panic, and one beyond the end of a file that was cut short is a memory fault. Both become ErrDamaged.
func (s *Store) guarded(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = s.damaged(fmt.Errorf("%v", p))
		}
	}()
	return do()
}
