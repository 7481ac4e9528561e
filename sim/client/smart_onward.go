package client

import (
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// An app of several parts has one redirect URI at the authorization server, and the part that began a sign-in wants its
// answer: the link that opens the app says which part it is (next), or the redirect URI does. The browser keeps what the
// link said in a cookie for as long as the sign-in takes, and the callback passes the answer on as it came. Where next
// leads out of the app, the code goes there.

// callbackGuards judge where an answer is passed on to.
var callbackGuards = []control.Guard[onward]{
	{Control: control.ClientCallbackOnward, Check: checkOnward, Answer: signInFailed},
}

// mostNext is how long such an address may be: it has to go into a cookie.
const mostNext = 2048

// keepNext has the browser remember where the answer to this sign-in is wanted.
func (a *SMARTApp) keepNext(w http.ResponseWriter, next string) error {
	if next == "" {
		return nil
	}
	if u, err := url.Parse(next); err != nil || !u.IsAbs() || len(next) > mostNext {
		return malformed("launch: expected next to be an absolute URL, got %.80q", next)
	}
	a.web.setCookie(w, a.web.nextCookie(), url.QueryEscape(next))
	return nil
}

// passOn sends the browser on with the answer it brought, where that is wanted elsewhere.
func (a *SMARTApp) passOn(w http.ResponseWriter, r *http.Request) (sent bool, err error) {
	e := a.web
	q := r.URL.Query()
	next := q.Get("next")
	if kept := e.cookie(r, e.nextCookie()); kept != "" {
		e.dropCookie(w, e.nextCookie())
		if kept, err := url.QueryUnescape(kept); err == nil && next == "" {
			next = kept
		}
	}
	if next == "" {
		return false, nil
	}
	to, err := url.Parse(next)
	if err != nil || !to.IsAbs() {
		return false, malformed("callback: expected next to be an absolute URL, got %q", next)
	}
	to.Fragment, to.RawFragment = "", "" // what stands behind it would be part of it
	wish := &onward{to.String(), strings.TrimSuffix(e.redirectURI, "/callback")}
	if err := party.Enforce(r.Context(), e.protocol.party, wish, callbackGuards); err != nil {
		return false, err
	}
	q.Del("next")
	http.Redirect(w, r, withQuery(to.String(), q), http.StatusSeeOther)
	return true, nil
}

func (e *EHR) nextCookie() string { return e.browserCookie + "-next" }
