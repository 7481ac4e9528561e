package network

import (
	"io"
	"net"
	"net/http"
	"testing"

	"thiefbox/sim/clock"
	"thiefbox/sim/event"
)

// An actor sends from an address of its own until it is moved or shares another's; a server sees which.
func TestAddressesMoveAndAreShared(t *testing.T) {
	c := clock.Virtual(clock.Epoch)
	n := New(Config{Log: event.NewLog(c.Now), Clock: c})
	n.Serve("a.test", "a", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		_, _ = io.WriteString(w, host)
	}))
	seen := func(actor string) string {
		resp, err := n.Client(actor).Get("https://a.test/")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	first := seen("x")
	n.Share("y", "x")
	if n.Address("x") != first || seen("y") != first || seen("z") == first {
		t.Errorf("expected x and y at %s and z elsewhere, got %s, %s, %s", first, n.Address("x"), seen("y"), seen("z"))
	}
	moved := n.Move("x")
	if moved == first || seen("x") != moved || seen("y") != first {
		t.Errorf("expected x to have moved from %s and y not, got %s, %s, %s", first, moved, seen("x"), seen("y"))
	}
	for range 300 { // there are 254, and then one stays
		moved = n.Move("x")
	}
	if seen("x") != moved {
		t.Error("an actor who finds no other address lost his own")
	}
}
