package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"thiefbox/sim/fapi"
)

// The ways to be awkward that concern who the issuer is and what it signs: its keys, its clock, its name in an
// authorization response, plain or signed.

const (
	betweenRotations = 2 * time.Minute // the API, and many a client, looks for an unknown key once a minute
	shiftStep        = 3 * time.Second
	mostShift        = 9 * time.Second // a server takes what is dated 10 s ahead (SP 5.3.2.1-13), and so should a client
)

// otherIssuer is who a false iss names.
const otherIssuer = "https://other.thiefbox.test"

func replaceKeys(i *Issuer, _ http.ResponseWriter, r *http.Request, path string) string {
	f, now := &i.tenant.faults, i.tenant.clock.Now()
	f.mu.Lock()
	due := path == "/token" && now.Sub(f.rotated) >= betweenRotations
	if due {
		f.rotated = now
	}
	f.mu.Unlock()
	if !due {
		return ""
	}
	if err := i.RotateKey("", usualOverlap); err != nil {
		return "the signing key was to be replaced, and stays: " + err.Error()
	}
	return "the signing key is now " + i.tenant.key().ID + "; the one before is published for another " + usualOverlap.String()
}

func shiftClock(i *Issuer, _ http.ResponseWriter, _ *http.Request, path string) string {
	if !backChannel(path) {
		return ""
	}
	f := &i.tenant.faults
	f.mu.Lock()
	due := f.shifted < mostShift
	if due {
		f.shifted += shiftStep
	}
	shifted := f.shifted
	f.mu.Unlock()
	if !due {
		return ""
	}
	i.Advance(shiftStep)
	return fmt.Sprintf("the clock is %s further ahead than it was at first", shifted)
}

func dropIss(i *Issuer, a *letter, _ *http.Request, path string) string {
	return i.changeIss(a, path, "", "the authorization response has no iss")
}

func falsifyIss(i *Issuer, a *letter, _ *http.Request, path string) string {
	return i.changeIss(a, path, otherIssuer, "the authorization response has another server's iss")
}

// changeIss changes an authorization response in the address that a browser is sent to: the parameter, or the
// claim in a signed response (JARM), which is signed anew. Empty is none.
func (i *Issuer) changeIss(a *letter, path, iss, did string) string {
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil || !strings.HasPrefix(path, "/authorize") {
		return ""
	}
	q := u.Query()
	switch {
	case q.Has("iss"):
		q.Del("iss")
		if iss != "" {
			q.Set("iss", iss)
		}
	case q.Has("response"):
		signed, err := i.signedWithIss(q.Get("response"), iss)
		if err != nil {
			return ""
		}
		q.Set("response", signed)
		did = strings.Replace(did, "the authorization response", "the signed authorization response", 1)
	default:
		return ""
	}
	u.RawQuery = q.Encode()
	a.header.Set("Location", u.String())
	return did
}

func (i *Issuer) signedWithIss(compact, iss string) (string, error) {
	t, err := fapi.ParseJWT(compact)
	if err != nil {
		return "", err
	}
	var claims map[string]json.RawMessage
	if err := t.Claims(&claims); err != nil {
		return "", err
	}
	delete(claims, "iss")
	if iss != "" {
		claims["iss"], _ = json.Marshal(iss) // a text marshals
	}
	key := i.tenant.key()
	return fapi.Sign(fapi.Header{Typ: t.Header.Typ, Kid: key.ID}, claims, key)
}
