package sim

import (
	"slices"
	"testing"
	"time"

	"thiefbox/sim/drill"
)

// everyKind is a world with a client and an API of every kind.
func everyKind() drill.World {
	w := drill.World{Profile: "fapi2-dpop", Server: drill.Change{Without: []string{"as/assertion-audience-issuer", "as/client-auth-asymmetric", "as/sender-constrained", "as/par-required", "as/pkce-required"}},
		APIs: []drill.API{
			{Kind: "records", Count: 60, Nodes: 2, Asks: true, Change: drill.Change{Without: []string{"rs/sender-bound"}}},
			{Kind: "local", Count: 59, Change: drill.Change{Without: []string{"rs/sender-bound", "rs/token-revoked"}}},
			{Kind: "gateway", Count: 1, Change: drill.Change{Without: []string{"rs/dpop-scheme", "rs/sender-bound", "rs/token-revoked"}}},
		}}
	for _, k := range []string{"modern", "token-url", "audience-array", "no-nonce", "slow-clock", "carrier", "shared-secret", "no-par", "web-ehr"} {
		w.Clients = append(w.Clients, drill.Kind{Kind: k})
	}
	return w
}

func exercise(t *testing.T, th drill.Thief) drill.Wire {
	t.Helper()
	x, err := NewExercise(everyKind(), th, seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

// broken lists the kinds that are not served at an API.
func broken(x drill.Wire, api string) (kinds []string) {
	for _, s := range x.Probe() {
		if s.API == api && s.State != drill.Served {
			kinds = append(kinds, s.Client)
		}
	}
	return kinds
}

// TestOrdersBreakWhomTheySay: each order breaks the kinds of client it is known to break, and no others,
// because their real requests are really refused.
func TestOrdersBreakWhomTheySay(t *testing.T) {
	if got := broken(exercise(t, drill.Thief{}), "records"); got != nil {
		t.Fatalf("nothing was ordered, yet these are broken: %v", got)
	}
	for _, test := range []struct {
		order drill.Order
		at    string
		want  []string
	}{
		{drill.Order{Do: drill.Deploy, On: "server", What: "as/dpop-nonce"}, "records", []string{"no-nonce"}},
		{drill.Order{Do: drill.Deploy, On: "records", What: "rs/dpop-nonce"}, "records", []string{"no-nonce"}},
		{drill.Order{Do: drill.Deploy, On: "records", What: "rs/dpop-nonce"}, "local", nil},
		{drill.Order{Do: drill.Deploy, On: "records", What: "rs/dpop-jti-shared"}, "records", nil},
		{drill.Order{Do: drill.ProofWindow, On: "records", For: 30 * time.Second}, "records", []string{"slow-clock"}},
		{drill.Order{Do: drill.Deploy, On: "server", What: "as/assertion-audience-issuer"}, "records", []string{"token-url", "audience-array"}},
		{drill.Order{Do: drill.Oblige, On: "token-url", What: "as/assertion-audience-issuer"}, "records", []string{"token-url"}},
		{drill.Order{Do: drill.Oblige, On: "modern", What: "as/assertion-audience-issuer"}, "records", nil},
		{drill.Order{Do: drill.Deploy, On: "server", What: "as/client-auth-asymmetric"}, "records", []string{"shared-secret"}},
		{drill.Order{Do: drill.Deploy, On: "server", What: "as/par-required"}, "records", []string{"no-par"}},
		{drill.Order{Do: drill.Deploy, On: "gateway", What: "rs/sender-bound"}, "gateway", []string{"shared-secret"}},
		{drill.Order{Do: drill.Deploy, On: "gateway", What: "rs/dpop-scheme"}, "gateway", nil},
		{drill.Order{Do: drill.Disable, On: "modern"}, "records", []string{"modern"}},
		{drill.Order{Do: drill.Offline, On: "local"}, "local", []string{"modern", "token-url", "audience-array", "no-nonce", "slow-clock", "carrier", "shared-secret"}},
		{drill.Order{Do: drill.Revoke, On: "web-ehr", What: "client"}, "records", []string{"web-ehr"}},
		{drill.Order{Do: drill.Revoke, On: "web-ehr", What: "subject"}, "records", []string{"web-ehr"}},
		{drill.Order{Do: drill.Deny, On: "web-ehr"}, "records", []string{"web-ehr"}},
		{drill.Order{Do: drill.RollKeys, On: "web-ehr", What: "proof"}, "records", nil},
		{drill.Order{Do: drill.RollKeys, On: "web-ehr", What: "auth"}, "records", nil},
		{drill.Order{Do: drill.RollKeys, On: "modern", What: "auth", For: time.Hour}, "records", nil},
		{drill.Order{Do: drill.TokenLife, For: time.Minute}, "records", nil},
	} {
		x := exercise(t, drill.Thief{})
		said, err := x.Carry(test.order)
		if err != nil || said == "" {
			t.Errorf("%v: %q, %v", test.order, said, err)
		}
		if got := broken(x, test.at); !slices.Equal(got, test.want) {
			t.Errorf("%v at %s: expected to break %v, got %v", test.order, test.at, test.want, got)
			for _, s := range x.Probe() {
				if s.State != drill.Served {
					t.Logf("%s at %s: %s: %s", s.Client, s.API, s.State, s.Why)
				}
			}
		}
	}
}

func TestBlockingAnAddressTakesItsNeighboursAlong(t *testing.T) {
	x := exercise(t, drill.Thief{})
	address := x.Address(thief)
	if _, err := x.Carry(drill.Order{Do: drill.Block, On: address}); err != nil {
		t.Fatal(err)
	}
	if got := broken(x, "records"); !slices.Equal(got, []string{"carrier"}) {
		t.Errorf("expected the clients of the same carrier to be broken, got %v", got)
	}
	if x.Move(); x.Address(thief) == address {
		t.Error("the thief did not move")
	}
}

// TestMovesWithHisBrowser: a thief whose address is turned away moves, and signs in from the new one too. His
// browser once stayed behind, so that a bound address stopped him for good wherever he had to sign in.
func TestMovesWithHisBrowser(t *testing.T) {
	x := exercise(t, drill.Thief{Has: []string{"own-client"}})
	raid := drill.Raid{Technique: "F-01/in-sequence", API: "records", Most: 1}
	if try := x.Strike(raid); !try.Won {
		t.Fatalf("expected him to have his way, got %s", try.Reason)
	}
	if _, err := x.Carry(drill.Order{Do: drill.Block, On: x.Address(thief)}); err != nil {
		t.Fatal(err)
	}
	if try := x.Strike(raid); try.Won {
		t.Error("expected a blocked thief to get nothing")
	}
	x.Move()
	if try := x.Strike(raid); !try.Won {
		t.Errorf("expected him to sign in from his new address, got %s", try.Reason)
	}
}

// TestStrikes: the thief wins where nothing stands in his way, and an order that stops him does.
func TestStrikes(t *testing.T) {
	proxy := []drill.Hears{{Vantage: "api-proxy", At: "records"}, {Vantage: "api-proxy", At: "local"}}
	log := []drill.Hears{{Vantage: "api-log", At: "gateway"}, {Vantage: "api-log", At: "records"}}
	for _, test := range []struct {
		name, technique, at string
		thief               drill.Thief
		orders              []drill.Order
		stoppedBy           string
	}{
		{"D5", "D-06", "records", drill.Thief{Hears: proxy}, []drill.Order{{Do: drill.Deploy, On: "records", What: "rs/dpop-jti-shared"}}, "rs/dpop-jti-shared"},
		{"D3 deny", "D-23", "records", drill.Thief{Hears: proxy, Has: []string{"dpop-key"}}, []drill.Order{{Do: drill.Deny, On: "web-ehr"}}, "rs/token-revoked"},
		{"D8", "D-01", "gateway", drill.Thief{Hears: log}, []drill.Order{{Do: drill.Deploy, On: "gateway", What: "rs/dpop-scheme"}, {Do: drill.Deploy, On: "gateway", What: "rs/sender-bound"}}, "rs/sender-bound"},
		{"D6", "F-01", "records", drill.Thief{Has: []string{"own-client"}}, []drill.Order{{Do: drill.Deploy, On: "records", What: "rs/entitlement-read"}}, "rs/entitlement-read"},
	} {
		x := exercise(t, test.thief)
		x.Work()
		if a := x.Strike(drill.Raid{Technique: test.technique, API: test.at}); !a.Won || len(a.Patients) == 0 {
			t.Errorf("%s: expected the thief to win before anything is done, got %+v", test.name, a)
		}
		for _, o := range test.orders {
			if _, err := x.Carry(o); err != nil {
				t.Error(err)
			}
		}
		x.Work() // what happened before the order is not undone by it
		if a := x.Strike(drill.Raid{Technique: test.technique, API: test.at}); a.Won || a.StoppedBy != test.stoppedBy {
			t.Errorf("%s: expected him to be stopped by %s, got %+v", test.name, test.stoppedBy, a)
		}
	}
}
