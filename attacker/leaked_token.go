package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"thiefbox/sim/event"
)

// An access token gets out by another door than the API's log. What he then does is always the same: he
// calls the API with it, and if it is bound to a key, with a proof by a key of his own.
func leakedToken(id, variant, title, story string, reads []string, evidence string, needs []event.Vantage, has []event.Asset,
	find func(g Ground) (loot, error)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Evidence: evidence, Needs: needs, Has: has,
		Run: func(ctx context.Context, g Ground) error {
			l, err := find(g)
			if err != nil {
				return err
			}
			l.URL = record(g, stranger(g))
			a, err := send(g, withToken(get(ctx, l.URL), "Bearer", l.token, ""))
			if err != nil || a.ok() || !l.bound() {
				return err
			}
			return withOwnKey(ctx, g, l)
		},
	})
}

var _ = leakedToken("T-02", "in-a-referer", "An access token in the address of a page, told to another site",
	"The EHR opens its old document viewer with the access token in the address. The viewer's page has a link to a site of the thief's, and the "+
		"browser tells that site which page it comes from, address and all. He calls the API with the token.",
	[]string{"RFC 9700 s4.2, s4.3.2", "RFC 6750 s5.3"},
	"Tokens in the URLs of the client's own access log; at the API the same token from a second address.",
	[]event.Vantage{event.ViewerLink}, nil,
	func(g Ground) (loot, error) {
		for _, m := range newestFirst(g.Overheard(event.ViewerLink)) {
			q := queryOf(m.Header.Get("Referer"))
			if token := q.Get("access_token"); token != "" {
				return loot{scheme: q.Get("token_type"), token: token}, nil
			}
		}
		return loot{}, fmt.Errorf("no visitor came from a page with an access token in its address")
	})

var _ = leakedToken("T-03", "from-browser-storage", "An access token read from a browser's storage",
	"A single-page app keeps its access token in the browser's storage, where any script of the page can read it. The thief's script does, and "+
		"sends it to him. The key for proofs cannot be exported, so that stays.",
	[]string{"RFC 9449 s11.4", "RFC 9700 s4.10"},
	"The same token from two networks within minutes; violations of the content security policy, if it reports any.",
	nil, []event.Asset{event.BrowserStorage},
	func(g Ground) (loot, error) {
		var stored struct {
			AccessToken string `json:"access_token"`
			TokenType   string `json:"token_type"`
		}
		if err := json.Unmarshal(g.Stolen(event.BrowserStorage), &stored); err != nil {
			return loot{}, fmt.Errorf("the browser's storage: %w", err)
		}
		return loot{scheme: stored.TokenType, token: stored.AccessToken}, nil
	})

var _ = leakedToken("T-08", "in-a-support-bundle", "An access token in a support bundle",
	"Somebody records what the EHR sends to the API, to help its supplier find a fault, and attaches the recording to a ticket. Half an hour later "+
		"the thief reads the ticket and calls the API with the token in it.",
	[]string{"RFC 9700 s4.9.2, s4.9.3", "FAPI 2.0 SP 6.1"},
	"A token seen long after its session fell silent, from an address of no clinic.",
	[]event.Vantage{event.SupportBundle}, nil,
	func(g Ground) (loot, error) {
		g.Wait(30 * time.Minute)
		return stolenRequest(g, event.SupportBundle, "/Patient/")
	})

var _ = register("T-13", Technique{
	Variant: "replayed-in-bulk",
	Title:   "Every request of a log is sent again",
	Story: "Somebody who runs the API keeps whole requests. Some minutes later he sends each of them again, from home, and keeps the answers: " +
		"token, proof and all, as they were.",
	Reads:    []string{"RFC 9700 s4.9.3", "RFC 9449 s11.1"},
	Evidence: "A burst of requests whose proofs were made minutes ago, with jti values seen before, from one new address.",
	Needs:    []event.Vantage{event.APIProxy},
	Run: func(ctx context.Context, g Ground) error {
		seen := g.Overheard(event.APIProxy)
		if len(seen) == 0 {
			return fmt.Errorf("nothing was overheard at %s", event.APIProxy)
		}
		g.Wait(5 * time.Minute)
		for _, m := range seen {
			if u, err := url.Parse(m.URL); err != nil || u.Path == "" || m.Header.Get("Authorization") == "" {
				continue
			}
			if _, err := send(g, again(ctx, m)); err != nil {
				return err
			}
		}
		return nil
	},
})
