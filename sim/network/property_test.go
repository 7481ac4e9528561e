package network

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/sim/event"
)

// anyHeader draws a header whose canonical form survives the wire: values without line breaks.
func anyHeader(t *rapid.T, label string) http.Header {
	name := rapid.StringMatching(`[A-Za-z][A-Za-z0-9!#$%&'*+.^_|~-]{0,12}`).Filter(func(s string) bool {
		k := http.CanonicalHeaderKey(s)
		return !connectionHeader(k) && !requestOnly(k) && k != "User-Agent" && k != "Date" && k != "Content-Type" && k != "Content-Encoding" && k != "Pragma"
	})
	value := rapid.StringMatching(`[ \t!-~\x{80}-\x{2fff}]{0,40}`)
	h := http.Header{}
	for range rapid.IntRange(0, 6).Draw(t, label) {
		h.Add(name.Draw(t, "name"), value.Draw(t, "value"))
	}
	return h
}

func trimmed(h http.Header) http.Header {
	out := http.Header{}
	for _, k := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[k] {
			out.Add(k, textproto.TrimString(v))
		}
	}
	return out
}

// TestMessagesSurvive: whatever is sent arrives unchanged, on both wires, both ways, and is what the log keeps.
func TestMessagesSurvive(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		send := w.Transport("x")
		rapid.Check(t, func(t *rapid.T) {
			question, answer := anyHeader(t, "question"), anyHeader(t, "answer")
			asked := rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(t, "asked")
			answered := rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(t, "answered")
			status := rapid.SampledFrom([]int{200, 201, 299, 302, 400, 401, 500, 599}).Draw(t, "status")
			method := rapid.SampledFrom([]string{"GET", "POST", "PUT", "DELETE", "SEARCH"}).Draw(t, "method")
			var gotHeader http.Header
			var gotBody []byte
			w.site("a.test", "a", func(rw http.ResponseWriter, r *http.Request) {
				gotHeader = r.Header.Clone()
				gotBody, _ = io.ReadAll(r.Body)
				maps.Copy(rw.Header(), answer)
				rw.Header()["Content-Type"] = nil
				rw.WriteHeader(status)
				_, _ = rw.Write(answered)
			})
			req := httptest.NewRequest(method, "https://a.test/", bytes.NewReader(asked))
			req.RequestURI = ""
			req.Header = question
			resp, err := send.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			gotHeader.Del("Content-Length")
			if want := trimmed(question); !reflect.DeepEqual(gotHeader, want) || !bytes.Equal(gotBody, asked) {
				t.Fatalf("the question: expected %v, got %v", want, gotHeader)
			}
			resp.Header.Del("Content-Length")
			resp.Header.Del("Date")
			if want := trimmed(answer); !reflect.DeepEqual(resp.Header, want) || !bytes.Equal(body, answered) || resp.StatusCode != status {
				t.Fatalf("the answer: expected %d %v, got %d %v", status, want, resp.StatusCode, resp.Header)
			}
			events := w.log.Events()
			kept, keptAnswer := events[len(events)-2].Body.(event.Request).Message, events[len(events)-1].Body.(event.Response).Message
			if !bytes.Equal(kept.Body, asked) || !bytes.Equal(keptAnswer.Body, answered) {
				t.Fatal("expected the log to keep the bodies")
			}
		})
	})
}

// TestNothingIsShared: neither side can change what the other has, or what the log keeps.
func TestNothingIsShared(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		answer := []byte("answer")
		var kept http.Header
		w.site("a.test", "a", func(rw http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(scribbler{}, r.Body)
			r.Header["X"][0] = "changed by the server"
			r.Header.Set("Y", "new")
			kept = rw.Header()
			kept["X"] = []string{"right"}
			_, _ = rw.Write(answer)
		})
		asked := []byte("question")
		req := w.request("POST", "https://a.test/", "")
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(asked)), int64(len(asked))
		req.Header["X"] = []string{"right"}
		resp, err := w.Transport("x").RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(scribbler{}, resp.Body)
		copy(answer, "XXXXXX")
		copy(asked, "XXXXXXXX")
		resp.Header["X"][0], kept["X"][0] = "changed by the sender", "changed later"
		q, a := told[event.Request](w)[0].Message, told[event.Response](w)[0].Message
		if string(q.Body) != "question" || string(a.Body) != "answer" || q.Header.Get("X") != "right" || a.Header.Get("X") != "right" || q.Header.Get("Y") != "" {
			t.Errorf("expected the log to be untouched, got %s %v and %s %v", q.Body, q.Header, a.Body, a.Header)
		}
		if req.Header.Get("X") != "right" {
			t.Error("expected the sender's header to be untouched")
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if n, err := resp.Body.Read(make([]byte, 1)); n != 0 || !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("expected no read after close, got %d, %v", n, err)
		}
	})
}

