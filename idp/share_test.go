package idp

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thiefbox/sim/clock"
)

// Whatever comes and goes: no owner has more than his share, what he has is his newest, and the shares are counted
// right.
func TestShares(t *testing.T) {
	type owned struct {
		owner string
		n     int
	}
	rapid.Check(t, func(t *rapid.T) {
		s, now := newStore[owned](1000), clock.Epoch
		s.shares = newShares(3, func(v owned) string { return v.owner })
		model := map[string][]int{}
		for n := range rapid.IntRange(1, 80).Draw(t, "steps") {
			who := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "owner")
			switch what := rapid.IntRange(0, 9).Draw(t, "what"); {
			case what < 7:
				s.add(digestOf(strconv.Itoa(n)), owned{who, n}, now, now.Add(time.Hour))
				model[who] = append(model[who], n)
				model[who] = model[who][max(0, len(model[who])-3):]
			case what < 9 && len(model[who]) > 0:
				at := rapid.IntRange(0, len(model[who])-1).Draw(t, "which")
				s.remove(digestOf(strconv.Itoa(model[who][at])))
				model[who] = append(append([]int{}, model[who][:at]...), model[who][at+1:]...)
			case what == 9:
				now, model = now.Add(2*time.Hour), map[string][]int{}
				s.expire(now)
			}
			for who, has := range model {
				for _, n := range has {
					if _, ok := s.get(digestOf(strconv.Itoa(n)), now); !ok {
						t.Fatalf("expected %s to have %v, got no %d", who, has, n)
					}
				}
				if own := s.shares.of[who]; own != nil && own.there != len(has) || own == nil && len(has) != 0 {
					t.Fatalf("expected %d of %s to be counted, got %+v", len(has), who, own)
				}
			}
			if s.len() != len(model["a"])+len(model["b"]) {
				t.Fatalf("expected %v and nothing else, got %d values", model, s.len())
			}
		}
	})
}

// The keys of what has expired do not pile up.
func TestShareForgetsKeys(t *testing.T) {
	s, now := newStore[string](1000), clock.Epoch
	s.shares = newShares(100, func(owner string) string { return owner })
	for n := range 10_000 {
		s.add(digestOf(strconv.Itoa(n)), "a", now, now.Add(time.Minute))
		now = now.Add(10 * time.Second)
	}
	if n := len(s.shares.of["a"].keys); n > 200 {
		t.Errorf("expected no more keys than a few times what is there, got %d", n)
	}
}

// A client that pushes and pushes loses its own oldest request, is told so in the log, and pushes nobody else's out.
func TestFloodOfPushedRequests(t *testing.T) {
	l := newLab(t, strict(t))
	patient := l.ehr.newFlow()
	uri := patient.push().str(t, "request_uri")
	flooding := l.client("reader")
	for n := range 3 * sharePushed {
		l.requests.add(digestOf("flood "+strconv.Itoa(n)), &request{client: flooding}, l.clock.Now(), l.clock.Now().Add(keep))
	}
	if n := l.requests.len(); n != sharePushed+1 {
		t.Errorf("expected %d requests, got %d", sharePushed+1, n)
	}
	if _, err := l.pushedRequest(uri, "ehr"); err != nil {
		t.Errorf("expected the other client's request to be there, got %v", err)
	}
	_, err := l.pushedRequest(requestURIPrefix+"flood 0", "reader")
	f, _ := err.(*fault)
	if f == nil || f.code != "invalid_request_uri" || f.status != http.StatusBadRequest || !strings.Contains(f.detail, "newest 4096, and 8192 older ones of reader") {
		t.Errorf("expected to be told what became of it, got %v", err)
	}
}
