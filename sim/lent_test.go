package sim

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"testing"

	"thiefbox/attacker"
	"thiefbox/sim/event"
)

// TestNobodyChangesWhatIsLent: the network lends the honest what the log keeps (network.Config), and they leave it as
// it is: every technique is played while somebody takes copies. Nor does it show that they are lent anything.
func TestNobodyChangesWhatIsLent(t *testing.T) {
	for _, a := range attacker.All() {
		var copies []event.Message
		o := Options{Profile: profile(t, "fapi2-dpop"), Seed: seed, Sink: func(e event.Event) {
			if m, ok := messageOf(e); ok {
				header := maps.Clone(m.Header)
				for name, values := range header {
					header[name] = slices.Clone(values)
				}
				m.Header, m.Body = header, bytes.Clone(m.Body)
				copies = append(copies, m)
			}
		}}
		if !Applies(a, o.Profile.Dialect) {
			continue
		}
		recording, err := Run(t.Context(), a, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range recording.Events {
			m, ok := messageOf(e)
			if !ok {
				continue
			}
			if !maps.EqualFunc(m.Header, copies[0].Header, slices.Equal) || !bytes.Equal(m.Body, copies[0].Body) {
				t.Errorf("%s: expected event %d as it was told, %v %s, got %v %s", a.ID, e.N, copies[0].Header, copies[0].Body, m.Header, m.Body)
			}
			copies = copies[1:]
		}
		o.Sink, o.alone = nil, true
		alone, err := Run(t.Context(), a, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range alone.Events {
			if i >= len(recording.Events) || !reflect.DeepEqual(e, recording.Events[i]) {
				t.Fatalf("%s: expected the same of everybody who is lent nothing, got %+v", a.ID, e)
			}
		}
	}
}

func messageOf(e event.Event) (event.Message, bool) {
	switch b := e.Body.(type) {
	case event.Request:
		return b.Message, true
	case event.Response:
		return b.Message, true
	}
	return event.Message{}, false
}
