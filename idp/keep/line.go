package keep

import (
	"sync"
	"time"

	"thiefbox/idp"
)

// Line is for what is kept for a short while, by many at a time. Who comes while a write is on its way waits for
// the next, which is for all who came meanwhile; and each write deletes what has expired by then.
type Line struct {
	k *Keeper

	mu      sync.Mutex
	written *sync.Cond
	waiting *batch
	writing bool
	there   []idp.Change // what is in the file, about in the order of expiry
}

type batch struct {
	changes []idp.Change
	kept    bool // or err
	err     error
}

// InLine returns a line for a keeper.
func (k *Keeper) InLine() *Line {
	l := &Line{k: k}
	l.written = sync.NewCond(&l.mu)
	return l
}

// Kept shows what is there.
func (l *Line) Kept(see func(idp.Change) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.there = nil
	return l.k.Kept(func(c idp.Change) error {
		l.there = append(l.there, idp.Change{Kind: c.Kind, Key: c.Key, Expires: c.Expires})
		return see(c)
	})
}

// Keep returns when the change is on the disk.
func (l *Line) Keep(c idp.Change, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting == nil {
		l.waiting = &batch{}
	}
	mine := l.waiting
	mine.changes = append(mine.changes, c)
	l.there = append(l.there, idp.Change{Kind: c.Kind, Key: c.Key, Expires: c.Expires})
	for !mine.kept && mine.err == nil {
		if l.writing {
			l.written.Wait()
		} else {
			l.write(now)
		}
	}
	return mine.err
}

// write is called with the lock held, and lets go of it meanwhile.
func (l *Line) write(now time.Time) {
	b := l.waiting
	l.waiting, l.writing = nil, true
	gone := 0
	for gone < len(l.there) && l.there[gone].Expires.Before(now) {
		gone++
	}
	changes := append(append([]idp.Change{}, l.there[:gone]...), b.changes...)
	l.there = l.there[gone:]
	l.mu.Unlock()
	err := l.k.Keep(changes)
	l.mu.Lock()
	b.kept, b.err = err == nil, err
	l.writing = false
	l.written.Broadcast()
}
