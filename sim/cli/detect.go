package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/attacker"
	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/detect"
	"thiefbox/sim/report"
)

// detectFlags are the flags of `detect`.
type detectFlags struct {
	profiles, rules []string
	days, workers   int
}

func (a *app) detectCommand() *cobra.Command {
	var f detectFlags
	cmd := &cobra.Command{
		Use:   "detect [ID...]",
		Short: "which detection rules fire for which attacks, and for honest days",
		Long: "Plays every attack, or those you name, under every profile, or those you name, and honest days beside\n" +
			"them: quiet ones, and days on which clocks differ, lines fail and people mistype. The logs that the\n" +
			"servers and clients have of it are read by a pack of rules in Sigma's format. It prints which share\n" +
			"of each rule's alarms were attacks, which share of the attacks it rang for, of those that succeed and of\n" +
			"those that are stopped, and which attacks no rule sees. All of it twice: in view, on the runs the rules\n" +
			"were chosen on, and held out, on other seeds, honest days of other kinds, and with each family of attacks\n" +
			"read only by rules that the other families speak for. --rule NAME looks at one; `detect --rule NAME --json` has the details.",
		Example:           "  thiefbox detect\n  thiefbox detect --profile fapi2-dpop\n  thiefbox detect D-04 --rule proof-twice --json",
		ValidArgsFunction: complete(playableNames),
	}
	profileFlag(cmd, &f.profiles, "play under `P,...` (default all)")
	cmd.Flags().StringSliceVar(&f.rules, "rule", nil, "only the rules `NAME,...`, by name or id")
	cmd.Flags().IntVar(&f.days, "days", 3, "`N` honest days of each kind under each profile")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "`N` runs at a time; 0 means one for each core")
	_ = cmd.RegisterFlagCompletionFunc("rule", completeList(ruleNames))
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.detect(cmd.Context(), args, f)
		if err != nil {
			return err
		}
		if *asJSON {
			return report.WriteDetectJSON(a.out, d)
		}
		return a.report(false, func(w io.Writer, opt report.TextOptions) error {
			return report.WriteDetect(w, describeAll(), d, opt)
		})
	}
	return cmd
}

func (a *app) detect(ctx context.Context, names []string, f detectFlags) (report.Detection, error) {
	out := report.Detection{Seed: a.seed, Days: sim.HonestDays(false), OtherSeed: a.seed + otherSeed, OtherDays: sim.HonestDays(true)}
	if f.days < 1 || f.days > 1000 || f.workers < 0 {
		return out, usage("`thiefbox detect --help` shows how it is used.", "expected --days between 1 and 1000, and --workers 0 or more, got %d and %d", f.days, f.workers)
	}
	pack, rules, err := findRules(f.rules)
	if err != nil {
		return out, err
	}
	techniques, profiles, err := crossing(names, f.profiles)
	if err != nil {
		return out, err
	}
	for _, p := range profiles {
		out.Profiles = append(out.Profiles, p.Name)
	}
	o := sim.DetectOptions{Seed: a.seed, Days: f.days, Workers: f.workers}
	inView, err := a.samples(ctx, "runs and honest days in view", pack, techniques, profiles, o)
	if err != nil {
		return out, err
	}
	o.Seed, o.HeldOut = out.OtherSeed, true
	heldOut, err := a.samples(ctx, "runs and honest days held out", pack, techniques, profiles, o)
	if err != nil {
		return out, err
	}
	out.Trial = detect.HoldOut(rules, inView, heldOut)
	return out, nil
}

// otherSeed is how far the seeds of runs that are held out are from the others.
const otherSeed = 1_000_000

func (a *app) samples(ctx context.Context, what string, pack detect.Pack, ts []attacker.Technique, ps []control.Profile, o sim.DetectOptions) ([]detect.Sample, error) {
	progress := a.progress(what)
	defer progress.end()
	o.Progress = progress.step
	return sim.Samples(ctx, pack, ts, ps, o)
}

// findRules finds the rules that were named; all, if none are.
func findRules(names []string) (detect.Pack, []*detect.Rule, error) {
	pack, err := scenarios.Rules()
	if err != nil || len(names) == 0 {
		return pack, pack.Rules(), err
	}
	var out []*detect.Rule
	for _, name := range names {
		r, ok := pack.Find(strings.TrimSpace(name))
		if !ok || r.Base {
			return pack, nil, unknown(name, "rule", ruleNames(), "`thiefbox detect` lists them.")
		}
		out = append(out, r)
	}
	return pack, out, nil
}

func ruleNames() (names []string) {
	pack, _ := scenarios.Rules() // a test says that it can be read
	for _, r := range pack.Rules() {
		names = append(names, r.Handle())
	}
	return names
}

// seenDoc is which rules ring for an attack, in one run.
type seenDoc struct {
	Under string   `json:"under"` // profile
	Rules []string `json:"rules"`
}

// explainSeen explains an attack, with which rules ring for it: it is played once, where it is usually shown.
func (a *app) explainSeen(ctx context.Context, s subject, asJSON bool) error {
	doc := describeAttack(*s.attack)
	pack, err := scenarios.Rules()
	if err != nil {
		return err
	}
	p := usualProfile(*s.attack)
	samples, err := sim.Samples(ctx, pack, []attacker.Technique{*s.attack}, []control.Profile{p}, sim.DetectOptions{Seed: a.seed, Workers: 1})
	if err != nil {
		return err
	}
	doc.Seen = &seenDoc{Under: p.Name, Rules: []string{}}
	for _, sample := range samples {
		for _, f := range sample.Fired {
			doc.Seen.Rules = append(doc.Seen.Rules, f.Rule.Handle()+": "+f.Rule.Title)
		}
	}
	if asJSON {
		return document(a.out, explanation{Schema: schemaExplain, Attack: &doc})
	}
	explainAttack(a.page(), doc)
	return nil
}

// rung are the rules that rang, or that none did.
func rung(rules []string) []string {
	if len(rules) == 0 {
		return []string{"none: no rule of the pack sees it"}
	}
	return rules
}
