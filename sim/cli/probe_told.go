package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"thiefbox/attacker/probe"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// toldProbe has every attempt judged, and makes the document of it.
func (a *app) toldProbe(ctx context.Context, f probeFlags, profile control.Profile, t probe.Target, g *probeGround, tries []probe.Try, found probe.Findings) report.Probe {
	d := report.Probe{
		Profile: profile.Name, Seed: a.seed, Requests: g.sent,
		Target: report.ProbeTarget{Method: t.Method, URL: t.URL, Issuer: g.url, Audience: t.Audience, Scope: t.Scope, Subject: t.Subject, Bound: string(t.Kind)},
		Honest: report.ProbeHonest{Sent: len(found.Honest), Statuses: statuses(found.Honest), Served: found.Served, Nonces: found.Nonces, Introspects: found.Introspects},
		Tries:  []report.ProbeTry{},
	}
	if !found.Served {
		d.Honest.Reason, d.Honest.Look = a.whereToLook(ctx, g, t, found.Honest)
		for _, try := range tries {
			r := f.describe(try, profile)
			r.Verdict = verdict.Verdict{Outcome: verdict.Void, Reason: "the honest are not served, so nothing was tried"}
			d.Tries = append(d.Tries, r)
		}
		d.Settle()
		return d
	}
	for _, attempt := range found.Attempts {
		r := f.describe(attempt.Try, profile)
		r.Skipped, r.Notes, r.Statuses = attempt.Skipped, attempt.Notes, statuses(attempt.Theft)
		if r.Skipped == "" {
			r.Verdict = verdict.JudgeProbe(probing(attempt, found))
		}
		if r.Verdict.Outcome == verdict.Breached {
			r.Notes = nil // about refusals
		}
		d.Tries = append(d.Tries, r)
	}
	d.Settle()
	return d
}

// describe says of a try what does not depend on what came of it. Whoever names somebody's record, and whose it is not,
// asks for the control over it, whatever the profile does.
func (f probeFlags) describe(t probe.Try, profile control.Profile) report.ProbeTry {
	r := report.ProbeTry{Name: t.Name, Title: t.Title, Control: t.Control, Clause: t.Clause, Gain: t.Gain, Fix: t.Fix, Demanded: t.Control == ""}.Told()
	for _, c := range profile.Controls.Controls() {
		r.Demanded = r.Demanded || c.ID == t.Control
	}
	r.Demanded = r.Demanded || strings.HasPrefix(t.Name, "object/") && f.subject != ""
	return r
}

// probing is an attempt as the judge sees it.
func probing(a probe.Attempt, f probe.Findings) verdict.Probing {
	p := verdict.Probing{
		Bare: answered(f.Bare), After: answered(a.After), Silent: a.Silent, Elsewhere: a.Elsewhere,
	}
	honest := a.Honest
	if !a.Elsewhere {
		honest = slices.Concat(f.Honest, a.Honest)
	}
	for _, x := range honest {
		p.Honest = append(p.Honest, answered(x))
	}
	for _, x := range a.Theft {
		p.Theft = append(p.Theft, answered(x))
	}
	return p
}

func answered(x probe.Exchange) verdict.Answered {
	return verdict.Answered{Message: x.Answer, Lost: x.Lost, Handshake: x.TLS}
}

func statuses(xs []probe.Exchange) (out []int) {
	for _, x := range xs {
		out = append(out, x.Answer.Status)
	}
	return out
}

// whereToLook says what is likely to be wrong if the honest are not served.
func (a *app) whereToLook(ctx context.Context, g *probeGround, t probe.Target, honest []probe.Exchange) (reason string, look []string) {
	i := slices.IndexFunc(honest, func(x probe.Exchange) bool { return x.Lost != "" || x.Answer.Status < 200 || x.Answer.Status >= 300 })
	x := honest[i]
	add := func(format string, args ...any) { look = append(look, fmt.Sprintf(format, args...)) }
	if x.Lost != "" {
		add("whether the API listens at %s, and over TLS whether --ca names its authority", t.URL)
		return "no answer came: " + x.Lost, look
	}
	m := x.Answer
	reason = fmt.Sprintf("the answer to right request %d was %d", i+1, m.Status)
	if said := strings.Join(m.Header.Values("WWW-Authenticate"), ", "); said != "" {
		reason += ", " + said
	}
	if len(m.Body) > 0 {
		reason += fmt.Sprintf(": %.300s", m.Body)
	}
	if date, err := http.ParseTime(m.Header.Get("Date")); err == nil {
		if off := a.env.Now().Sub(date); off.Abs() > 5*time.Second {
			add("the clock: the API's is %s off", off.Abs().Truncate(time.Second))
		}
	}
	switch {
	case m.Status == http.StatusNotFound:
		add("the address: is there a record at %s, that the token's subject may read?", t.URL)
	case m.Status == http.StatusForbidden:
		add("the scope, and what else the API asks of a token that is valid: --scope, --subject and --claim say what is in it")
	case m.Status >= 500:
		add("the API's own log: it fell over (%d)", m.Status)
	case m.Status >= 300 && m.Status < 400:
		add("where it sends to: %s; redirects are not followed", m.Header.Get("Location"))
	}
	if strings.HasPrefix(t.URL, g.url+"/fhir/") {
		add("what the issuer says of it: this API is its own, and GET %s/_thiefbox/why has the rule, what it expected and what came", g.url)
		if own := g.url + "/fhir"; t.Audience != "" && t.Audience != own {
			add("the audience: that API's is %s, which is meant where --audience is left out", own)
		}
		return reason, look
	}
	if m.Status == http.StatusUnauthorized || m.Status == http.StatusForbidden || m.Status >= 500 {
		a.lookAtTrust(ctx, g, t, i, add)
	}
	return reason, look
}

// lookAtTrust compares what the token says with what the API has asked for.
func (a *app) lookAtTrust(ctx context.Context, g *probeGround, t probe.Target, failed int, add func(string, ...any)) {
	seen, err := g.recorded(ctx, "")
	asked := map[string]bool{}
	for _, r := range seen {
		asked[r.Path] = true
	}
	if err == nil && !asked["/jwks"] && !asked["/introspect"] {
		add("the issuer: the API has fetched no keys of %s, nor asked about a token there; it must trust that issuer, to the letter, and reach it", g.url)
	}
	c := g.latest.Claims
	add("the token: iss %v, aud %v, scope %v, sub %v; the API must expect these, the signature of %s/jwks and the type at+jwt", c["iss"], c["aud"], c["scope"], c["sub"], g.url)
	switch t.Kind {
	case probe.DPoP:
		add("the proof: its htu is %s; an API behind a proxy compares with the address it thinks it has. Does it take the scheme DPoP at all? --sender-constraint bearer tries without", t.URL)
	case probe.MTLS:
		add("the certificate: does the API ask for one, and trust its authority?")
	}
	if failed > 0 {
		add("what differs from the first request, which was served: %s", []string{"", "the same token with another proof", "another token"}[min(failed, 2)])
	}
}
