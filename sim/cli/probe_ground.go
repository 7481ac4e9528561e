package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"thiefbox/attacker/probe"
	"thiefbox/sim/fapi"
)

// probeGround is the thief's ground at somebody's own API: a client that keeps to its pace and its number of requests,
// follows no redirect and stays on this machine, and an authorization server that makes what he asks for.
type probeGround struct {
	*probeIssuer
	a        *app
	flags    probeFlags
	steps    *steps
	clients  map[*fapi.KeyPair]*http.Client // by the certificate that is shown; nil for none
	interval time.Duration
	next     time.Time
	sent     int
	ctx      context.Context
}

func (a *app) newProbeGround(ctx context.Context, f probeFlags, i *probeIssuer) (*probeGround, error) {
	g := &probeGround{
		probeIssuer: i, a: a, flags: f, steps: a.newSteps(ctx), clients: map[*fapi.KeyPair]*http.Client{}, ctx: ctx,
		interval: time.Duration(float64(time.Second) / f.rate),
	}
	_, err := g.client(nil)
	return g, err
}

// client is the one for a certificate: connections are its own, or else the API might see another's.
func (g *probeGround) client(certificate *fapi.KeyPair) (*http.Client, error) {
	if c := g.clients[certificate]; c != nil {
		return c, nil
	}
	c, err := g.a.dialer(g.flags.ca, g.flags.beyond)
	if err != nil {
		return nil, err
	}
	transport := c.Transport.(*http.Transport)
	if certificate != nil {
		pair := certificate.TLS()
		// Whatever authorities the server names: an honest client chooses, a thief shows what he has.
		transport.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	c.Timeout, c.Transport = g.flags.timeout, g.steps.witness(transport)
	g.clients[certificate] = c
	return c, nil
}

// Do sends a request without a certificate.
func (g *probeGround) Do(r *http.Request) (*http.Response, error) { return g.DoWith(nil, r) }

// mostPatience is how long an API may ask to be left alone.
const mostPatience = 90 * time.Second

// DoWith sends a request when its time has come. If the API asks for patience, it is sent again, once.
func (g *probeGround) DoWith(certificate *fapi.KeyPair, r *http.Request) (*http.Response, error) {
	for again := false; ; again = true {
		c, err := g.client(certificate)
		if err != nil {
			return nil, probe.Stop{Err: err}
		}
		if g.sent >= g.flags.maxRequests {
			return nil, probe.Stop{Err: usage("--max-requests permits more.", "expected to need at most %d requests", g.flags.maxRequests)}
		}
		g.await(g.next)
		g.next = g.a.env.Now().Add(g.interval)
		g.sent++
		resp, err := c.Do(r)
		if err != nil || again || resp.StatusCode != http.StatusTooManyRequests || r.GetBody == nil {
			return resp, err
		}
		seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
		if patience := time.Duration(seconds) * time.Second; err != nil || seconds < 0 || patience > mostPatience {
			return resp, nil
		}
		_ = resp.Body.Close()
		fmt.Fprintf(g.a.env.Stderr, "thiefbox: the API asks for %d s of patience (429)\n", seconds)
		pause(g.ctx, time.Duration(seconds)*time.Second)
		if r.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
}

func (g *probeGround) await(at time.Time) {
	if d := at.Sub(g.a.env.Now()); d > 0 {
		pause(g.ctx, d)
	}
}

// pause lets time pass, and less if ctx ends.
func pause(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}
