package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"thiefbox/sim/event"
)

const maxRedirects = 20

// navigation is a browser on its way to a page.
type navigation struct {
	method string
	url    *url.URL
	body   []byte
	page   *source // page it started from, nil if the address bar
	// tainted: a redirect crossed origins, so that Origin no longer tells the truth (Fetch s3.1).
	tainted  bool
	exchange int  // that redirected here
	script   bool // a script of the page asks, not its reader
	part     bool // of a page: it is loaded unasked
}

// source is the page on which a navigation started.
type source struct {
	url      *url.URL
	origin   origin
	policy   referrerPolicy
	exchange int
}

// navigate fetches, follows redirects, and returns the page at the end.
func (b *Browser) navigate(ctx context.Context, nav navigation, stopPrefix string) (*Page, error) {
	if nav.page != nil {
		nav.exchange = nav.page.exchange
	}
	for hop := 0; ; hop++ {
		address := nav.url.String()
		if stopPrefix != "" && strings.HasPrefix(address, stopPrefix) {
			return &Page{URL: address, Stopped: true, Exchange: nav.exchange}, nil
		}
		resp, exchange, err := b.fetch(ctx, &nav)
		if err != nil {
			return nil, &url.Error{Op: nav.method, URL: address, Err: err}
		}
		if !nav.script {
			b.remember(Visit{withoutFragment(nav.url), resp.StatusCode, exchange})
		}
		b.jar.set(nav.url, resp.Cookies())
		to, err := nav.redirect(resp)
		if err == nil && to != nil && hop == maxRedirects {
			err = errors.New("stopped after " + strconv.Itoa(maxRedirects) + " redirects")
		}
		if err != nil {
			return nil, &url.Error{Op: nav.method, URL: address, Err: err}
		}
		if to == nil {
			page, err := newPage(nav.url, resp, exchange)
			if err == nil && !nav.script {
				b.loadScripts(ctx, page)
			}
			return page, err
		}
		to.exchange = exchange
		nav = *to
	}
}

// fetch sends one request of the navigation.
func (b *Browser) fetch(ctx context.Context, nav *navigation) (*http.Response, int, error) {
	if nav.exchange != 0 {
		ctx = event.Within(ctx, nav.exchange)
	}
	req := (&http.Request{
		Method: nav.method, URL: nav.url,
		Header: http.Header{"Accept": {"text/html,application/xhtml+xml,*/*;q=0.8"}},
	}).WithContext(ctx)
	if nav.script { // Fetch Metadata: no script can set these, and none can leave them out
		req.Header = http.Header{"Accept": {"*/*"}, "Sec-Fetch-Dest": {"empty"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Site": {"same-origin"}}
	}
	if nav.part {
		site := "cross-site"
		switch from := originOf(nav.url); {
		case from == nav.page.origin:
			site = "same-origin"
		case from.site() == nav.page.origin.site():
			site = "same-site"
		}
		req.Header = http.Header{"Accept": {"*/*"}, "Sec-Fetch-Dest": {"script"}, "Sec-Fetch-Mode": {"no-cors"}, "Sec-Fetch-Site": {site}}
	}
	if nav.method == http.MethodPost {
		req.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
		req.Body, req.ContentLength = reader(nav.body), int64(len(nav.body))
		req.Header["Origin"] = []string{nav.originHeader()}
	}
	if referer := nav.referer(); referer != "" {
		req.Header["Referer"] = []string{referer}
	}
	if nav.part && originOf(nav.url) != nav.page.origin {
		return b.net.send(b.from, req, true) // without the cookies of a third party
	}
	if cookies := b.jar.cookies(nav.url, nav.page, nav.method); len(cookies) > 0 {
		req.Header["Cookie"] = []string{cookieHeader(cookies)}
	}
	return b.net.send(b.from, req, true)
}

// redirect is the navigation that the answer demands, nil if none.
func (nav *navigation) redirect(resp *http.Response) (*navigation, error) {
	location := resp.Header.Get("Location")
	next := *nav
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		next.method, next.body = http.MethodGet, nil // Fetch s4.4; 303 is what OAuth wants (RFC 9700 s4.12)
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	if location == "" {
		return nil, nil
	}
	to, err := nav.url.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("redirected to a malformed URL: %w", err)
	}
	if to.Fragment == "" {
		to.Fragment, to.RawFragment = nav.url.Fragment, nav.url.RawFragment // RFC 9110 s10.2.2
	}
	next.url = to
	if nav.page != nil {
		here := originOf(nav.url)
		next.tainted = nav.tainted || here != originOf(to) && here != nav.page.origin
		next.page = nav.page.under(resp.Header)
	}
	return &next, nil
}

func newPage(u *url.URL, resp *http.Response, exchange int) (*Page, error) {
	body, err := bodyOf(resp)
	if err != nil {
		return nil, err
	}
	return &Page{
		URL: u.String(), Status: resp.StatusCode, Header: resp.Header, Body: body, Exchange: exchange,
		policy: policyOf(resp.Header, strictOriginWhenCrossOrigin),
	}, nil
}

func bodyOf(resp *http.Response) ([]byte, error) {
	if lent, ok := resp.Body.(*readOnly); ok {
		if body, ok := lent.Whole(); ok {
			return body, nil
		}
	}
	if resp.ContentLength < 0 {
		return io.ReadAll(resp.Body)
	}
	body := make([]byte, resp.ContentLength)
	_, err := io.ReadFull(resp.Body, body)
	return body, err
}

func isHTML(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return kind == "text/html" || kind == "application/xhtml+xml"
}

func withoutFragment(u *url.URL) string {
	bare := *u
	bare.Fragment, bare.RawFragment = "", ""
	return bare.String()
}
