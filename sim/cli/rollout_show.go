package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"thiefbox/sim/ecosystem"
	"thiefbox/sim/tui"
)

// assumed are the numbers of the model as --json prints them.
type assumed struct {
	Schema      string       `json:"schema"`
	Assumptions []assumption `json:"assumptions"`
}

type assumption struct {
	ecosystem.Param
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

func (a *app) assumptions(list []ecosystem.Param, asJSON bool) error {
	if asJSON {
		out := assumed{Schema: schemaAssumptions, Assumptions: []assumption{}}
		for _, p := range list {
			out.Assumptions = append(out.Assumptions, assumption{p, p.Low, p.High})
		}
		return document(a.out, out)
	}
	var rows [][]string
	for _, p := range list {
		rows = append(rows, []string{p.Name, strings.TrimSpace(fmt.Sprintf("%.4g %s", p.Value, p.Unit)), fmt.Sprintf("%.4g to %.4g", p.Low, p.High), string(p.Source)})
	}
	return table(a.out, rows)
}

// rolledOut prints a rollout, with the rules of honesty it was made by.
func (a *app) rolledOut(out rolledOut) {
	p, s := a.page(), out.Study
	prose(p, "", fmt.Sprintf("A model, not a forecast: %d APIs, %d suppliers, %d clients, %d clinics; %d trials, seed %d, assumptions %s.", s.APIs, s.Suppliers, s.Clients, s.Clinics, s.Trials, s.Seed, out.Hash))
	prose(p, "", "Measured on the wire: "+out.measured()+".")
	if fitted := out.fitted(); fitted != "" {
		prose(p, "", fitted)
	}
	fmt.Fprintln(p)
	rows := [][]string{{"policy", "exposure, client-days", "±", "clinic-days (median)", "clients broken", "top ten", "less exposed", "breaks more"}}
	for _, r := range out.Policies {
		rows = append(rows, []string{r.Policy.Name, bandText(r.ClientDays), fmt.Sprintf("%.0f", r.ClientDays.Error), fmt.Sprintf("%.0f", r.ClinicDays.P50), bandText(r.Broken),
			fmt.Sprintf("%.0f %%", 100*r.Ten.P50), fmt.Sprintf("%.0f %%", 100*r.Better), fmt.Sprintf("%.0f %%", 100*r.Worse)})
	}
	_ = table(p, rows)
	fmt.Fprintln(p, "\nClients broken on each date, p5 / p50 / p95")
	_ = table(p, datesOf(out.Policies))
	section(p, "How to read it", out.rules()...)
	if len(out.Sensitivity) > 0 {
		rows := [][]string{{"number", "from", "to", "median exposure at from", "at to"}}
		for _, w := range out.Sensitivity[:min(10, len(out.Sensitivity))] {
			rows = append(rows, []string{w.Param.Name, fmt.Sprintf("%.4g", w.From), fmt.Sprintf("%.4g", w.To), fmt.Sprintf("%.0f", w.Low), fmt.Sprintf("%.0f", w.High)})
		}
		fmt.Fprintf(p, "\nWhat moves the answer, under %q, the widest swing first\n", s.Policies[0].Name)
		_ = table(p, rows)
	}
	if len(out.Curves) > 0 {
		rows := [][]string{{"clients exposed on day"}}
		for _, d := range out.Curves[0].Days {
			rows[0] = append(rows[0], fmt.Sprintf("%.0f", d))
		}
		for _, c := range out.Curves {
			row := []string{c.Policy}
			for _, n := range c.P50 {
				row = append(row, fmt.Sprintf("%.0f", n))
			}
			rows = append(rows, row)
		}
		fmt.Fprintln(p, "\nMedian number of clients exposed on that day")
		_ = table(p, rows)
	}
}

// measured is what was seen on the wire, as part of a sentence.
func (out rolledOut) measured() string {
	m := out.Measured
	return fmt.Sprintf("a token of a client that has not moved %s for whoever reads a log; one of a client that has moved %s, and at an API that does not look at what it says, it %s; once refused (%s), a client that has not moved is %s",
		ifElse(m.Exposed, "opens a record", "opens nothing"), ifElse(m.Moved, "opens nothing", "opens a record"), ifElse(m.Gap, "opens one all the same", "opens nothing either"),
		strings.Join(m.By, ", "), ifElse(m.Refused, "served no more", "served on"))
}

// fitted says how the model was fitted to the user's clients; empty if it was not.
func (out rolledOut) fitted() string {
	f := out.Fit
	if f == nil {
		return ""
	}
	return fmt.Sprintf("Fitted to %d clients of yours, %d of them open: median %.1f days, spread %.2f, never %.0f %%. The fit is off by at most %.2f from the Kaplan-Meier curve.", f.Cases, f.Open, f.Median, f.Spread, 100*f.Never, f.Off)
}

// rules are how the figures may be read. They go with every figure.
func (out rolledOut) rules() []string {
	return []string{
		"Bands are p5 / p50 / p95 over the trials; there is no mean, which would hide the tail. ± is the Monte Carlo error of the median: more trials narrow it, and not the band.",
		ifElse(out.Study.Vary, "The numbers of the model were drawn from their ranges: the band holds chance and not knowing.", "The band holds chance alone. --vary draws the model's numbers from their ranges as well: not knowing them makes it wider."),
		"\"Less exposed\" and \"breaks more\" compare with the first policy, trial by trial, on the same random numbers. Top ten is the share of the exposure with the ten worst suppliers.",
		"Exposure is days on which a token stolen from a client would work, because the client has not moved or the API it calls does not look: susceptibility, neither breaches nor money. No figure here was measured at a real network.",
		"What would change this: " + out.Falsified + ".",
		"Every number of it has a source: thiefbox rollout --assumptions.",
	}
}

// screenRollout plays the migration for the screen, which has fewer trials than a report, so that a date can be moved.
func (a *app) screenRollout(ctx context.Context, wish tui.RolloutWish) (tui.Rollout, error) {
	f := rolloutFlags{sensitivity: wish.Moves, curve: true, clients: wish.Clients, since: wish.Since, asOf: wish.AsOf, study: ecosystem.Study{
		Params: wish.Params, APIs: 120, Suppliers: 300, Clients: 1800, Clinics: 50000, Trials: wish.Trials, Horizon: 365, Vary: wish.Vary,
	}}
	for d := 0.0; d <= 180; d += 2 {
		f.days = append(f.days, d)
	}
	out, err := a.rollOut(ctx, f, append(ecosystem.Policies(), wish.Own))
	return tui.Rollout{Study: out.Study, Hash: out.Hash, Policies: out.Policies, Curves: out.Curves, Sensitivity: out.Sensitivity,
		Measured: out.measured() + ".", Fitted: out.fitted(), Rules: out.rules()}, err
}

// datesOf is who is not ready on each date of each policy that has any.
func datesOf(all []ecosystem.Row) (rows [][]string) {
	for _, r := range all {
		if len(r.Dates) == 0 {
			continue
		}
		row := []string{r.Policy.Name}
		for _, d := range r.Dates {
			row = append(row, fmt.Sprintf("day %g: %s", d.Day, bandText(d.Broken)))
		}
		rows = append(rows, row)
	}
	return rows
}

func bandText(b ecosystem.Band) string { return fmt.Sprintf("%.0f / %.0f / %.0f", b.P5, b.P50, b.P95) }

// setNumbers sets the numbers of the model that were named.
func (f *rolloutFlags) setNumbers() error {
	for _, text := range f.set {
		name, value, _ := strings.Cut(text, "=")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return usage("", "--set: expected NAME=NUMBER, got %q", text)
		}
		if f.study.Params, err = f.study.Params.With(name, v); err != nil {
			return usage("", "--set: %w", err)
		}
	}
	if err := f.study.Params.Check(); err != nil {
		return usage("`thiefbox rollout --assumptions` lists every number with its range.", "%w", err)
	}
	return nil
}

// wish is what the flags say, for the screen.
func (f rolloutFlags) wish(trials bool) (w tui.RolloutWish, err error) {
	w = tui.RolloutWish{Params: f.study.Params, Vary: f.study.Vary, Clients: f.clients, Since: f.since, AsOf: f.asOf}
	if trials {
		w.Trials = f.study.Trials
	}
	if n := len(f.policies); n > 0 {
		if w.Own, err = ecosystem.ParsePolicy(f.policies[n-1]); err != nil {
			return w, usage("", "--policy: %w", err)
		}
	}
	return w, nil
}
