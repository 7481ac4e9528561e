package probe

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Requests that are wrong in how they bring the token, or that bring none.

const (
	clauseNoToken = "RFC 6750 s3; SP 5.3.4-1"
	gainNoToken   = "the record is open to whoever knows its address"
	fixNoToken    = "put the check of the token before every route, and have what no rule names refused"
)

func withoutToken(name, title, fix string, needs func(*bench) string, run func(*bench) error) Try {
	return Try{Name: "request/" + name, Clause: clauseNoToken, Gain: gainNoToken, Title: title, Fix: fix, refusal: asUnannounced, needs: needs, run: run}
}

var requestTries = []Try{
	withoutToken("no-token", "a request without an access token", fixNoToken, nil, func(b *bench) error {
		r, err := b.bare()
		return b.once(b.t.Certificate, r, err)
	}),
	{
		Name: "request/no-jwt", Clause: clauseNoToken, Gain: gainNoToken, Title: "a word that is no access token", Fix: fixNoToken, refusal: asBadToken,
		run: func(b *bench) error {
			r, err := b.rightNow()
			if err == nil {
				scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
				r.Header.Set("Authorization", scheme+" open-sesame")
			}
			return b.once(b.t.Certificate, r, err)
		},
	},
	inSpellings(),
	head(),
	override(),
	elsewhere("token-in-query", "the access token in the URL", func(r *http.Request, token string) {
		q := r.URL.Query()
		q.Set("access_token", token)
		r.URL.RawQuery = q.Encode()
	}),
	elsewhere("token-in-body", "the access token in a form", func(r *http.Request, token string) {
		body := url.Values{"access_token": {token}}.Encode()
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		r.GetBody = nil
	}),
	twoTokens("two-tokens", "a good access token, and an expired one behind it", func(good, expired string) []string { return []string{good, expired} }),
	twoTokens("two-tokens-reversed", "an expired access token, and a good one behind it", func(good, expired string) []string { return []string{expired, good} }),
	{
		Name: "request/forwarded-host", Control: "rs/forwarded-host", Title: "a proof for another host, which headers say this API is", refusal: asYouLike, kinds: []Kind{DPoP},
		Fix: "believe X-Forwarded-Host and Forwarded from one's own proxies only; better, configure the URL that proofs are for",
		implied: func(b *bench) (string, error) {
			x, err := b.forForeignHost(nil)
			return ifServed(x, "the API takes proofs for another host as they are: see proof/other-host"), err
		},
		run: func(b *bench) error {
			_, err := b.forForeignHost(map[string]string{
				"X-Forwarded-Host": foreignHost, "X-Original-Host": foreignHost, "X-Forwarded-Proto": scheme(b.t.URL), "Forwarded": "host=" + foreignHost + ";proto=" + scheme(b.t.URL),
			})
			return err
		},
	},
}

func override() Try {
	t := withoutToken("method-override", "a POST without an access token that a header calls a GET", "take no notice of X-HTTP-Method-Override, or do so before the check of the token", reading,
		func(b *bench) error {
			r, err := b.request(http.MethodPost, b.t.URL)
			if err == nil {
				for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
					r.Header.Set(name, http.MethodGet)
				}
			}
			return b.once(b.t.Certificate, r, err)
		})
	t.refusal = asYouLike // 405 is as good
	return t
}

func reading(b *bench) string {
	if b.t.Method == http.MethodGet {
		return ""
	}
	return "it is about requests that read"
}

// inSpellings asks for the record by addresses that a router takes for the same, and a rule for paths perhaps not.
func inSpellings() Try {
	t := withoutToken("other-spellings", "requests without an access token, with the path spelled otherwise",
		"make the rule that asks for tokens cover every path, and list what is open; a rule for one spelling of a path leaves the others open", nil,
		func(b *bench) error {
			u, err := url.Parse(b.t.URL)
			if err != nil {
				return err
			}
			for _, path := range spellings(u.EscapedPath()) {
				r, err := b.bare()
				if err == nil {
					r.URL.RawPath = path // which is sent as it is
					r.URL.Path, err = url.PathUnescape(path)
				}
				if err := b.once(b.t.Certificate, r, err); err != nil {
					return err
				}
			}
			return nil
		})
	t.refusal = asYouLike // most of them lead nowhere
	return t
}