// Who is lent what the log keeps gets that and no copy, and everybody else gets copies still.
func TestLent(t *testing.T) {
	w := newWorld(t, false)
	w.lends = func(actor string) bool { return actor == "honest" }
	w.site("a.test", "honest", func(rw http.ResponseWriter, r *http.Request) {
		whole, ok := r.Body.(interface{ Whole() ([]byte, bool) }).Whole()
		if !ok || string(whole) != "question" {
			t.Errorf("expected the question, got %q, %v", whole, ok)
		}
		rw.Header()["X"] = r.Header["X"]
		_, _ = rw.(interface{ Give([]byte) (int, error) }).Give(append(make([]byte, 0, 64), "answer"...))
		_, _ = io.WriteString(rw, ", and more")
	})
	for _, actor := range []string{"honest", "stranger"} {
		req := w.request("POST", "https://a.test/", "question")
		req.Header["X"] = []string{"right"}
		resp, err := w.Transport(actor).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		kept := told[event.Response](w)
		latest := kept[len(kept)-1].Message
		whole, lent := resp.Body.(interface{ Whole() ([]byte, bool) }).Whole()
		if lent != (actor == "honest") || lent && string(whole) != "answer, and more" || string(latest.Body) != "answer, and more" {
			t.Errorf("%s: expected to be lent the body if honest, got %v, %q", actor, lent, whole)
		}
		resp.Header["X"][0] = "changed by " + actor
		if changed := latest.Header.Get("X") != "right"; changed != lent {
			t.Errorf("%s: expected the log's header if honest and a copy if not, got %v", actor, latest.Header)
		}
		if _, err := io.ReadAll(resp.Body); err != nil {
			t.Error(err)
		}
		if _, whole := resp.Body.(interface{ Whole() ([]byte, bool) }).Whole(); whole {
			t.Error("expected nothing whole of a body that was read")
		}
	}
}

// scribbler changes whatever it is told to write.
type scribbler struct{}

func (scribbler) Write(p []byte) (int, error) {
	for i := range p {
		//lint:ignore SA1023 a writer that breaks the rule is the point
		p[i] = 'X'
	}
	return len(p), nil
}

// TestManyAtOnce is for the race detector, and for the numbers: each exchange has one request and one answer.
func TestManyAtOnce(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		w.site("front.test", "front", func(rw http.ResponseWriter, r *http.Request) {
			req, _ := http.NewRequestWithContext(r.Context(), "GET", "https://back.test"+r.URL.Path, nil)
			resp, err := w.Client("front").Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(rw, resp.Body)
		})
		w.site("back.test", "back", func(rw http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(rw, r.URL.Path) })
		shared := w.NewBrowser("everybody")
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				for j := range 20 {
					remove := w.Tap(Tap{Match: to("back"), Seen: func(int, event.Request) {}})
					path := fmt.Sprintf("/%d/%d", i, j)
					page, err := shared.Open(t.Context(), "https://front.test"+path)
					if err != nil || string(page.Body) != path {
						t.Errorf("expected %s, got %+v, %v", path, page, err)
					}
					w.site(fmt.Sprintf("new%d.test", i), "new", write("hello"))
					remove()
				}
			})
		}
		group.Wait()
		requests, responses := map[int]int{}, map[int]int{}
		for _, e := range w.log.Events() {
			switch b := e.Body.(type) {
			case event.Request:
				requests[e.Exchange]++
				if b.From == "front" && b.Cause == 0 {
					t.Error("expected a cause")
				}
			case event.Response:
				responses[e.Exchange]++
			}
		}
		for n := 1; n <= 320; n++ {
			if requests[n] != 1 || responses[n] != 1 {
				t.Fatalf("exchange %d: expected one request and one response, got %d and %d", n, requests[n], responses[n])
			}
		}
	})
}

func TestAddresses(t *testing.T) {
	addresses := func(names ...string) map[string]bool {
		w := newWorld(t, false)
		seen := map[string]bool{}
		w.site("a.test", "a", func(_ http.ResponseWriter, r *http.Request) { seen[r.RemoteAddr] = true })
		for _, name := range names {
			w.get(name, "https://a.test/")
		}
		return seen
	}
	if a, b := addresses("ehr"), addresses("ehr"); !reflect.DeepEqual(a, b) {
		t.Errorf("expected the address to follow from the name, got %v and %v", a, b)
	}
	var names []string
	for i := range 254 {
		names = append(names, fmt.Sprint("actor", i))
	}
	w := newWorld(t, false)
	distinct := map[string]bool{}
	for _, name := range names {
		distinct[w.endpoint(name).addr] = true
		if !strings.HasPrefix(w.endpoint(name).addr, "198.51.100.") {
			t.Fatalf("expected TEST-NET-2, got %s", w.endpoint(name).addr)
		}
	}
	if len(distinct) != 254 {
		t.Errorf("expected 254 addresses, got %d", len(distinct))
	}
	if w.endpoint("one more").addr == "" {
		t.Error("expected further actors to share")
	}
}
