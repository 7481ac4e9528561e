package client

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

const appURL = "https://app.test"

// chartIn is a SMART app in a world, which knows the API's issuer by its smart-configuration.
func chartIn(t *testing.T, w *world) {
	t.Helper()
	app, err := NewSMARTApp(SMARTConfig{
		EHRConfig: EHRConfig{Party: w.party, URL: appURL, HTTP: &http.Client{Transport: w.net}, DPoPKey: w.dpop, Issuers: []Registration{w.register(w.as, "chart")}},
		Servers:   []SMARTServer{{FHIRBase: fhirBase, Issuer: asURL}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.net.m["app.test"] = app
	w.net.m["fhir.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/.well-known/smart-configuration") {
			_, _ = rw.Write(fapi.Metadata{Issuer: asURL}.JSON())
			return
		}
		w.fhir.ServeHTTP(rw, r)
	})
}

// answered opens the app by a link and goes through the sign-in, and returns what the callback does with the answer.
func answered(b *browser, next, atCallback string) (status int, to string) {
	b.w.t.Helper()
	_, authorize, body := b.get(appURL + "/launch?iss=" + url.QueryEscape(fhirBase) + "&next=" + url.QueryEscape(next))
	_, callback, _ := b.get(authorize)
	if callback == "" {
		b.w.t.Fatalf("the launch came to no answer: %s", body)
	}
	status, to, _ = b.get(callback + atCallback)
	return status, to
}

// What came in an answer goes to pages of the app's own and nowhere else, whether the link that opened it or the
// redirect URI says where; without the control it goes where they say.
func TestAnswersArePassedOn(t *testing.T) {
	elsewhere := "https://rogue.test/collect"
	for _, test := range []struct{ name, next, atCallback string }{
		{"by the link", elsewhere, ""},
		{"by the redirect URI", "", "&next=" + url.QueryEscape(elsewhere)},
		{"to a site whose name begins like ours", appURL + ".rogue.test/", ""},
		{"to a fragment", elsewhere + "#there", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, full(t))
			chartIn(t, w)
			if status, _ := answered(w.browser(), test.next, test.atCallback); status != http.StatusBadRequest || !strings.Contains(strings.Join(w.refusals(), " "), control.ClientCallbackOnward.ID) {
				t.Errorf("expected %s to refuse it, got %d %v", control.ClientCallbackOnward, status, w.refusals())
			}
			w = newWorld(t, full(t).Without(control.ClientCallbackOnward))
			chartIn(t, w)
			status, to := answered(w.browser(), test.next, test.atCallback)
			u, err := url.Parse(to)
			if err != nil || status != http.StatusSeeOther || !strings.HasSuffix(u.Host, "rogue.test") || u.Query().Get("code") == "" || u.Query().Has("next") {
				t.Errorf("without the control: expected the answer to go there, got %d %q", status, to)
			}
		})
	}
}

func TestAnswersForThePartsOfAnApp(t *testing.T) {
	w := newWorld(t, full(t))
	chartIn(t, w)
	b := w.browser()
	_, to := answered(b, appURL+"/callback", "")
	if !strings.HasPrefix(to, appURL+"/callback?") {
		t.Fatalf("expected the answer to be passed on within the app, got %q", to)
	}
	if _, again, _ := b.get(to); strings.Contains(again, "next") || strings.HasPrefix(again, appURL+"/callback") {
		t.Errorf("expected the answer to be passed on once, got %q", again)
	}
	for _, next := range []string{"page", "https://[", appURL + "/" + strings.Repeat("x", mostNext)} {
		if status, _, _ := b.get(appURL + "/launch?iss=" + url.QueryEscape(fhirBase) + "&next=" + url.QueryEscape(next)); status != http.StatusBadRequest {
			t.Errorf("%.40q: expected a link that cannot be understood to be refused, got %d", next, status)
		}
	}
	if status, _, _ := b.get(appURL + "/callback?code=x&next=page"); status != http.StatusBadRequest {
		t.Errorf("expected next without a host to be refused at the callback, got %d", status)
	}
}
