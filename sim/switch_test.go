package sim

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// Switching a control off removes a check and changes no message: honest people under a profile and
// under the same profile without one control exchange the same requests, and get the same answers.
// The controls that invite a second try are the exception that proves it: without them nobody is
// asked to try again.
func TestSwitchingAControlOffChangesNoMessage(t *testing.T) {
	challenges := []*control.Control{control.ASDPoPNonce, control.RSDPoPNonce, control.RSStepUp}
	want := map[string][]string{}
	for _, p := range dialects() {
		want[p.Name] = conversation(t, p.Full().Without(challenges...))
	}
	ablations(func(full control.Profile, c *control.Control) {
		got := conversation(t, full.Without(challenges...).Without(c))
		if !slices.Equal(got, want[full.Name]) {
			t.Errorf("%s without %s: %s", full.Name, c, firstDifference(want[full.Name], got))
		}
	})
}

// conversation is what crossed the network, line by line, without the bytes that differ by chance.
func conversation(t *testing.T, p control.Profile) (lines []string) {
	t.Helper()
	rec, err := Honest(context.Background(), under(p))
	if err != nil {
		t.Error(err)
	}
	old := map[int]bool{} // exchanges of the old supplier, who speaks another dialect and is refused by right
	for _, e := range rec.Events {
		if b, ok := e.Body.(event.Request); ok && b.From == "oldsupplier" {
			old[e.Exchange] = true
		}
		if old[e.Exchange] {
			continue
		}
		switch b := e.Body.(type) {
		case event.Request:
			u, err := url.Parse(b.Message.URL)
			if err != nil {
				t.Error(err)
				continue
			}
			lines = append(lines, fmt.Sprintf("%s -> %s: %s %s, header %v, form %v",
				b.From, b.To, b.Message.Method, u.Path, names(b.Message.Header), formNames(b.Message.Body)))
		case event.Response:
			lines = append(lines, fmt.Sprintf("  %d, header %v", b.Message.Status, names(b.Message.Header)))
		}
	}
	return lines
}

func names(m map[string][]string) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func formNames(body []byte) []string {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	return names(form)
}

func firstDifference(want, got []string) string {
	for i := range want {
		if i >= len(got) {
			return "the conversation ends before " + want[i]
		}
		if want[i] != got[i] {
			return fmt.Sprintf("line %d: expected %q, got %q", i, want[i], got[i])
		}
	}
	return "the conversation goes on with " + got[len(want)]
}
