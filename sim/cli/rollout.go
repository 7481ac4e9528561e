package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"crypto/sha256"
	"encoding/hex"

	"github.com/spf13/cobra"

	"thiefbox/sim"
	"thiefbox/sim/ecosystem"
	"thiefbox/sim/report"
	"thiefbox/sim/tui"
)

// rolloutFlags are the flags of `rollout`.
type rolloutFlags struct {
	study       ecosystem.Study
	clients     string // the user's own clients.csv
	since, asOf string
	deadline    []string
	phased      []string
	policies    []string // of the user's own
	set         []string // numbers of the model
	sensitivity bool
	assumptions bool
	curve       bool
	days        []float64 // of the curve; the usual ones if nil
	json        *bool
}

const rolloutLong = `Plays a migration many times: 300 suppliers bring 1,800 clients from bearer tokens and shared secrets to keys and
bound tokens, and 120 APIs learn to look at what a bound token says, each in its own time, while policies push: telling
them, dates, dates in phases, and the ratchet, by which a client that has moved is never let back. A client is safe when
it has moved and the API it calls looks. Policies are compared on the same random numbers.

It is a model, not a forecast. What a stolen token is worth to a thief before and after, and that an unmoved client is
refused on its date, was measured on the wire when you ran the command; how long people take is assumed, with sources: --assumptions lists every number.
Give your own clients (--clients, a table as spreadsheets write them, with the columns supplier and first_green) and the model is fitted to them, with
those that are not green yet counted as what they are: open.`

func (a *app) rolloutCommand() *cobra.Command {
	f := rolloutFlags{study: ecosystem.Study{Params: ecosystem.Defaults()}}
	var screen bool
	cmd := &cobra.Command{
		Use: "rollout", Short: "bring a whole ecosystem over: exposure, broken clients, policies side by side", Long: rolloutLong,
		Example: "  thiefbox rollout\n  thiefbox rollout --deadline 45,120 --sensitivity\n  thiefbox rollout --policy 45,notify,ratchet --set reach=0.8,mandate=2\n  thiefbox rollout --clients clients.csv --since 2026-01-01 --as-of 2026-11-01",
		Args:    arguments(0, 0, "no name"),
	}
	s, fl := &f.study, cmd.Flags()
	fl.IntVar(&s.Trials, "trials", 2000, "play `N` times; 10,000 for a report")
	fl.Float64Var(&s.Horizon, "horizon", 365, "count exposure for `DAYS`")
	fl.IntVar(&s.APIs, "apis", 120, "`NUMBER` of APIs; 0 leaves them out, as if all looked at bound tokens already")
	fl.IntVar(&s.Suppliers, "suppliers", 300, "`NUMBER` of suppliers")
	fl.IntVar(&s.Clients, "number-of-clients", 1800, "`NUMBER` of clients")
	fl.IntVar(&s.Clinics, "clinics", 50000, "`NUMBER` of clinics")
	fl.BoolVar(&s.Vary, "vary", false, "draw the model's numbers from their ranges in each trial: the wider band of not knowing them")
	fl.Float64Var(&s.Params.Mandate, "mandate", s.Params.Mandate, "mandate strength: a date makes suppliers faster by `TIMES`")
	fl.StringSliceVar(&f.deadline, "deadline", nil, "compare dates after `DAYS,...` too")
	fl.StringSliceVar(&f.phased, "phased", nil, "compare dates in phases too: `DAYS,...` for fast, usual and slow suppliers")
	fl.StringArrayVar(&f.policies, "policy", nil, "compare a `POLICY` of your own too: \"45,notify,ratchet\", \"30/60/120,notify\", \"no date,ratchet\"; may be repeated")
	fl.StringSliceVar(&f.set, "set", nil, "set numbers of the model: `NAME=VALUE,...` ("+strings.Join(s.Params.Names(), ", ")+")")
	fl.StringVar(&f.clients, "clients", "", "fit the model to the clients in `FILE`")
	fl.StringVar(&f.since, "since", "", "with --clients: `DAY` on which the work began, as 2026-01-31")
	fl.StringVar(&f.asOf, "as-of", "", "with --clients: `DAY` on which the table was made")
	fl.BoolVar(&f.sensitivity, "sensitivity", false, "which number moves the answer, the widest swing first")
	fl.BoolVar(&f.assumptions, "assumptions", false, "list every number with its source and range, and end")
	fl.BoolVar(&f.curve, "curve", false, "how many clients are exposed, over time")
	fl.BoolVar(&screen, "screen", false, "on the screen: a curve, and a date of your own that you move")
	f.json = jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.setNumbers(); err != nil {
			return err
		}
		if screen {
			if !a.interactive() {
				return usage("leave --screen out for text.", "--screen: expected a terminal")
			}
			wish, err := f.wish(fl.Changed("trials"))
			if err != nil {
				return err
			}
			return a.screens(cmd.Context(), tui.Options{Rollout: &wish})
		}
		return a.rollout(cmd.Context(), f)
	}
	return cmd
}

// What rollout writes as JSON.
const (
	schemaRollout     = "thiefbox.rollout/1"
	schemaAssumptions = "thiefbox.assumptions/1"
)

