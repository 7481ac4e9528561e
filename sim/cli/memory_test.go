package cli

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestSpace(t *testing.T) {
	for inUse, want := range map[uint64]int{
		0: mostSpace, 1 << 20: mostSpace, 12 << 20: mostSpace, 20 << 20: 200, 30 << 20: 100, 60 << 20: lessSpace, 64 << 20: lessSpace, 4 << 30: lessSpace,
	} {
		if got := space(inUse); got != want {
			t.Errorf("%d MiB in use: expected %d %%, got %d", inUse>>20, want, got)
		}
	}
}

// What is in use says when the next collection is due, and the end leaves things as they were.
func TestThrift(t *testing.T) {
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	end := beThrifty()
	large := make([]byte, 200<<20)
	got := 0
	for range 100 { // a cleanup comes when it comes
		runtime.GC()
		runtime.Gosched()
		if got = debug.SetGCPercent(mostSpace); got == lessSpace {
			break
		}
		debug.SetGCPercent(got)
	}
	runtime.KeepAlive(large)
	if got != lessSpace {
		t.Errorf("expected less space for garbage with 200 MiB in use, got %d %%", got)
	}
	end()
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("expected it to be as before, got %d", got)
	}
}
