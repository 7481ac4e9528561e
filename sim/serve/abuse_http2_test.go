package serve

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// raw2 is a connection that speaks HTTP/2 as badly as a test wants.
type raw2 struct {
	t    *testing.T
	conn *tls.Conn
	*http2.Framer
	ended chan error // what came of reading
	reset chan uint32
}

func dial2(t *testing.T, s *Server) *raw2 {
	t.Helper()
	address := strings.TrimPrefix(s.Origin(), "https://")
	conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: s.ca.pool, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	c := &raw2{t: t, conn: conn, Framer: http2.NewFramer(conn, conn), ended: make(chan error, 1), reset: make(chan uint32, 1<<16)}
	if err := c.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	go c.read()
	return c
}

func (c *raw2) read() {
	for {
		f, err := c.ReadFrame()
		if err != nil {
			c.ended <- err
			return
		}
		switch f := f.(type) {
		case *http2.RSTStreamFrame:
			c.reset <- f.StreamID
		case *http2.GoAwayFrame:
			c.ended <- errors.New("sent away: " + f.ErrCode.String())
			return
		}
	}
}

func head(method, authority, path string) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for _, f := range []hpack.HeaderField{
		{Name: ":method", Value: method}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: authority}, {Name: ":path", Value: path},
		{Name: "content-type", Value: "application/x-www-form-urlencoded"},
	} {
		_ = e.WriteField(f) // into a buffer
	}
	return b.Bytes()
}

// well checks that somebody else is served, at once, and that not much is held for the attacker.
func well(t *testing.T, s *Server, goroutines int) {
	t.Helper()
	began := time.Now()
	client := s.Client()
	defer client.CloseIdleConnections()
	resp, err := client.Get(s.Origin() + "/neighbour/jwks")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if took := time.Since(began); resp.StatusCode != http.StatusOK || took > 5*time.Second {
		t.Errorf("expected the neighbour to be served, got %d after %s", resp.StatusCode, took)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("expected at most %d goroutines, got %d", goroutines, n)
	}
}

// Streams that are opened and cancelled at once, by the ten thousand (CVE-2023-44487), are no more at a time than
// a connection may have.
func TestRapidReset(t *testing.T) {
	s := start(t, Config{HTTPPort: -1})
	c := dial2(t, s)
	block := head("POST", strings.TrimPrefix(s.Origin(), "https://"), "/victim/token")
	before := runtime.NumGoroutine()
	for n := range uint32(10_000) {
		err := c.WriteHeaders(http2.HeadersFrameParam{StreamID: 2*n + 1, BlockFragment: block, EndHeaders: true})
		if err == nil {
			err = c.WriteRSTStream(2*n+1, http2.ErrCodeCancel)
		}
		if err != nil {
			break // it has had enough
		}
		if n%1000 == 999 {
			well(t, s, before+2*maxStreams+50)
		}
	}
	well(t, s, before+2*maxStreams+50)
}

// Headers that never end (CVE-2023-45288) end the connection.
func TestContinuationFlood(t *testing.T) {
	s := start(t, Config{HTTPPort: -1})
	c := dial2(t, s)
	block := head("GET", strings.TrimPrefix(s.Origin(), "https://"), "/victim/jwks")
	if err := c.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block, EndStream: true}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for b.Len() < 15<<10 {
		_ = e.WriteField(hpack.HeaderField{Name: "x-filler", Value: strings.Repeat("x", 512), Sensitive: true})
	}
	sent := 0
	for ; sent < 64<<20; sent += b.Len() {
		if err := c.WriteContinuation(1, false, b.Bytes()); err != nil {
			break
		}
	}
	if sent >= 64<<20 {
		t.Errorf("expected to be stopped, and sent %d MiB", sent>>20)
	}
	select {
	case err := <-c.ended:
		t.Logf("stopped after %d KiB: %v", sent>>10, err)
	case <-time.After(10 * time.Second):
		t.Error("expected the connection to end")
	}
	well(t, s, 200)
}

// More streams than a connection may have are refused, and the rest of the world does not wait for those whose bodies
// never come.
func TestManyStreams(t *testing.T) {
	s := start(t, Config{HTTPPort: -1})
	c := dial2(t, s)
	block := head("POST", strings.TrimPrefix(s.Origin(), "https://"), "/victim/par")
	before := runtime.NumGoroutine()
	for n := range uint32(3 * maxStreams) {
		if err := c.WriteHeaders(http2.HeadersFrameParam{StreamID: 2*n + 1, BlockFragment: block, EndHeaders: true}); err != nil {
			break
		}
	}
	well(t, s, before+2*maxStreams+50)
	select {
	case <-c.reset:
	case <-c.ended:
	case <-time.After(10 * time.Second):
		t.Error("expected streams beyond the limit to be refused")
	}
}

// Bad frames are the end of a connection and of nothing else.
func TestBadFrames(t *testing.T) {
	s := start(t, Config{HTTPPort: -1})
	for name, send := range map[string]func(*raw2) error{
		"an even stream": func(c *raw2) error {
			return c.WriteRawFrame(http2.FrameHeaders, http2.FlagHeadersEndHeaders, 2, []byte{0x82})
		},
		"data before headers":   func(c *raw2) error { return c.WriteData(1, true, []byte("a=b")) },
		"settings of no size":   func(c *raw2) error { return c.WriteRawFrame(http2.FrameSettings, 0, 0, []byte{1, 2, 3}) },
		"a frame too large":     func(c *raw2) error { return c.WriteRawFrame(http2.FrameData, 0, 1, make([]byte, 1<<20)) },
		"a window of no growth": func(c *raw2) error { return c.WriteRawFrame(http2.FrameWindowUpdate, 0, 0, []byte{0, 0, 0, 0}) },
		"headers that are none": func(c *raw2) error {
			return c.WriteRawFrame(http2.FrameHeaders, http2.FlagHeadersEndHeaders, 1, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial2(t, s)
			if err := send(c); err != nil {
				return // it did not even listen to the end
			}
			select {
			case <-c.ended:
			case <-time.After(10 * time.Second):
				t.Error("expected the connection to end")
			}
		})
	}
	well(t, s, 200)
}

// A window that is never opened, and pings and settings without end, hold up nobody else.
func TestFloodOfPings(t *testing.T) {
	s := start(t, Config{HTTPPort: -1})
	c := dial2(t, s)
	for n := range 50_000 {
		err := c.WritePing(false, [8]byte{1})
		if n%3 == 0 {
			err = errors.Join(err, c.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}))
		}
		if err != nil {
			break
		}
	}
	well(t, s, 200)
}
