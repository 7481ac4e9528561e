package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/drill"
)

// everyKindFile is a drill with a client of every kind and APIs that differ, for trying actions; its thief is given.
const everyKindFile = `
id: ALL
title: all
brief: all
duration: 6h
country: EU
duties: [authority]
logs: [local]
world:
  profile: fapi2-dpop
  server: {without: [as/assertion-audience-issuer, as/client-auth-asymmetric, as/sender-constrained, as/par-required, as/pkce-required]}
  apis:
    - {kind: records, title: records, count: 60, nodes: 2, asks: true, with: [rs/dpop-jti, rs/dpop-jti-window], without: [rs/sender-bound]}
    - {kind: local, title: local, count: 59, without: [rs/sender-bound, rs/token-revoked]}
    - {kind: old, title: old, count: 1, without: [rs/dpop-scheme, rs/sender-bound, rs/token-revoked]}
  clients:
    - {kind: modern}
    - {kind: token-url, share: 0.1}
    - {kind: audience-array, share: 0.05}
    - {kind: no-nonce, share: 0.05}
    - {kind: slow-clock, share: 0.05}
    - {kind: carrier, share: 0.05}
    - {kind: shared-secret, share: 0.05}
    - {kind: no-par, share: 0.05}
    - {kind: web-ehr, clinics: 2310}
thief: %s
patch: {scale: 0.01}
hypotheses: [{id: h, text: h, right: true}]
objectives: [{id: O1, text: o, when: "t > 1m", by: 2m}]
injects: [{id: I1, at: 1m, channel: mail, from: x, aware: true, answer_within: 1h, text: x}]
eradicated: "t > 5h"
reference: [{at: 1m, do: wait}]
`

