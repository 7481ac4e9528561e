package network

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Browser is a person's browser: it follows redirects, keeps cookies and a history, says where it came
// from, and knows forms. It loads the scripts of a page and runs none: what one does is up to who wrote it. It is safe for
// concurrent use.
type Browser struct {
	Owner string

	net  *Network
	from *endpoint
	jar  *jar

	mu      sync.Mutex
	history []Visit
	scripts []Script
}

// Visit is one line of a browser's history. Redirects on the way are kept, as browsers do.
type Visit struct {
	URL      string // as fetched: with its query, which is why a history is worth stealing
	Status   int
	Exchange int
}

// Page is what a browser shows.
type Page struct {
	URL    string // as in the address bar, with the fragment
	Status int    // 0 if Stopped
	Header http.Header
	Body   []byte
	// Stopped says that the browser was told to stop before fetching URL.
	Stopped bool
	// Exchange is the one that brought the page; of a stopped page, the one that sent the browser there,
	// 0 if nothing did.
	Exchange int

	policy  referrerPolicy // of the header
	read    sync.Once
	content document
}

// NewBrowser returns an empty browser that sends as its owner.
func (n *Network) NewBrowser(owner string) *Browser {
	return &Browser{Owner: owner, net: n, from: n.endpoint(owner), jar: newJar(n.clock.Now)}
}

// Open goes to a URL typed into the address bar, or followed from outside a browser, and follows redirects,
// at most 20. Errors are *url.Error around those of Transport.
func (b *Browser) Open(ctx context.Context, address string) (*Page, error) {
	return b.OpenUntil(ctx, address, "")
}

// OpenUntil is Open, but stops before fetching a URL that begins with stopPrefix, unless that is empty.
func (b *Browser) OpenUntil(ctx context.Context, address, stopPrefix string) (*Page, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return b.navigate(ctx, navigation{method: http.MethodGet, url: u}, stopPrefix)
}

// Fetch is what a script of a page gets with fetch(), from the page's own site: with her cookies, and with headers by
// which a browser says that it was a script who asked (W3C Fetch Metadata). Those of a person's own visits are not sent:
// that is how older browsers are, and a site has to live with them.
func (b *Browser) Fetch(ctx context.Context, address string) (*Page, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return b.navigate(ctx, navigation{method: http.MethodGet, url: u, script: true}, "")
}

// Follow follows a link on page p, which may be relative.
func (b *Browser) Follow(ctx context.Context, p *Page, link, stopPrefix string) (*Page, error) {
	base, err := url.Parse(p.URL)
	if err != nil {
		return nil, err
	}
	u, err := base.Parse(link)
	if err != nil {
		return nil, err
	}
	return b.navigate(ctx, navigation{method: http.MethodGet, url: u, page: p.source(base)}, stopPrefix)
}

// Submit sends a form of page p. Values replace the form's defaults name by name (an empty list leaves
// a field out); the name and value of a button among them mean that it was pressed.
func (b *Browser) Submit(ctx context.Context, p *Page, form *Form, values url.Values, stopPrefix string) (*Page, error) {
	if form == nil {
		return nil, errors.New("expected a form to submit, the page " + p.URL + " has no such form")
	}
	base, err := url.Parse(p.URL)
	if err != nil {
		return nil, err
	}
	u, err := base.Parse(form.Action)
	if err != nil {
		return nil, err
	}
	nav := navigation{method: http.MethodGet, url: u, page: p.source(base)}
	data := form.fill(values).Encode()
	if strings.EqualFold(form.Method, http.MethodPost) {
		nav.method, nav.body = http.MethodPost, []byte(data)
	} else {
		u.RawQuery = data
	}
	return b.navigate(ctx, nav, stopPrefix)
}

// History returns what the browser fetched, oldest first.
func (b *Browser) History() []Visit {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Visit(nil), b.history...)
}

// Cookies returns what the browser would send to a URL typed into its address bar.
func (b *Browser) Cookies(address string) ([]*http.Cookie, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return b.jar.cookies(u, nil, http.MethodGet), nil
}

func (b *Browser) remember(v Visit) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.history = append(b.history, v)
}

// Forms returns the forms of a page of HTML.
func (p *Page) Forms() []Form { return p.document().forms }

// Form returns the page's form with the given id, or nil.
func (p *Page) Form(id string) *Form {
	forms := p.Forms()
	for i := range forms {
		if forms[i].ID == id {
			return &forms[i]
		}
	}
	return nil
}

// document takes the page apart when it is first asked for: many a page is only looked at.
func (p *Page) document() *document {
	p.read.Do(func() {
		if u, err := url.Parse(p.URL); err == nil && isHTML(p.Header.Get("Content-Type")) {
			p.content = parseDocument(u, p.Body)
		}
	})
	return &p.content
}

// source is the page as the place a navigation starts from.
func (p *Page) source(u *url.URL) *source {
	return &source{url: u, origin: originOf(u), policy: policyFrom(p.document().referrer, p.policy), exchange: p.Exchange}
}
