package attacker

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
)

// crawler is a browser of the thief's with nobody's account in it: he fills in the forms himself.
type crawler struct{ http *http.Client }

func newCrawler(g Ground) (*crawler, error) {
	jar, err := cookiejar.New(nil)
	return &crawler{&http.Client{Transport: transport{g}, Jar: jar}}, err
}

type transport struct{ g Ground }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t.g.Do(r) }

// sheet is a page of HTML.
type sheet struct {
	url    *url.URL
	status int
	body   []byte
}

func (c *crawler) open(ctx context.Context, address string) (*sheet, error) {
	return c.send(get(ctx, address))
}

func (c *crawler) send(r *http.Request) (*sheet, error) {
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	return &sheet{resp.Request.URL, resp.StatusCode, body}, err
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// submit fills in and sends the form of a page with the given id; what is hidden in it goes along.
func (c *crawler) submit(ctx context.Context, page *sheet, id string, values url.Values) (*sheet, error) {
	if page.status >= http.StatusBadRequest {
		return nil, ErrStopped
	}
	form := regexp.MustCompile(`(?s)<form id="` + id + `"[^>]* action="([^"]*)".*?</form>`).FindSubmatch(page.body)
	if form == nil {
		return nil, fmt.Errorf("expected a form %s at %s, found none", id, page.url.Path)
	}
	for _, field := range hidden.FindAllSubmatch(form[0], -1) {
		values.Set(string(field[1]), string(field[2]))
	}
	to, err := page.url.Parse(string(form[1]))
	if err != nil {
		return nil, err
	}
	return c.send(post(ctx, to.String(), values))
}
