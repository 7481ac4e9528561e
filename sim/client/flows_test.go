package client

import (
	"fmt"
	"testing"
	"time"

	"thiefbox/sim/clock"
)

func TestFlows(t *testing.T) {
	now := clock.Epoch
	var table flows
	for i, f := range []*flow{{state: "s1", browser: "kari"}, {state: "s2", browser: "kari"}, {state: "s3", browser: "mallory"}} {
		f.begun = now.Add(time.Duration(i) * time.Minute)
		table.add(f)
	}
	now = now.Add(3 * time.Minute)
	state := func(f *flow) string {
		if f == nil {
			return ""
		}
		return f.state
	}
	for _, c := range []struct{ state, browser, find, take string }{
		{"s1", "kari", "s1", "s1"},
		{"s3", "kari", "s2", ""}, // the latest of her own
		{"", "kari", "s2", ""},   //
		{"s3", "ola", "s3", ""},  // he has none: whoever's
		{"s3", "", "s3", ""},     //
		{"s9", "ola", "", ""},    //
		{"", "", "", ""},         //
		{"s3", "mallory", "s3", "s3"},
	} {
		if got := state(table.find(c.state, c.browser, now)); got != c.find {
			t.Errorf("find(%q, %q): expected %q, got %q", c.state, c.browser, c.find, got)
		}
		if got := state(table.take(c.state, c.browser, now)); got != c.take {
			t.Errorf("take(%q, %q): expected %q, got %q", c.state, c.browser, c.take, got)
		}
	}
	if table.take("s1", "kari", now) != nil {
		t.Error("expected a flow to be taken once")
	}
	table.release(table.byState["s1"])
	if table.take("s1", "kari", now) == nil {
		t.Error("expected a released flow to be there again")
	}
	late := now.Add(flowLifetime)
	if got := table.find("s1", "ola", late); got != nil {
		t.Errorf("expected an expired flow not to be found, got %q", got.state)
	}
	if got := table.find("", "kari", late); got != nil {
		t.Errorf("expected an expired flow not to be found, got %q", got.state)
	}
}

// Anybody can begin sign-ins: the table does not grow without end, and forgets the oldest first.
func TestFlowsAreBounded(t *testing.T) {
	var table flows
	for i := range maxFlows + 2 {
		table.add(&flow{state: fmt.Sprint(i), browser: "b", begun: clock.Epoch})
	}
	if len(table.byState) != maxFlows || table.byState["0"] != nil || table.byState["1"] != nil || table.byState["2"] == nil {
		t.Errorf("expected the two oldest to be gone, got %d", len(table.byState))
	}
	later := clock.Epoch.Add(flowLifetime + time.Second)
	table.add(&flow{state: "new", browser: "b", begun: later})
	if len(table.byState) != 1 || table.byState["new"] == nil {
		t.Errorf("expected what has expired to be gone, got %d", len(table.byState))
	}
}
