package network

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

var errClosed = errors.New("the network is closed")

// LostError says that a tap held the request back: it never arrived.
type LostError struct {
	Exchange int
	To       string // actor
}

func (e *LostError) Error() string {
	return fmt.Sprintf("no answer from %s: the request (exchange %d) never arrived", e.To, e.Exchange)
}

// DroppedError says that the server dropped the connection instead of answering. Why is in the log.
type DroppedError struct {
	Exchange int
	To       string // actor
}

func (e *DroppedError) Error() string {
	return fmt.Sprintf("%s dropped the connection without a whole answer (exchange %d)", e.To, e.Exchange)
}

// Unwrap returns io.ErrUnexpectedEOF, which is what a broken connection looks like.
func (e *DroppedError) Unwrap() error { return io.ErrUnexpectedEOF }

// unreachable is the error for an origin nobody serves: an unknown name, or a port nobody listens on.
// The caller holds n.mu.
func (n *Network) unreachable(o origin) error {
	for known := range n.sites {
		if known.name() == o.name() {
			refused := os.NewSyscallError("connect", syscall.ECONNREFUSED)
			return fmt.Errorf("dialing %s: %w", o, &net.OpError{Op: "dial", Net: "tcp", Err: refused})
		}
	}
	dns := &net.DNSError{Err: "no such host", Name: o.name(), IsNotFound: true}
	return &net.OpError{Op: "dial", Net: "tcp", Err: dns}
}
