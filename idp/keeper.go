package idp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"thiefbox/sim/event"
)

// A server with a Keeper survives its process. Whatever changes goes into a ledger, and before an answer
// leaves, everything that it may rest on is kept: whoever was answered finds it all again. Requests that come
// together share a write. What a person does between two pages is not kept: she begins again.

// Keeper keeps records for one server. idp/keep has one that writes a file.
type Keeper interface {
	// Keep makes all changes, or none, and returns when they would survive the process.
	Keep(changes []Change) error
	// Kept shows every record that there is, in no particular order.
	Kept(see func(Change) error) error
}

// Change is a record to write, or to delete if it has no Value.
type Change struct {
	Kind, Key string
	Value     []byte
	Expires   time.Time // zero for never
}

// ledger is what has changed and is not kept yet. A nil ledger keeps nothing.
type ledger struct {
	keeper Keeper

	mu      sync.Mutex
	written *sync.Cond
	pending map[entry]func() Change
	last    uint64 // number of the latest change
	urgent  uint64 // of the latest that an answer has to wait for; deletions after expiry wait for the next
	done    uint64 // of the latest that is kept
	writing bool
	quiet   bool // what is being read back is kept already
}

type entry struct{ kind, key string }

func newLedger(k Keeper) *ledger {
	l := &ledger{keeper: k, pending: map[entry]func() Change{}}
	l.written = sync.NewCond(&l.mu)
	return l
}

// put has a record written, as it is when that comes to pass.
func (l *ledger) put(kind, key string, expires time.Time, value func() any) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.putLocked(kind, key, expires, value)
}

func (l *ledger) putLocked(kind, key string, expires time.Time, value func() any) {
	if l.quiet {
		return
	}
	l.last++
	l.urgent = l.last
	l.pending[entry{kind, key}] = func() Change {
		data, err := json.Marshal(value())
		if err != nil {
			panic("idp: a record of our own types does not marshal: " + err.Error())
		}
		return Change{kind, key, data, expires}
	}
}

// drop has a record deleted. urgent: somebody was told that it is gone.
func (l *ledger) dropLocked(kind, key string, urgent bool) {
	l.last++
	if urgent {
		l.urgent = l.last
	}
	l.pending[entry{kind, key}] = func() Change { return Change{Kind: kind, Key: key} }
}

// settle returns once everything that had changed when it was called is kept. The first to come writes for all
// who wait.
func (l *ledger) settle() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for want := l.urgent; l.done < want; {
		if l.writing {
			l.written.Wait()
			continue
		}
		if err := l.write(); err != nil {
			return err
		}
	}
	return nil
}

// write keeps what is pending. It is called with the lock held, and lets go of it meanwhile.
func (l *ledger) write() error {
	batch, upTo := l.pending, l.last
	l.pending, l.writing = map[entry]func() Change{}, true
	l.mu.Unlock()
	changes := make([]Change, 0, len(batch))
	for _, change := range batch {
		changes = append(changes, change())
	}
	err := l.keeper.Keep(changes)
	l.mu.Lock()
	l.writing = false
	l.written.Broadcast()
	if err == nil {
		l.done = upTo
		return nil
	}
	for at, change := range batch { // for whoever comes next
		if _, newer := l.pending[at]; !newer {
			l.pending[at] = change
		}
	}
	return fmt.Errorf("keeping what has changed: %w", err)
}

// slot is the place of a value in the ledger.
type slot struct {
	l         *ledger
	kind, key string
	expires   time.Time
	value     func() any
	gone      bool // under the ledger's lock: what comes late must not bring it back
}

func (s *slot) put() {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	if !s.gone {
		s.l.putLocked(s.kind, s.key, s.expires, s.value)
	}
}

// remembered is for values that change after they were added to a store.
type remembered struct{ slot atomic.Pointer[slot] }

func (r *remembered) changed() {
	if s := r.slot.Load(); s != nil {
		s.put()
	}
}

// watch keeps what a store holds. place is where a value that changes has its slot; nil for one that does not.
func watch[V any](l *ledger, st *store[V], kind string, place func(V) *remembered, record func(V) any) {
	st.watch = func(key digest, v V, expires time.Time, gone, urgent bool) {
		var r *remembered
		if place != nil {
			r = place(v)
		}
		if gone {
			l.mu.Lock()
			defer l.mu.Unlock()
			if r != nil && r.slot.Load() != nil {
				r.slot.Load().gone = true
			}
			l.dropLocked(kind, string(key[:]), urgent)
			return
		}
		s := &slot{l: l, kind: kind, key: string(key[:]), expires: expires, value: func() any { return record(v) }}
		if r != nil {
			r.slot.Store(s)
		}
		s.put()
	}
}

// settling holds an answer back until what it rests on is kept.
type settling struct {
	http.ResponseWriter
	s      *Server
	r      *http.Request
	begun  bool
	failed bool
}

func (w *settling) WriteHeader(status int) {
	if w.begun {
		return
	}
	w.begun = true
	if err := w.s.ledger.settle(); err != nil {
		w.failed = true
		clear(w.Header())
		w.s.party.Tell(w.r.Context(), event.Refused{Party: w.s.party.Name, Status: http.StatusServiceUnavailable, Code: "temporarily_unavailable", Detail: err.Error()})
		writeJSON(w.ResponseWriter, http.StatusServiceUnavailable, map[string]string{"error": "temporarily_unavailable", "error_description": "nothing can be kept at present"})
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

var errNotKept = errors.New("the answer was withheld, since what it rests on could not be kept")

func (w *settling) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.failed {
		return 0, errNotKept
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *settling) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// settle is for what operators do, who hear of a failure in the log.
func (s *Server) settle(ctx context.Context) {
	if err := s.ledger.settle(); err != nil {
		s.party.Tell(ctx, event.Refused{Party: s.party.Name, Status: http.StatusServiceUnavailable, Code: "temporarily_unavailable", Detail: err.Error()})
	}
}

// Settle keeps what has changed and no answer waited for. It is for the end.
func (s *Server) Settle() error {
	if s.ledger == nil {
		return nil
	}
	s.ledger.mu.Lock()
	s.ledger.urgent = s.ledger.last
	s.ledger.mu.Unlock()
	return s.ledger.settle()
}
