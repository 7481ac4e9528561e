package network

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Script is a script that a page has loaded: from now on it runs in that page, with all that its site lets a page do.
type Script struct {
	Page, URL string // addresses: of the page, and where it came from
	Exchange  int    // that brought it
}

// Scripts returns the scripts that pages have loaded from addresses, oldest first. Those that are written into a page
// are not among them.
func (b *Browser) Scripts() []Script {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.scripts)
}

// loadScripts loads the scripts of a page as far as its policy lets it. One that cannot be loaded is left out, as
// browsers do.
func (b *Browser) loadScripts(ctx context.Context, p *Page) {
	if !mentionsScript(p.Body) || !isHTML(p.Header.Get("Content-Type")) {
		return
	}
	page, err := url.Parse(p.URL)
	if err != nil {
		return
	}
	for _, address := range sources(p.Body) {
		u, err := page.Parse(address)
		if err != nil || u.Scheme != "https" && u.Scheme != page.Scheme || !mayLoad(p.Header.Values("Content-Security-Policy"), page, u) {
			continue
		}
		resp, exchange, err := b.fetch(ctx, &navigation{method: http.MethodGet, url: u, page: p.source(page), exchange: p.Exchange, part: true})
		if err != nil || resp.StatusCode != http.StatusOK {
			continue
		}
		b.mu.Lock()
		b.scripts = append(b.scripts, Script{p.URL, u.String(), exchange})
		b.mu.Unlock()
	}
}

// mentionsScript looks for a script element in whatever case. Most pages have none.
func mentionsScript(body []byte) bool {
	const element = "<script"
	for {
		i := bytes.IndexByte(body, '<')
		if i < 0 || len(body)-i < len(element) {
			return false
		}
		if body = body[i:]; bytes.EqualFold(body[:len(element)], []byte(element)) {
			return true
		}
		body = body[1:]
	}
}

// sources are the addresses of the scripts in a page of HTML.
func sources(body []byte) (all []string) {
	tokens := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return all
		case html.StartTagToken, html.SelfClosingTagToken:
			t := tokens.Token()
			if t.Data != "script" {
				continue
			}
			for _, a := range t.Attr {
				if a.Key == "src" {
					all = append(all, strings.TrimSpace(a.Val))
				}
			}
		}
	}
}

// mayLoad tells whether the policies of a page let it load a script (CSP Level 3 s6.1): each must.
func mayLoad(policies []string, page, script *url.URL) bool {
	for _, policy := range policies {
		allowed, there := scriptSources(policy)
		if there && !slices.ContainsFunc(allowed, func(source string) bool { return matchesSource(source, page, script) }) {
			return false
		}
	}
	return true
}

// scriptSources are those of script-src, or of default-src where there is none. Without either a policy says nothing.
func scriptSources(policy string) (sources []string, there bool) {
	for directive := range strings.SplitSeq(policy, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 {
			continue
		}
		switch strings.ToLower(words[0]) {
		case "script-src":
			return words[1:], true
		case "default-src":
			sources, there = words[1:], true
		}
	}
	return sources, there
}

// matchesSource knows *, 'self', a scheme, and a host with or without its scheme; nothing else matches.
func matchesSource(source string, page, script *url.URL) bool {
	switch source = strings.ToLower(source); {
	case source == "*":
		return true
	case source == "'self'":
		return originOf(page) == originOf(script)
	case strings.HasSuffix(source, ":"):
		return source == script.Scheme+":"
	}
	return source == strings.ToLower(script.Host) || source == originOf(script).String()
}
