package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/attacker"
	"thiefbox/sim/event"
	"thiefbox/sim/network"
)

// Script is the thief's script in the EHR's pages, as the doctor has them open. What it sends is sent by her
// browser; the log has it as a lure, since she opened the page.
func (g *ground) Script() (attacker.Script, error) {
	if !g.w.granted[event.PageScript] {
		return g.loaded()
	}
	_, ctx := g.w.Log.Begin(g.ctx)
	g.w.tell(ctx, event.Lured{Victim: g.w.doctor.id, URL: ehrURL + "/patients"})
	return &script{g.w.doctor, event.ExchangeOf(ctx), nil}, nil
}

// loaded is a script of his that one of the EHR's pages has loaded in the doctor's browser, from a site of his.
func (g *ground) loaded() (attacker.Script, error) {
	for _, s := range g.w.doctor.browser.Scripts() {
		if strings.HasPrefix(s.Page, ehrURL+"/") && strings.HasPrefix(s.URL, malloryURL+"/") {
			return &script{g.w.doctor, s.Exchange, nil}, nil
		}
	}
	return nil, fmt.Errorf("no page of the client's has loaded a script of his: %w", attacker.ErrStopped)
}

type script struct {
	victim *person
	lure   int // exchange by which it came there
	page   *network.Page
}

func (s *script) Fetch(ctx context.Context, address string) (attacker.Page, error) {
	return s.get(ctx, address, s.victim.browser.Fetch)
}

func (s *script) Open(ctx context.Context, address string) (attacker.Page, error) {
	return s.get(ctx, address, s.victim.browser.Open)
}

func (s *script) get(ctx context.Context, address string, by func(context.Context, string) (*network.Page, error)) (attacker.Page, error) {
	if !strings.HasPrefix(address, ehrURL+"/") {
		return attacker.Page{}, fmt.Errorf("expected an address of the page's own site, got %s: no other site lets the script read its answer", address)
	}
	page, err := by(event.Within(ctx, s.lure), address)
	if err != nil {
		return attacker.Page{}, fmt.Errorf("the script: %w", err)
	}
	s.page = page
	return attacker.Page{URL: page.URL, Status: page.Status, Body: page.Body}, nil
}

func (s *script) Send(ctx context.Context, address string, form url.Values) error {
	if s.page == nil {
		return errors.New("expected the script to have fetched something before it sends")
	}
	_, err := s.victim.browser.Submit(ctx, s.page, &network.Form{Method: http.MethodPost, Action: address}, form, "")
	if err != nil {
		return fmt.Errorf("the script: %w", err)
	}
	return nil
}
