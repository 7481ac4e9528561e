package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"crypto/sha256"
	"encoding/hex"

	"github.com/spf13/cobra"

	"thiefbox/sim"
	"thiefbox/sim/ecosystem"
)

// rolloutFlags are the flags of `rollout`.
type rolloutFlags struct {
	study       ecosystem.Study
	clients     string // the user's own clients.csv
	since, asOf string
	deadline    []string
	sensitivity bool
	assumptions bool
	curve       bool
	json        *bool
}

const rolloutLong = `Plays a migration many times: 300 suppliers bring 1,800 clients from bearer tokens and shared secrets to keys and
bound tokens, each in its own time, while policies push: telling them, dates, dates in phases, and the ratchet, by which
a client that has moved is never let back. Policies are compared on the same random numbers.

It is a model, not a forecast. What an unmoved client is worth to a thief, and that it is refused on its date, was measured
on the wire when you ran the command; how long people take is assumed, with sources: --assumptions lists every number.
Give your own clients (--clients, a table with the columns supplier and first_green) and the model is fitted to them, with
those that are not green yet counted as what they are: open.`

func (a *app) rolloutCommand() *cobra.Command {
	f := rolloutFlags{study: ecosystem.Study{Params: ecosystem.Defaults()}}
	cmd := &cobra.Command{
		Use: "rollout", Short: "bring a whole ecosystem over: exposure, broken clients, policies side by side", Long: rolloutLong,
		Example: "  thiefbox rollout\n  thiefbox rollout --deadline 45,120 --sensitivity\n  thiefbox rollout --clients clients.csv --since 2026-01-01 --as-of 2026-11-01",
		Args:    arguments(0, 0, "no name"),
	}
	s, fl := &f.study, cmd.Flags()
	fl.IntVar(&s.Trials, "trials", 2000, "play `N` times; 10,000 for a report")
	fl.Float64Var(&s.Horizon, "horizon", 365, "count exposure for `DAYS`")
	fl.IntVar(&s.Suppliers, "suppliers", 300, "`NUMBER` of suppliers")
	fl.IntVar(&s.Clients, "number-of-clients", 1800, "`NUMBER` of clients")
	fl.IntVar(&s.Clinics, "clinics", 50000, "`NUMBER` of clinics")
	fl.BoolVar(&s.Vary, "vary", false, "draw the model's numbers from their ranges in each trial: the wider band of not knowing them")
	fl.Float64Var(&s.Params.Mandate, "mandate", s.Params.Mandate, "mandate strength: a date makes suppliers faster by `TIMES`")
	fl.StringSliceVar(&f.deadline, "deadline", nil, "compare dates after `DAYS,...` too")
	fl.StringVar(&f.clients, "clients", "", "fit the model to the clients in `FILE`")
	fl.StringVar(&f.since, "since", "", "with --clients: `DAY` on which the work began, as 2026-01-31")
	fl.StringVar(&f.asOf, "as-of", "", "with --clients: `DAY` on which the table was made")
	fl.BoolVar(&f.sensitivity, "sensitivity", false, "which number moves the answer, the widest swing first")
	fl.BoolVar(&f.assumptions, "assumptions", false, "list every number with its source and range, and end")
	fl.BoolVar(&f.curve, "curve", false, "how many clients are exposed, over time")
	f.json = jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.rollout(cmd.Context(), f) }
	return cmd
}

// rolledOut is a rollout as --json prints it.
type rolledOut struct {
	Model       string            `json:"model"` // what it is, and is not
	Study       ecosystem.Study   `json:"study"`
	Hash        string            `json:"assumptions_hash"`
	Measured    sim.Migration     `json:"measured"`
	Fit         *ecosystem.Fit    `json:"fit,omitempty"`
	Policies    []ecosystem.Row   `json:"policies"`
	Sensitivity []ecosystem.Swing `json:"sensitivity,omitempty"`
	Curves      []ecosystem.Curve `json:"curves,omitempty"`
	Parameters  []ecosystem.Param `json:"parameters"`
	Falsified   string            `json:"what_would_change_this"`
}

func (a *app) rollout(ctx context.Context, f rolloutFlags) error {
	s := f.study
	s.Seed, s.Policies = a.seed, ecosystem.Policies()
	for _, text := range f.deadline {
		days, err := strconv.ParseFloat(text, 64)
		if err != nil || days <= 0 {
			return usage("", "--deadline: expected numbers of days, got %q", text)
		}
		s.Policies = append(s.Policies, ecosystem.Policy{Name: "notify, " + text + " d", Notify: true, Deadline: days, Ratchet: true})
	}
	out := rolledOut{Model: "a model, not a forecast"}
	if f.clients != "" {
		fit, err := fitClients(f)
		if err != nil {
			return err
		}
		out.Fit, s.Params = &fit, s.Params.Fitted(fit)
	}
	out.Parameters = s.Params.List()
	if f.assumptions {
		return a.assumptions(out.Parameters, *f.json)
	}
	m, err := sim.MeasureMigration(a.seed)
	if err != nil {
		return err
	}
	out.Measured, s.Refused = m, m.Refused
	if m.Exposed && m.Moved {
		s.Exposed = 1
	}
	out.Study, out.Hash = s, hashOf(s)
	r, err := s.Play(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		return usage("", "%w", err)
	}
	out.Policies = s.Summary(r)
	if f.sensitivity {
		if out.Sensitivity, err = s.Sensitivity(ctx, s.Policies[0], min(s.Trials, 500)); err != nil {
			return err
		}
	}
	if f.curve {
		days := []float64{7, 14, 30, 60, 90, 120, 180, 270, 365}
		if out.Curves, err = s.Curves(ctx, days, min(s.Trials, 500)); err != nil {
			return err
		}
	}
	week, err := s.Curves(ctx, []float64{6.5, 7.5}, min(s.Trials, 500))
	if err != nil {
		return err
	}
	green := func(left float64) float64 { return 100 * (1 - left/float64(s.Clients)/max(s.Exposed, 1e-9)) }
	out.Falsified = fmt.Sprintf("after one week the model has %.0f to %.0f %% of clients green under %q (90 %% of trials); a real week outside that range speaks against its numbers",
		green(week[0].P95[1]), green(week[0].P5[1]), s.Policies[0].Name)
	if *f.json {
		return document(a.out, out)
	}
	a.rolledOut(out)
	return nil
}