// trying begins a drill of every kind with a thief.
func trying(t *testing.T, thief string) *drill.Drill {
	t.Helper()
	d, err := drill.New(&drill.Tape{File: fmt.Appendf(nil, everyKindFile, thief), Seed: seed}, exercises)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Thieves who are stopped by one thing each.
const (
	copies  = "{plan: [D-06], every: 5m, at: [records], hears: [{vantage: api-proxy, at: records}]}"
	hasKey  = "{plan: [D-23], every: 5m, at: [records], hears: [{vantage: api-proxy, at: records, from: web-ehr}], has: [dpop-key]}"
	inVault = "{plan: [L-01/vault], every: 5m, at: [records], has: [client-key], returns: [client-database]}"
	forges  = "{plan: [J-06/stolen-key], every: 5m, at: [local], hears: [{vantage: api-log, at: local}], has: [server-key]}"
	bearers = "{plan: [T-01], every: 5m, at: [old], hears: [{vantage: api-log, at: old, from: shared-secret}]}"
	lowers  = "{plan: [D-01], every: 5m, at: [old], hears: [{vantage: api-log, at: old, from: modern}]}"
	reads   = "{plan: [F-01], every: 5m, at: [records], has: [own-client]}"
)

// action is one way to take one, and what must come of it on the wire.
type action struct {
	first  string // something that is done before; nothing if empty
	line   string
	thief  string
	stops  bool   // the thief, within an hour and a half
	breaks string // kinds and APIs that are not served within the hour after
}

var actions = []action{
	{line: "revoke client web-ehr", thief: hasKey},
	{line: "revoke subject web-ehr", thief: hasKey},
	{line: "revoke key web-ehr", thief: hasKey},
	{line: "deny web-ehr", thief: hasKey, stops: true, breaks: "web-ehr"},
	{first: "deny web-ehr", line: "admit web-ehr", thief: hasKey},
	{line: "roll-key proof web-ehr", thief: hasKey, stops: true},
	{line: "roll-key auth web-ehr", thief: inVault, stops: true},
	{line: "roll-key auth web-ehr 5h", thief: inVault},
	{line: "rotate-server", thief: forges, stops: true},
	{line: "rotate-server 5h", thief: forges},
	{first: "rotate-server", line: "refresh-keys local", thief: forges, stops: true},
	{line: "nonce server", thief: copies, breaks: "no-nonce"},
	{line: "nonce records", thief: copies, breaks: "no-nonce at records"},
	{line: "replay-memory records", thief: copies, stops: true},
	{line: "sticky records", thief: copies, stops: true},
	{first: "sticky records", line: "spread records", thief: copies},
	{line: "window records 30s", thief: copies, breaks: "slow-clock at records"},
	{line: "token-life 5m", thief: copies},
	{line: "disable web-ehr", thief: inVault, stops: true, breaks: "web-ehr"},
	{first: "disable web-ehr", line: "enable web-ehr", thief: inVault},
	{line: "require-par", thief: copies, breaks: "no-par"},
	{line: "audience-rule token-url", thief: copies, breaks: "token-url"},
	{line: "audience-rule all", thief: copies, breaks: "token-url, audience-array"},
	{line: "ratchet token-url", thief: copies},
	{line: "keys-only", thief: bearers, stops: true, breaks: "shared-secret"},
	{line: "refuse-bearer old", thief: lowers, stops: true},
	{line: "refuse-unbound old", thief: bearers, stops: true, breaks: "shared-secret at old"},
	{line: "ask-owner records", thief: reads, stops: true},
	{line: "deploy rs/entitlement-read records", thief: reads, stops: true},
	{first: "deploy rs/entitlement-read records", line: "withdraw rs/entitlement-read records", thief: reads},
	{line: "offline old", thief: lowers, stops: true, breaks: "modern at old, token-url at old, audience-array at old, no-nonce at old, slow-clock at old, carrier at old, shared-secret at old"},
	{first: "offline old", line: "online old", thief: lowers},
	{line: "block THIEF", thief: reads, stops: true, breaks: "carrier"},
	{first: "block THIEF", line: "unblock THIEF", thief: reads},
	{line: "purge old", thief: bearers, stops: true},
	{line: "fix-client web-ehr", thief: copies},
}

// TestEveryAction: each action takes an operator for its lead and changes nothing before; then it stops the thief or does
// not, and breaks on the wire those whom the preview named, and no others.
func TestEveryAction(t *testing.T) {
	tried := map[string]bool{}
	for i, test := range actions {
		tried[drill.ParseLine(test.line).Do] = true
		if i%Sampled != 0 {
			continue
		}
		t.Run(test.line, func(t *testing.T) { test.try(t) })
	}
	for _, a := range drill.Catalogue() {
		if a.Changes() && !tried[a.ID] && a.ID != "revoke-grant" { // which names a line: TestOneGrantIsWithdrawn
			t.Errorf("%s: expected it among the actions that are tried", a.ID)
		}
	}
}

func (test action) try(t *testing.T) {
	d := trying(t, test.thief)
	d.Advance(drillMinutes(7))
	where := strings.NewReplacer("THIEF", thiefsAddress(d))
	if test.first != "" {
		if err := d.Decide(drill.ParseLine(where.Replace(test.first))); err != nil {
			t.Fatal(err)
		}
		d.Advance(drillMinutes(80))
	} else if !d.Truth().Tries[len(d.Truth().Tries)-1].Won {
		t.Fatal("expected the thief to win before anything is done")
	}
	one, before, dark := drill.ParseLine(where.Replace(test.line)), notServed(d), d.View().Broken
	p, err := d.Preview(one)
	if err != nil || p.Error != "" || d.Decide(one) != nil {
		t.Fatal(err, p.Error)
	}
	done := func() drill.Done { all := d.View().Done; return all[len(all)-1] }
	if end := d.Now() + p.Action.Lead; !slices.Contains(d.View().Crew, end) {
		t.Errorf("expected an operator to be busy until %s, got %v", end, d.View().Crew)
	}
	if d.Advance(done().Ends - time.Second); len(done().Result) > 0 || !maps.Equal(notServed(d), before) {
		t.Errorf("expected nothing to be done before its time, got %v", done().Result)
	}
	broken, most := map[string]bool{}, 0
	for end := d.Now() + drillMinutes(63); d.Now() < end; d.Advance(d.Now() + time.Minute) {
		for who := range notServed(d) {
			if !before[who] {
				broken[who] = true
			}
		}
		most = max(most, d.View().Broken-dark)
	}
	if r := done().Result; len(r) == 0 || strings.HasPrefix(r[0], "it did not work") {
		t.Errorf("expected it to say what it did, got %v", r)
	}
	if want := kindsAndAPIs(d, test.breaks); !maps.Equal(broken, want) {
		t.Errorf("expected it to break %v, got %v", want, broken)
	}
	if p.Breaks.Clients != most {
		t.Errorf("the preview said that %d clients break, and %d did", p.Breaks.Clients, most)
	}
	d.Advance(d.Now() + drillMinutes(11))
	last := d.Truth().Tries[len(d.Truth().Tries)-1]
	if last.Won == test.stops {
		t.Errorf("expected the thief to be stopped: %v; got %+v", test.stops, last)
	}
}

// thiefsAddress is the one in the logs that is not among the honest: the drill's own wire would know, players look.
func thiefsAddress(d *drill.Drill) string {
	try := d.Truth().Tries[0]
	for _, e := range d.Evidence(try.First) {
		return e.Address
	}
	return ""
}

// notServed are the kinds of client that are broken, and at which API.
func notServed(d *drill.Drill) map[string]bool {
	out := map[string]bool{}
	for _, s := range d.View().Services {
		if s.State == drill.Broken {
			out[s.Client+" at "+s.API] = true
		}
	}
	return out
}

// kindsAndAPIs reads "no-nonce, web-ehr at old": a kind without an API is one at every API.
func kindsAndAPIs(d *drill.Drill, text string) map[string]bool {
	out := map[string]bool{}
	for _, one := range strings.Split(text, ", ") {
		if one == "" || strings.Contains(one, " at ") {
			out[one] = true
			continue
		}
		for _, a := range d.File().World.APIs {
			out[one+" at "+a.Kind] = true
		}
	}
	delete(out, "")
	return out
}
