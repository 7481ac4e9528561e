package network

import (
	"fmt"
	"net/http"
	"path"
	"runtime"
	"strings"

	"thiefbox/sim/event"
)

// serve lets the handler answer and returns the whole answer, or nil if there is none to send: then the
// reason has been told, and the connection is to be dropped. Both wires serve through here.
func (n *Network) serve(x *exchange, in *http.Request) (rec *recorder) {
	rec = x.rec.begin(in.Method == http.MethodHead, x.to.lent)
	defer func() {
		if p := recover(); p != nil {
			n.drop(x, panicked(p))
			rec = nil
		}
	}()
	x.to.handler.ServeHTTP(rec, in)
	if err := rec.finish(&n.dates); err != nil {
		n.drop(x, err.Error())
		return nil
	}
	return rec
}

func (n *Network) drop(x *exchange, why string) {
	n.log.Tell(x.ctx, event.Refused{Party: x.to.actor, Status: http.StatusInternalServerError, Code: "server_error", Detail: why})
	x.dropped.Store(true)
}

// panicked describes a handler's panic by value and place. It names files without their directories, which
// differ from machine to machine.
func panicked(p any) string {
	if p == http.ErrAbortHandler {
		return "the handler aborted its answer"
	}
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("the handler panicked: %v, in %s (%s:%d)", p, path.Base(f.Function), path.Base(f.File), f.Line)
		}
		if !more {
			return fmt.Sprintf("the handler panicked: %v", p)
		}
	}
}
