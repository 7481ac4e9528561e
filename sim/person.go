package sim

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"thiefbox/fhirmock"
	"thiefbox/sim/network"
)

// person is somebody with a browser and an account.
type person struct {
	id, name, subject string // actor id; name; sub at the authorization server
	username          string
	password, code    string
	issuer            string   // where she types her password, and nowhere else
	rights            []string // patients whose records she may open
	browser           *network.Browser
}

func (w *World) newPerson(id string, p fhirmock.Practitioner, issuer string) *person {
	return &person{
		id: id, name: p.Name, subject: p.ID, username: p.ID, password: w.password(p.ID), code: w.code(p.ID), issuer: issuer,
		rights: w.people.Entitled(fhirmock.Caller{Practitioner: p.ID}), browser: w.Net.NewBrowser(id),
	}
}

// Visit opens a URL and does what the pages ask, as far as a careful person would: she signs in and
// agrees at her own authorization server only. It stops before a URL that begins with stop.
func (p *person) Visit(ctx context.Context, rawURL, stop string) (*network.Page, error) {
	page, err := p.browser.OpenUntil(ctx, rawURL, stop)
	return p.goOn(ctx, page, stop, err)
}

// Fill fills in a form of a page's by its id, and does what the pages after it ask.
func (p *person) Fill(ctx context.Context, page *network.Page, id string, values url.Values) (*network.Page, error) {
	forms := page.Forms()
	i := slices.IndexFunc(forms, func(f network.Form) bool { return f.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("expected a form %q at %s, which has none", id, page.URL)
	}
	page, err := p.browser.Submit(ctx, page, &forms[i], values, "")
	return p.goOn(ctx, page, "", err)
}

func (p *person) goOn(ctx context.Context, page *network.Page, stop string, err error) (*network.Page, error) {
	// Signing in, picking a patient and agreeing are three forms; a further round would be a loop.
	for round := 0; err == nil && round < 4; round++ {
		form, values := p.answer(page)
		if form == nil {
			break
		}
		page, err = p.browser.Submit(ctx, page, form, values, stop)
	}
	if err != nil {
		return nil, fmt.Errorf("%s's browser: %w", p.id, err)
	}
	return page, nil
}

func (p *person) answer(page *network.Page) (*network.Form, url.Values) {
	if page.Stopped || !strings.HasPrefix(page.URL, p.issuer+"/") {
		return nil, nil
	}
	forms := page.Forms()
	for i := range forms {
		switch form := &forms[i]; form.ID {
		case "sign-in":
			values := url.Values{"username": {p.username}, "password": {p.password}}
			if form.Values.Has("code") {
				values.Set("code", p.code)
			}
			return form, values
		case "pick-patient":
			return form, url.Values{"patient": {p.rights[0]}}
		case "consent":
			return form, url.Values{"decision": {"allow"}}
		}
	}
	return nil, nil
}
