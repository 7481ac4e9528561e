package serve

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// wire is a connection that is kept alive and costs as little as it can: what is measured is the server.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
}

// dial connects, over TLS if pool is not nil.
func dial(b *testing.B, address string, pool *x509.CertPool) *wire {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	if err == nil && pool != nil {
		secure := tls.Client(conn, &tls.Config{RootCAs: pool, ServerName: "localhost"})
		conn, err = secure, secure.Handshake()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return &wire{conn, bufio.NewReaderSize(conn, 16<<10)}
}

// exchange sends a request, written beforehand, and reads past the answer.
func (w *wire) exchange(request []byte) (status int, err error) {
	if _, err := w.conn.Write(request); err != nil {
		return 0, err
	}
	line, err := w.in.ReadSlice('\n')
	if err != nil || len(line) < 12 {
		return 0, fmt.Errorf("expected a status line, got %q, %v", line, err)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length := -1
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, err
			}
		}
	}
	if length >= 0 {
		_, err = w.in.Discard(length)
		return status, err
	}
	return status, w.discardChunks()
}

func (w *wire) discardChunks() error {
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, w.in, n+2); err != nil || n == 0 {
			return err
		}
	}
}

// crowd is some callers, each with its connection, and how long each answer took.
type crowd struct {
	wires []*wire
	took  [][]time.Duration
	whole time.Duration
}

func newCrowd(b *testing.B, callers int, address string, pool *x509.CertPool) *crowd {
	c := &crowd{took: make([][]time.Duration, callers)}
	for range callers {
		c.wires = append(c.wires, dial(b, address, pool))
	}
	return c
}

// send has the callers send all requests between them, as fast as they are answered.
func (c *crowd) send(requests [][]byte, expected int) (time.Duration, error) {
	var all sync.WaitGroup
	errs := make([]error, len(c.wires))
	start := time.Now()
	for n, w := range c.wires {
		all.Go(func() {
			for i := n; i < len(requests); i += len(c.wires) {
				sent := time.Now()
				status, err := w.exchange(requests[i])
				if err != nil || status != expected {
					errs[n] = fmt.Errorf("expected %d, got %d, %v", expected, status, err)
					return
				}
				c.took[n] = append(c.took[n], time.Since(sent))
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	c.whole += took
	for _, err := range errs {
		if err != nil {
			return took, err
		}
	}
	return took, nil
}

// percentiles are how long the answers took, in microseconds: the twentieth part that came soonest, half, nearly all.
func (c *crowd) percentiles() (p05, p50, p99 float64) {
	took := slices.Concat(c.took...)
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Nanoseconds()) / 1000
	}
	return at(0.05), at(0.5), at(0.99)
}
