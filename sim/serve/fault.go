package serve

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"thiefbox/sim/dice"
	"thiefbox/sim/event"
)

// Faults that a test asks for: the next call to a path is answered with an error, late, or not at all.
// Each tells the log when it strikes, so that nobody looks for it in the client.

// Fault is one error or delay, queued for the next matching call.
type Fault struct {
	// Path below the issuer that it waits at; empty for any.
	Path string `json:"path,omitempty"`
	// Status and Code are what to answer instead of what the server would; 0 lets it answer. RetryAfter
	// goes with it.
	Status     int      `json:"status,omitempty"`
	Code       string   `json:"error,omitempty"`
	RetryAfter Duration `json:"retry_after,omitempty"`
	// Delay comes before the answer, at most 20 s.
	Delay Duration `json:"delay,omitempty"`
	// Drop breaks the connection off without an answer.
	Drop bool `json:"drop,omitempty"`
	// Times is how many calls it strikes; 0 for one.
	Times int `json:"times,omitempty"`
}

const (
	maxDelay  = 20 * time.Second // the connection's own limit is not far
	maxQueued = 100
)

// faults are what is asked for at an issuer. The zero value is none.
type faults struct {
	mu      sync.Mutex
	queue   []Fault
	awkward map[string]float64 // share of the matching calls, by name
	seed    uint64
	dice    *dice.Dice
	rotated time.Time     // when the signing key was last replaced
	shifted time.Duration // how far the clock was put ahead
}

func (f Fault) check() error {
	switch {
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("expected status to be from 400 to 599, got %d", f.Status)
	case f.Delay < 0 || time.Duration(f.Delay) > maxDelay:
		return fmt.Errorf("expected delay to be at most %s, got %s", maxDelay, time.Duration(f.Delay))
	case f.RetryAfter < 0 || f.Times < 0:
		return fmt.Errorf("expected retry_after and times to be positive")
	case f.Status == 0 && f.Delay == 0 && !f.Drop:
		return fmt.Errorf("expected status, delay or drop: a fault that does nothing is none")
	}
	return nil
}

// Queue adds a fault for a coming call.
func (i *Issuer) Queue(f Fault) error {
	if err := f.check(); err != nil {
		return err
	}
	f.Times = max(1, f.Times)
	q := &i.tenant.faults
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) >= maxQueued {
		return fmt.Errorf("expected at most %d faults in the queue; DELETE %s empties it", maxQueued, pathFaults)
	}
	q.queue = append(q.queue, f)
	return nil
}

// next takes the fault that waits at a path, if there is one.
func (q *faults) next(path string) (Fault, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for n := range q.queue {
		f := q.queue[n]
		if f.Path != "" && f.Path != path {
			continue
		}
		if q.queue[n].Times--; q.queue[n].Times == 0 {
			q.queue = append(q.queue[:n], q.queue[n+1:]...)
		}
		return f, true
	}
	return Fault{}, false
}

func (q *faults) none() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.queue) == 0 && len(q.awkward) == 0
}

// spoilt returns the handler with the faults that are asked for before and behind it.
func (i *Issuer) spoilt(h http.Handler, to, path string) http.Handler {
	if i.tenant.faults.none() {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions { // a browser's question before the call that it is about
			h.ServeHTTP(w, r)
			return
		}
		if f, ok := i.tenant.faults.next(path); ok && i.strike(w, r, path, f) {
			return
		}
		i.awkwardly(w, r, h, to, path)
	})
}

// strike lets a fault happen, and tells whether the call is answered.
func (i *Issuer) strike(w http.ResponseWriter, r *http.Request, path string, f Fault) bool {
	if f.Delay > 0 {
		i.struck(r.Context(), "delay", "the answer waits for "+time.Duration(f.Delay).String())
		wait(r.Context(), time.Duration(f.Delay))
	}
	switch {
	case f.Drop:
		i.struck(r.Context(), "drop", "the connection is broken off")
		hangUp(w)
	case f.Status != 0:
		i.struck(r.Context(), "error", fmt.Sprintf("the answer is %d %s, whatever came", f.Status, f.Code))
		readable(w, r, path)
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(time.Duration(f.RetryAfter).Seconds())))
		}
		answerJSON(w, f.Status, map[string]string{"error": firstOf(f.Code, http.StatusText(f.Status))})
	default:
		return false
	}
	return true
}

// readable lets pages of other origins read an answer that the server itself did not give, where they could read its own.
func readable(w http.ResponseWriter, r *http.Request, path string) {
	if r.Header.Get("Origin") != "" && (backChannel(path) || isAPI(path)) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After, x-fapi-interaction-id")
	}
}

// wait ends early when the caller has gone.
func wait(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

// hangUp closes the connection under an answer that was not begun. HTTP/2 resets the stream.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.Close() // that is all there is to it
}

func (i *Issuer) struck(ctx context.Context, fault, text string) {
	i.tenant.journal.tell(ctx, event.Struck{Fault: fault, Text: text})
}

func (i *Issuer) serveFaults(w http.ResponseWriter, _ *http.Request) {
	q := &i.tenant.faults
	q.mu.Lock()
	queue := append([]Fault{}, q.queue...)
	q.mu.Unlock()
	answerJSON(w, http.StatusOK, queue)
}

func (i *Issuer) queueFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	err := readJSON(w, r, &f)
	if err == nil {
		err = i.Queue(f)
	}
	if err != nil {
		badInput(w, err)
		return
	}
	i.serveFaults(w, r)
}

func (i *Issuer) clearFaults(w http.ResponseWriter, r *http.Request) {
	q := &i.tenant.faults
	q.mu.Lock()
	q.queue = nil
	q.mu.Unlock()
	i.serveFaults(w, r)
}
