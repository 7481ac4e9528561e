package network

import (
	"errors"
	"net/http"
	"reflect"
	"testing"

	"thiefbox/sim/event"
)

func to(actor string) func(int, event.Request) bool {
	return func(_ int, r event.Request) bool { return r.To == actor }
}

func TestTapsListen(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		w.site("as.thiefbox.test", "as", write("token"))
		w.site("fhir.thiefbox.test", "fhir", write("record"))
		var heard []string
		remove := w.Tap(Tap{Match: to("fhir"), Seen: func(exchange int, r event.Request) {
			last := w.log.Events()[len(w.log.Events())-1]
			if _, answered := last.Body.(event.Response); !answered || last.Exchange != exchange {
				t.Errorf("expected to hear of it after the answer, got %T of exchange %d", last.Body, last.Exchange)
			}
			heard = append(heard, r.From+" "+r.Message.Header.Get("Authorization")+string(r.Message.Body))
			// What a listener does with his copy is nobody else's concern.
			r.Message.Header.Set("Authorization", "spoilt")
			r.Message.Body[0] = 'X'
		}})
		w.Tap(Tap{Match: to("fhir")}) // one that only counts is allowed
		for _, host := range []string{"as", "fhir"} {
			req := w.request(http.MethodPost, "https://"+host+".thiefbox.test/", "body")
			req.Header.Set("Authorization", "DPoP abc")
			w.do("ehr", req)
		}
		remove()
		remove()
		w.get("ehr", "https://fhir.thiefbox.test/")
		if want := []string{"ehr DPoP abcbody"}; !reflect.DeepEqual(heard, want) {
			t.Errorf("expected %q, got %q", want, heard)
		}
		kept := told[event.Request](w)[1].Message
		if kept.Header.Get("Authorization") != "DPoP abc" || string(kept.Body) != "body" {
			t.Errorf("expected the log to be untouched, got %+v", kept)
		}
	})
}

// One that wants a request on its way has it before the other side does, and once.
func TestTapsSeeWhatPasses(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		w.site("as.thiefbox.test", "as", write("token"))
		var heard []string
		seen := func(name string) func(int, event.Request) {
			return func(exchange int, _ event.Request) {
				last := w.log.Events()[len(w.log.Events())-1]
				_, answered := last.Body.(event.Response)
				heard = append(heard, name)
				if answered != (name == "later") || last.Exchange != exchange {
					t.Errorf("%s: expected to hear before the answer only if it passes, got %T", name, last.Body)
				}
			}
		}
		w.Tap(Tap{Match: to("as"), Seen: seen("later")})
		w.Tap(Tap{Match: to("as"), Passing: true, Seen: seen("passing")})
		w.Tap(Tap{Match: to("fhir"), Passing: true, Seen: seen("elsewhere")})
		w.get("ehr", "https://as.thiefbox.test/")
		if want := []string{"passing", "later"}; !reflect.DeepEqual(heard, want) {
			t.Errorf("expected %q, got %q", want, heard)
		}
	})
}

func TestTapsHold(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		served := 0
		w.site("as.thiefbox.test", "as", func(http.ResponseWriter, *http.Request) { served++ })
		var heard []int
		hear := func(exchange int, _ event.Request) { heard = append(heard, exchange) }
		w.Tap(Tap{Match: to("as"), Seen: hear})
		remove := w.Tap(Tap{Match: func(_ int, r event.Request) bool { return r.From == "ehr" }, Hold: true, Seen: hear})
		_, err := w.Client("ehr").Get("https://as.thiefbox.test/")
		var lost *LostError
		if !errors.As(err, &lost) || lost.Exchange != 1 || lost.To != "as" || lost.Error() != "no answer from as: the request (exchange 1) never arrived" {
			t.Errorf("expected a LostError of exchange 1, got %v", err)
		}
		w.get("supplier", "https://as.thiefbox.test/")
		remove()
		w.get("ehr", "https://as.thiefbox.test/")
		if served != 2 || !reflect.DeepEqual(heard, []int{1, 1, 2, 3}) {
			t.Errorf("expected two deliveries and the taps to hear 1 1 2 3, got %d and %v", served, heard)
		}
		events := w.log.Events()
		if why, ok := events[1].Body.(event.Lost); !ok || events[1].Exchange != 1 || why.Why != "held back on the way to as" {
			t.Errorf("expected exchange 1 to be lost, got %+v", events[1])
		}
	})
}

// TestTapsMaySend: a listener can use what he heard at once, on the network he heard it on.
func TestTapsMaySend(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		var authorizations []string
		w.site("fhir.thiefbox.test", "fhir", func(_ http.ResponseWriter, r *http.Request) {
			authorizations = append(authorizations, r.Header.Get("Authorization"))
		})
		w.Tap(Tap{
			Match: func(_ int, r event.Request) bool { return r.From != "mallory" },
			Seen: func(_ int, r event.Request) {
				req := w.request("GET", r.Message.URL, "")
				req.Header = r.Message.Header
				w.do("mallory", req)
			},
		})
		req := w.request("GET", "https://fhir.thiefbox.test/Patient/p01", "")
		req.Header.Set("Authorization", "Bearer abc")
		w.do("ehr", req)
		if want := []string{"Bearer abc", "Bearer abc"}; !reflect.DeepEqual(authorizations, want) {
			t.Errorf("expected the replay to arrive, got %q", authorizations)
		}
	})
}

// TestTapsHearOfFailures: a proxy has captured a request even if the server behind it fell over.
func TestTapsHearOfFailures(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		w.site("fhir.thiefbox.test", "fhir", func(http.ResponseWriter, *http.Request) { panic("oh no") })
		heard := 0
		w.Tap(Tap{Match: to("fhir"), Seen: func(int, event.Request) { heard++ }})
		if _, err := w.Client("ehr").Get("https://fhir.thiefbox.test/"); err == nil || heard != 1 {
			t.Errorf("expected an error and one capture, got %v and %d", err, heard)
		}
	})
}