// hashOf names the assumptions: figures with different hashes are not comparable.
func hashOf(s ecosystem.Study) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("cli: a study marshals: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

func fitClients(f rolloutFlags) (ecosystem.Fit, error) {
	since, err1 := time.Parse(time.DateOnly, f.since)
	asOf, err2 := time.Parse(time.DateOnly, f.asOf)
	if err1 != nil || err2 != nil {
		return ecosystem.Fit{}, usage("", "--clients: expected --since and --as-of as 2026-01-31, got %q and %q", f.since, f.asOf)
	}
	file, err := os.Open(f.clients)
	if err != nil {
		return ecosystem.Fit{}, environment("%w", err)
	}
	defer file.Close()
	cases, err := ecosystem.ReadCases(file, since, asOf)
	if err != nil {
		return ecosystem.Fit{}, usage("", "%s: %w", f.clients, err)
	}
	fit, err := ecosystem.FitCases(cases)
	if err != nil {
		return fit, usage("", "%s: %w", f.clients, err)
	}
	return fit, nil
}

func (a *app) assumptions(list []ecosystem.Param, asJSON bool) error {
	if asJSON {
		type row struct {
			ecosystem.Param
			Low  float64 `json:"low"`
			High float64 `json:"high"`
		}
		var rows []row
		for _, p := range list {
			rows = append(rows, row{p, p.Low, p.High})
		}
		return document(a.out, rows)
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
	prose(p, "", fmt.Sprintf("A model, not a forecast: %d suppliers, %d clients, %d clinics; %d trials, seed %d, assumptions %s.", s.Suppliers, s.Clients, s.Clinics, s.Trials, s.Seed, out.Hash))
	prose(p, "", fmt.Sprintf("Measured on the wire: a token of a client that has not moved %s for whoever reads a log; one of a client that has moved %s; once refused (%s), a client that has not moved is %s.",
		ifElse(out.Measured.Exposed, "opens a record", "opens nothing"), ifElse(out.Measured.Moved, "opens nothing", "opens a record"), strings.Join(out.Measured.By, ", "), ifElse(out.Measured.Refused, "served no more", "served on")))
	if f := out.Fit; f != nil {
		prose(p, "", fmt.Sprintf("Fitted to %d clients of yours, %d of them open: median %.1f days, spread %.2f, never %.0f %%. The fit is off by at most %.2f from the Kaplan-Meier curve.", f.Cases, f.Open, f.Median, f.Spread, 100*f.Never, f.Off))
	}
	fmt.Fprintln(p)
	rows := [][]string{{"policy", "exposure, client-days", "±", "clinic-days (median)", "clients broken", "top ten", "less exposed", "breaks more"}}
	for _, r := range out.Policies {
		rows = append(rows, []string{r.Policy.Name, bandText(r.ClientDays), fmt.Sprintf("%.0f", r.ClientDays.Error), fmt.Sprintf("%.0f", r.ClinicDays.P50), bandText(r.Broken),
			fmt.Sprintf("%.0f %%", 100*r.Ten.P50), fmt.Sprintf("%.0f %%", 100*r.Better), fmt.Sprintf("%.0f %%", 100*r.Worse)})
	}
	_ = table(p, rows)
	section(p, "How to read it",
		"Bands are p5 / p50 / p95 over the trials; there is no mean, which would hide the tail. ± is the Monte Carlo error of the median: more trials narrow it, and not the band.",
		ifElse(s.Vary, "The numbers of the model were drawn from their ranges: the band holds chance and not knowing.", "The band holds chance alone. --vary draws the model's numbers from their ranges as well: not knowing them makes it wider."),
		"The last two columns compare with the first policy, trial by trial, on the same random numbers. Top ten is the share of the exposure with the ten worst suppliers.",
		"Exposure is days on which a stolen token of an unmoved client would work: susceptibility, neither breaches nor money.",
		"What would change this: "+out.Falsified+".",
		"Every number of it has a source: thiefbox rollout --assumptions.")
	if len(out.Sensitivity) > 0 {
		rows := [][]string{{"number", "from", "to", "median exposure at from", "at to"}}
		for _, w := range out.Sensitivity[:min(10, len(out.Sensitivity))] {
			rows = append(rows, []string{w.Param.Name, fmt.Sprintf("%.4g", w.From), fmt.Sprintf("%.4g", w.To), fmt.Sprintf("%.0f", w.Low), fmt.Sprintf("%.0f", w.High)})
		}
		fmt.Fprintf(p, "\nWhat moves the answer, under %q, the widest swing first\n", s.Policies[0].Name)
		_ = table(p, rows)
	}
	if len(out.Curves) > 0 {
		rows := [][]string{{"clients exposed up to day"}}
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
		fmt.Fprintln(p, "\nMedian number of clients exposed, on average since the day before in the table")
		_ = table(p, rows)
	}
}

func bandText(b ecosystem.Band) string { return fmt.Sprintf("%.0f / %.0f / %.0f", b.P5, b.P50, b.P95) }