func spellings(path string) []string {
	if path == "" || path == "/" {
		return []string{"//", "/./", "/;x"}
	}
	dir, last := path[:strings.LastIndexByte(path, '/')+1], path[strings.LastIndexByte(path, '/')+1:]
	out := []string{path + "/", "/" + path, dir + "./" + last, path + ";x=1", path + ".json", path + "%20", dir + "%2e/" + last}
	if last != "" {
		out = append(out, dir+fmt.Sprintf("%%%02x", last[0])+last[1:])
	}
	if upper := strings.ToUpper(path); upper != path {
		out = append(out, upper)
	}
	return out
}

func head() Try {
	t := withoutToken("head", "a HEAD request without an access token", "ask for a token whatever the method: 200 says that there is such a record", reading, func(b *bench) error {
		r, err := b.request(http.MethodHead, b.t.URL)
		return b.once(b.t.Certificate, r, err)
	})
	t.judged = func(_ *bench, a *Attempt) { a.Silent = true }
	return t
}

// elsewhere brings the token in another place than the Authorization header, with its proof if it is bound to one.
func elsewhere(name, title string, put func(*http.Request, string)) Try {
	return Try{
		Name: "request/" + name, Control: "rs/token-in-header", Title: title, refusal: asYouLike, // to an API that looks in one place, there is no token
		Fix: "take the token from the Authorization header and from nowhere else",
		run: func(b *bench) error {
			token, err := b.token("")
			if err != nil {
				return err
			}
			_, err = b.send(b.t.Certificate, func() (*http.Request, error) {
				r, err := b.carrying(token, "")
				if err == nil {
					r.Header.Del("Authorization")
					put(r, token.Text)
				}
				return r, err
			})
			return err
		},
	}
}

func twoTokens(name, title string, order func(good, expired string) []string) Try {
	return Try{
		Name: "request/" + name, Control: "rs/one-credential", Title: title, refusal: asBadRequest,
		Fix: "refuse a request with more than one Authorization header; frameworks hand on the first or the last without a word, so ask for all of them",
		run: func(b *bench) error {
			token, err := b.token("")
			if err != nil {
				return err
			}
			expired, err := b.token("expired")
			if err != nil {
				return err
			}
			_, err = b.send(b.t.Certificate, func() (*http.Request, error) {
				r, err := b.carrying(token, "")
				if err == nil {
					r.Header["Authorization"] = order(token.Scheme+" "+token.Text, expired.Scheme+" "+expired.Text)
				}
				return r, err
			})
			return err
		},
	}
}

const foreignHost = "other.thiefbox.test"

// forForeignHost sends a proof that was made for a host of the thief's, as one is that a victim's client sent there.
func (b *bench) forForeignHost(headers map[string]string) (Exchange, error) {
	token, err := b.token("")
	if err != nil {
		return Exchange{}, err
	}
	u, err := url.Parse(b.t.URL)
	if err != nil {
		return Exchange{}, err
	}
	here := *u
	u.Host = foreignHost
	return b.send(b.t.Certificate, func() (*http.Request, error) {
		r, err := b.carryingTo(u.String(), token, ProofWish{Nonce: b.nonce})
		if err != nil {
			return nil, err
		}
		r.URL, r.Host = &here, here.Host
		for name, value := range headers {
			r.Header.Set(name, value)
		}
		return r, nil
	})
}

func scheme(rawURL string) string {
	scheme, _, _ := strings.Cut(rawURL, "://")
	return scheme
}

// ifServed is why, if an answer served.
func ifServed(x Exchange, why string) string {
	if x.ok() {
		return why
	}
	return ""
}
