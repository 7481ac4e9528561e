package serve

import (
	"context"
	"net/http"
	"slices"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The RSA key that the first clients of the conformance suite have besides their own: with it the suite can sign with
// RS256 and see that it is refused, a module that it skips otherwise. It takes longer to make than the server to start,
// so the server listens meanwhile.

const suiteKeyFile = "oidf-PS256.jwk"

// suiteFirst are the suite's first clients, one for each way to authenticate and to bind tokens.
var suiteFirst = []string{"oidf-1", "oidf-mtls-1", "oidf-mtls-dpop-1"}

// suiteKey reads the key, or makes it.
func (t *tenant) suiteKey() (*fapi.Key, error) {
	return keyFile(t.file(suiteKeyFile), func() (*fapi.Key, error) { return fapi.NewRSAKey("oidf-ps256-"+t.dice.ID()[:8], "PS256") })
}

// suiteKeys are the keys of a client of that kind, as far as they are made.
func (t *tenant) suiteKeys(c *Client) []fapi.Public {
	keys := []fapi.Public{c.Key.Public()}
	if key := t.suite.Load(); key != nil && slices.Contains(suiteFirst, c.ID) {
		keys = append(keys, key.Public())
	}
	return keys
}

// makeSuiteKey makes the key while the server serves, and registers it.
func (s *Server) makeSuiteKey(t *tenant) {
	key, err := t.suiteKey()
	if err == nil {
		t.suite.Store(key)
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, i := range t.issuers {
			for _, c := range i.registrations() {
				if slices.Contains(suiteFirst, c.ID) && err == nil {
					err = i.as.Lend(c)
				}
			}
		}
	}
	if err != nil {
		t.journal.tell(context.Background(), event.Refused{Party: "serve", Status: http.StatusInternalServerError, Code: "server_error", Detail: "the RSA key of the conformance suite's clients: " + err.Error()})
	}
}
