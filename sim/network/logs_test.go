package network

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/event"
)

// TestLogsAreEqual plays the same on one network per wire: the table of semantics, people who sign in, a tap,
// a thief, failures of every kind. What was recorded must be the same to the byte.
func TestLogsAreEqual(t *testing.T) {
	var logs []string
	wires(t, func(t *testing.T, w *world) {
		for _, c := range conversations {
			w.Serve("example.com", "server", look(&seen{}, c.handler))
			c.play(t, w.Transport("client"))
		}
		morning(t, w)
		logs = append(logs, w.events())
	})
	memory, tcp := strings.Split(logs[0], "\n"), strings.Split(logs[1], "\n")
	if len(memory) != len(tcp) {
		t.Errorf("expected as many events, got %d in memory and %d over sockets", len(memory), len(tcp))
	}
	for i := range min(len(memory), len(tcp)) {
		if memory[i] != tcp[i] {
			t.Errorf("line %d: in memory\n%s\nover sockets\n%s", i+1, memory[i], tcp[i])
		}
	}
}

// morning is a little of everything that goes on in a world.
func morning(t *testing.T, w *world) {
	clinic(w)
	w.site("fhir.thiefbox.test", "fhir", func(rw http.ResponseWriter, r *http.Request) {
		req, _ := http.NewRequestWithContext(r.Context(), http.MethodPost, "https://as.thiefbox.test/introspect", strings.NewReader("token=x"))
		if _, err := w.Client("fhir").Do(req); err != nil {
			t.Error(err)
		}
		if r.URL.Path == "/fall" {
			panic("over")
		}
		w.log.Tell(r.Context(), event.Access{Resource: r.URL.Path})
	})
	w.Tap(Tap{Match: to("fhir"), Seen: func(n int, r event.Request) {
		w.log.Tell(context.Background(), event.Overheard{Vantage: event.APIProxy, Of: n, Message: r.Message})
		if r.From != "mallory" {
			w.get("mallory", "https://fhir.thiefbox.test/replayed")
		}
	}})
	ctx := context.Background()
	b := w.NewBrowser("berg")
	page, err := b.Open(ctx, "https://ehr.thiefbox.test/login")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Submit(ctx, page, page.Form("sign-in"), url.Values{"username": {"berg"}}, ""); err != nil {
		t.Fatal(err)
	}
	w.get("ehr", "https://fhir.thiefbox.test/Patient/p01")
	for _, address := range []string{"https://fhir.thiefbox.test/fall", "https://nowhere.test/", "http://fhir.thiefbox.test/"} {
		if _, err := w.Client("ehr").Get(address); err == nil {
			t.Errorf("%s: expected an error", address)
		}
	}
	w.Tap(Tap{Match: to("ehr"), Hold: true})
	if _, err := b.Open(ctx, "https://ehr.thiefbox.test/login"); err == nil {
		t.Error("expected the request to be held")
	}
}

// TestAnotherHostIsRecorded: a request that lies about its Host shows it.
func TestAnotherHostIsRecorded(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		w.site("a.test", "a", func(_ http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Host") != "" {
				t.Errorf("expected Host outside the header, got %v", r.Header)
			}
		})
		for host, want := range map[string]string{"": "", "a.test:443": "", "A.TEST": "", "evil.test": "evil.test"} {
			req := w.request("GET", "https://a.test/", "")
			req.Host = host
			w.do("x", req)
			sent := told[event.Request](w)
			if got := sent[len(sent)-1].Message.Header.Get("Host"); got != want {
				t.Errorf("%q: expected Host %q in the log, got %q", host, want, got)
			}
		}
	})
}
