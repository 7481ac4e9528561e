package fhirmock

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/control"
)

// longLived makes the token outlive any replay, so that only memories can refuse it.
func (t *try) longLived() *try {
	t.claims.Expires = t.w.clock.Now().Add(time.Hour).Unix()
	return t
}

// sendTo sends the same request, which has no body, once more.
func (w *world) sendTo(api *API, r *http.Request) int {
	w.forget()
	return w.send(api, r.Clone(r.Context())).Code
}

// peel replays under fewer and fewer controls and checks who refuses each time. The last is nobody.
func peel(t *testing.T, layers []*control.Control, replay func(*world) int) {
	t.Helper()
	off := []*control.Control{}
	for i := 0; ; i++ {
		w := newWorld(t, strictest(t).Without(off...))
		status := replay(w)
		if i == len(layers) {
			if status != 200 {
				t.Fatalf("without %v: expected the replay to succeed, got %d by %s", off, status, w.refusedBy())
			}
			return
		}
		if by := w.refusedBy(); status != 401 || by != layers[i].ID {
			t.Fatalf("without %v: expected 401 by %s, got %d by %q", off, layers[i], status, by)
		}
		off = append(off, layers[i])
	}
}

// D-04: the exact request again, at once.
func TestReplayAtOnce(t *testing.T) {
	peel(t, []*control.Control{control.RSDPoPJTI, control.RSDPoPJTISpelling, control.RSDPoPJTIWindow, control.RSDPoPJTIShared}, func(w *world) int {
		r := w.honest("GET", "/Patient/p01").request()
		if got := w.sendTo(w.a, r); got != 200 {
			t.Fatalf("honest request: %d", got)
		}
		return w.sendTo(w.a, r)
	})
}

// D-08: the same address in capital letters.
func TestReplaySpelledOtherwise(t *testing.T) {
	peel(t, []*control.Control{control.RSDPoPJTISpelling, control.RSDPoPJTIWindow, control.RSDPoPJTIShared}, func(w *world) int {
		r := w.honest("GET", "/Patient/p01").request()
		if got := w.sendTo(w.a, r); got != 200 {
			t.Fatalf("honest request: %d", got)
		}
		r.Host = strings.ToUpper(r.Host)
		return w.sendTo(w.a, r)
	})
}

// D-06: the exact request, at the other node.
func TestReplayAtTheOtherNode(t *testing.T) {
	peel(t, []*control.Control{control.RSDPoPJTIShared}, func(w *world) int {
		r := w.honest("GET", "/Patient/p01").request()
		if got := w.sendTo(w.a, r); got != 200 {
			t.Fatalf("honest request: %d", got)
		}
		return w.sendTo(w.b, r)
	})
}

// D-07: the client's clock is ten seconds fast, and the thief waits until a memory of a minute is over.
func TestReplayAfterAMinute(t *testing.T) {
	for _, wait := range []time.Duration{60 * time.Second, 61 * time.Second, 69 * time.Second, 70 * time.Second} {
		t.Run(wait.String(), func(t *testing.T) {
			peel(t, []*control.Control{control.RSDPoPJTIWindow, control.RSDPoPJTIShared}, func(w *world) int {
				try := w.honest("GET", "/Patient/p01").longLived()
				try.proof.IAT += 10
				r := try.request()
				if got := w.sendTo(w.a, r); got != 200 {
					t.Fatalf("honest request: %d", got)
				}
				w.clock.Advance(wait)
				return w.sendTo(w.a, r)
			})
		})
	}
}

// Whatever the skew and the delay, a proof that served once never serves twice.
func TestNoProofServesTwice(t *testing.T) {
	for _, off := range [][]*control.Control{nil, {control.RSDPoPJTI}, {control.RSDPoPJTIWindow}, {control.RSDPoPJTIShared}, {control.RSDPoPJTI, control.RSDPoPJTIShared}} {
		p := strictest(t).Without(off...)
		for _, skew := range []int64{-60, -30, -1, 0, 1, 9, 10} {
			for _, seconds := range []int{0, 1, 30, 59, 60, 61, 69, 70, 71} {
				delay := time.Duration(seconds) * time.Second
				w := newWorld(t, p)
				try := w.honest("GET", "/Patient/p01").longLived()
				try.proof.IAT += skew
				r := try.request()
				if got := w.sendTo(w.a, r); got != 200 {
					t.Fatalf("skew %d: honest request: %d", skew, got)
				}
				w.clock.Advance(delay)
				if got := w.sendTo(w.a, r); got != 401 {
					t.Fatalf("without %v, skew %d, delay %s: expected 401, got %d", off, skew, delay, got)
				}
			}
		}
	}
}