var rolloutDocuments = []report.DocumentKind{
	{Schema: schemaRollout, About: "A migration under policies side by side; a model, not a forecast: `rollout --json`. Shares are from 0 to 1.", Of: reflect.TypeFor[rolledOut]()},
	{Schema: schemaAssumptions, About: "Every number of the model, with its range and where it comes from: `rollout --assumptions --json`.", Of: reflect.TypeFor[assumed]()},
}

// rolledOut is a rollout as --json prints it.
type rolledOut struct {
	Schema      string            `json:"schema"`
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
	if f.assumptions {
		p, _, err := paramsOf(f)
		if err != nil {
			return err
		}
		return a.assumptions(p.List(), *f.json)
	}
	all, err := policiesOf(f)
	if err != nil {
		return err
	}
	out, err := a.rollOut(ctx, f, all)
	if err != nil {
		return err
	}
	if *f.json {
		return document(a.out, out)
	}
	a.rolledOut(out)
	return nil
}

// paramsOf are the numbers of the model, fitted to the user's clients if there are any.
func paramsOf(f rolloutFlags) (ecosystem.Params, *ecosystem.Fit, error) {
	if f.clients == "" {
		return f.study.Params, nil, nil
	}
	fit, err := fitClients(f)
	if err != nil {
		return f.study.Params, nil, err
	}
	return f.study.Params.Fitted(fit), &fit, nil
}

// rollOut measures what can be measured, and plays the study.
func (a *app) rollOut(ctx context.Context, f rolloutFlags, all []ecosystem.Policy) (rolledOut, error) {
	s, out := f.study, rolledOut{Schema: schemaRollout, Model: "a model, not a forecast"}
	s.Seed, s.Policies = a.seed, all
	var err error
	if s.Params, out.Fit, err = paramsOf(f); err != nil {
		return out, err
	}
	if out.Fit != nil { // the fit knows one tier: there is nothing to phase
		s.Policies = slices.DeleteFunc(s.Policies, func(p ecosystem.Policy) bool { return len(p.Phased) > 0 })
	}
	out.Parameters = s.Params.List()
	m, err := sim.MeasureMigration(a.seed)
	if err != nil {
		return out, err
	}
	out.Measured, s.Refused, s.Gap = m, m.Refused, m.Gap
	if m.Exposed && m.Moved {
		s.Exposed = 1
	}
	out.Study, out.Hash = s, hashOf(s)
	r, err := s.Play(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return out, err
		}
		return out, usage("", "%w", err)
	}
	out.Policies = s.Summary(r)
	if f.sensitivity {
		if out.Sensitivity, err = s.Sensitivity(ctx, s.Policies[0], min(s.Trials, 500)); err != nil {
			return out, err
		}
	}
	if f.curve {
		days := f.days
		if days == nil {
			days = []float64{7, 14, 30, 60, 90, 120, 180, 270, 365}
		}
		if out.Curves, err = s.Curves(ctx, days, min(s.Trials, 500)); err != nil {
			return out, err
		}
	}
	out.Falsified, err = falsified(ctx, s)
	return out, err
}

// falsified is the observation that would speak against the model.
func falsified(ctx context.Context, s ecosystem.Study) (string, error) {
	first := s
	first.Policies = s.Policies[:1]
	week, err := first.Curves(ctx, []float64{7}, min(s.Trials, 500))
	if err != nil {
		return "", err
	}
	safe := func(left float64) float64 { return 100 * (1 - left/float64(s.Clients)/max(s.Exposed, 1e-9)) }
	return fmt.Sprintf("after one week the model has %.0f to %.0f %% of clients safe under %q (90 %% of trials); a real week outside that range speaks against its numbers",
		safe(week[0].P95[0]), safe(week[0].P5[0]), s.Policies[0].Name), nil
}

// policiesOf are those worth comparing, and those the user wants besides.
func policiesOf(f rolloutFlags) ([]ecosystem.Policy, error) {
	all := ecosystem.Policies()
	days := func(flag, text string) (float64, error) {
		d, err := strconv.ParseFloat(text, 64)
		if err != nil || d <= 0 {
			return 0, usage("", "--%s: expected numbers of days, got %q", flag, text)
		}
		return d, nil
	}
	for _, text := range f.deadline {
		d, err := days("deadline", text)
		if err != nil {
			return nil, err
		}
		all = append(all, ecosystem.Policy{Name: "notify, " + text + " d", Notify: true, Deadline: d, Ratchet: true})
	}
	for _, text := range f.policies {
		p, err := ecosystem.ParsePolicy(text)
		if err != nil {
			return nil, usage("", "--policy: %w", err)
		}
		all = append(all, p)
	}
	if len(f.phased) == 0 {
		return all, nil
	}
	phased := ecosystem.Policy{Name: "notify, " + strings.Join(f.phased, "/") + " d", Notify: true, Ratchet: true}
	for _, text := range f.phased {
		d, err := days("phased", text)
		if err != nil {
			return nil, err
		}
		phased.Phased = append(phased.Phased, d)
	}
	return append(all, phased), nil
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
