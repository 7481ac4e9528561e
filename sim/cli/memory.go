package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// How the memory of a server grows. main lets it grow to five times what is in use before garbage is collected, which
// suits worlds that live for a moment. A server fills its stores, at most some 40 MiB for an issuer, and goes on for
// days: while little is in use it may do the same, and then it keeps to roomyHeap as long as twice what is in use
// fits.
const (
	roomyHeap = 64 << 20
	mostSpace = 400 // percent of what is in use
	lessSpace = 100
)

// thrift looks after each collection how much is in use, and says when the next one is due.
type thrift struct {
	mu   sync.Mutex
	over bool
	was  int // before, and after
	now  int
}

// beThrifty begins; the function it returns ends it.
func beThrifty() func() {
	t := &thrift{was: debug.SetGCPercent(mostSpace), now: mostSpace}
	t.await()
	return t.end
}

// await is called back by the next collection, which finds that nobody uses what is made here.
func (t *thrift) await() {
	type unused struct{ _ [4]*thrift } // not so small that it shares its place
	runtime.AddCleanup(&unused{}, (*thrift).look, t)
}

func (t *thrift) look() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	in := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(in)
	if next := space(in[0].Value.Uint64()); next != t.now {
		debug.SetGCPercent(next)
		t.now = next
	}
	t.await()
}

func (t *thrift) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	debug.SetGCPercent(t.was)
}

// space is how much memory may be garbage, in percent of what is in use. It goes by steps, since to change it stops the
// program for a moment.
func space(inUse uint64) int {
	const step = 25
	if inUse == 0 {
		return mostSpace
	}
	room := (float64(roomyHeap) - float64(inUse)) / float64(inUse) * 100
	return max(lessSpace, min(mostSpace, int(room)/step*step))
}