// Many at once, at both nodes: one gets through.
func TestSimultaneousReplay(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSRate))
	for round := range 5 {
		r := w.honest("GET", "/Patient/p01").request()
		var served atomic.Int32
		var wg sync.WaitGroup
		for i := range 32 {
			wg.Go(func() {
				api := w.a
				if i%2 == 1 {
					api = w.b
				}
				if w.send(api, r.Clone(r.Context())).Code == 200 {
					served.Add(1)
				}
			})
		}
		wg.Wait()
		if n := served.Load(); n != 1 {
			t.Fatalf("round %d: expected one to be served, got %d", round, n)
		}
	}
}

// A request that is refused for another reason has used nothing up.
func TestRefusedRequestBurnsNothing(t *testing.T) {
	for name, spoil := range map[string]func(w *world) (mend func()){
		"no introspection": func(w *world) func() { w.as.down = true; return func() { w.as.down = false } },
		"not entitled": func(w *world) func() {
			berg := w.a.Callers["berg"]
			delete(w.a.Callers, "berg")
			return func() { w.a.Callers["berg"] = berg }
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, strictest(t))
			r := w.honest("GET", "/Patient/p01").request()
			mend := spoil(w)
			if got := w.sendTo(w.a, r); got == 200 {
				t.Fatal("expected a refusal")
			}
			mend()
			if got := w.sendTo(w.a, r); got != 200 {
				t.Fatalf("expected the proof to be fresh still, got %d by %s", got, w.refusedBy())
			}
		})
	}
}

// Two clients may choose the same jti.
func TestProofIsRememberedByKeyAndJTI(t *testing.T) {
	var m ReplayMemory
	now := clock.Epoch
	if m.use("key-1", "x", now, now.Add(time.Minute)) != first || m.use("key-2", "x", now, now.Add(time.Minute)) != first {
		t.Error("expected the jti of one key to be free for another")
	}
	if m.use("key-1", "x", now, now.Add(time.Minute)) != seen {
		t.Error("expected the second use to be seen")
	}
	if m.use("key-1", "x", now.Add(time.Minute), now.Add(2*time.Minute)) != first {
		t.Error("expected it to be forgotten when its time is over")
	}
}

func TestReplayMemoryIsBounded(t *testing.T) {
	m := ReplayMemory{most: 3}
	now := clock.Epoch
	for i := range 3 {
		if m.use("k", fmt.Sprint(i), now, now.Add(time.Minute)) != first {
			t.Fatal("expected room for three")
		}
	}
	if m.use("k", "one more", now, now.Add(time.Minute)) != full {
		t.Error("expected a full memory to let nothing new through")
	}
	if m.use("k", "1", now, now.Add(time.Minute)) != seen {
		t.Error("expected a full memory to remember what it has")
	}
	now = now.Add(2 * time.Minute)
	if m.use("k", "one more", now, now.Add(time.Minute)) != first || m.size != 1 {
		t.Errorf("expected time to make room, size is %d", m.size)
	}
}

// 200,000 proofs at 1,000 a second: what stays is those of the last minute and a half.
func TestReplayMemoryForgets(t *testing.T) {
	var m ReplayMemory
	now := clock.Epoch
	most := 0
	for i := range 200_000 {
		now = now.Add(time.Millisecond)
		if m.use("k", fmt.Sprint(i), now, now.Add(70*time.Second)) != first {
			t.Fatal("expected every proof to be new")
		}
		most = max(most, m.size)
	}
	if most > 101_000 || len(m.slots) > 4 {
		t.Errorf("expected at most 100 s worth of proofs in four slots, got %d in %d", most, len(m.slots))
	}
}

func TestFullMemoryRefuses(t *testing.T) {
	w := newWorld(t, strictest(t))
	w.a.Shared.most = 1
	if got := w.sendTo(w.a, w.honest("GET", "/Patient/p01").request()); got != 200 {
		t.Fatalf("first: %d", got)
	}
	if got := w.sendTo(w.a, w.honest("GET", "/Patient/p01").request()); got != 401 || w.refusedBy() != control.RSDPoPJTIShared.ID {
		t.Errorf("expected a full memory to refuse, got %d by %q", got, w.refusedBy())
	}
}

func FuzzReplayMemory(f *testing.F) {
	f.Add([]byte{0, 5, 1, 7, 0, 0})
	f.Fuzz(func(t *testing.T, moves []byte) {
		var m ReplayMemory
		until := map[string]time.Time{} // what a memory without slots would hold
		now := clock.Epoch
		for i := 0; i+1 < len(moves); i += 2 {
			jti := fmt.Sprint(moves[i] % 8)
			now = now.Add(time.Duration(moves[i+1]) * time.Second / 4)
			end := now.Add(time.Duration(moves[i]) * time.Second / 2)
			want := first
			if now.Before(until[jti]) {
				want = seen
			} else {
				until[jti] = end
			}
			if got := m.use("k", jti, now, end); got != want {
				t.Fatalf("step %d: expected %d, got %d", i, want, got)
			}
		}
	})
}
