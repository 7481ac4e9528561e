package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/drill"
	"thiefbox/sim/tui"
)

// drillPlay is one invocation of `drill play`.
type drillPlay struct {
	bot, decisions, tape string
	country              string
	speed                float64
	turn                 time.Duration
	facilitator          bool
	json                 *bool
}

func (a *app) drillPlayCommand() *cobra.Command {
	var f drillPlay
	cmd := &cobra.Command{
		Use: "play [DRILL]", Short: "play a drill: yourself, a bot, or decisions from a file",
		Long: "Plays a drill, on a terminal in its console. With --plain you read messages and logs and type decisions, one\n" +
			"a line; `help` lists what can be said. Time stands still while you think, unless --speed says otherwise;\n" +
			"`wait 10m` and `next` let it pass.\n\n" +
			"What it could be can be said in your own words (`suppose a backup was stolen`), with lines of the logs as evidence\n" +
			"(`link own1 e7`): it is kept and reported, and not scored. A facilitator can follow in another terminal: `thiefbox\n" +
			"drill watch`.\n\n" +
			"With several people, \"@anna revoke client web-ehr\" says whose decision it is; with --facilitator, the tape says from\n" +
			"when on somebody saw the truth. Whatever you decide is written to the tape at once. `quit` leaves; the same command with --tape goes on where\n" +
			"you were. A tape is all there is: `thiefbox drill report TAPE` makes the report of it.",
		Example: "  thiefbox drill play ten-minutes\n  thiefbox drill play d5 --bot panic\n  thiefbox drill play d5 --decisions plan.txt --json\n" +
			"  thiefbox drill play --tape d5.tape",
		Args: arguments(0, 1, "one drill, or none with --tape"), ValidArgsFunction: complete(scenarios.DrillNames),
	}
	cmd.Flags().StringVar(&f.bot, "bot", "", "let `BOT` play alone: "+strings.Join(drill.Bots(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("bot", complete(drill.Bots))
	cmd.Flags().StringVar(&f.decisions, "decisions", "", "take decisions from `FILE`: a line each, \"12m revoke client web-ehr\"")
	cmd.Flags().StringVar(&f.country, "country", "", "the obligations of `COUNTRY` in place of the drill's: "+strings.Join(drill.Countries(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("country", complete(drill.Countries))
	cmd.Flags().StringVar(&f.tape, "tape", "", "write the tape to `FILE`; if it exists, go on from its end")
	cmd.Flags().DurationVar(&f.turn, "turn", 0, "how much `TIME` a turn lets pass; by itself, what makes some forty turns of the drill")
	cmd.Flags().Float64Var(&f.speed, "speed", 0, "simulated `SECONDS` for each second you take, up to 600; 0 is turns")
	cmd.Flags().BoolVar(&f.facilitator, "facilitator", false, "see what is really going on (in plain text: 'truth'), and have messages arrive")
	f.json = jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.playDrill(cmd.Context(), args, f) }
	return cmd
}

func (a *app) playDrill(ctx context.Context, args []string, f drillPlay) error {
	if f.speed < 0 || f.speed > 600 {
		return usage("", "--speed: expected 0 to 600, got %g", f.speed)
	}
	if f.turn < 0 {
		return usage("", "--turn: expected a duration such as 10m, got %s", f.turn)
	}
	if f.bot != "" && f.decisions != "" {
		return usage("", "expected --bot or --decisions, got both")
	}
	if f.country != "" {
		if err := oneOf("country", f.country, drill.Countries()...); err != nil {
			return err
		}
	}
	t, rest, err := a.openTape(args, f.tape, f.country)
	if err != nil {
		return err
	}
	if f.bot != "" {
		return a.playBot(ctx, t, f)
	}
	if f.decisions != "" {
		if err := addDecisions(t, f.decisions); err != nil {
			return err
		}
		d, err := drill.Replay(ctx, t, sim.NewExercise)
		if err != nil {
			return usage("", "%s: %w", f.decisions, err)
		}
		return a.outcome(ctx, d, f, *f.json)
	}
	if *f.json {
		return usage("`drill report --format json` makes one of a tape.", "--json goes with --bot or --decisions")
	}
	if a.interactive() {
		name := ""
		if len(args) > 0 {
			name = args[0]
		}
		return a.screens(ctx, tui.Options{Drill: &tui.Drill{Name: name, Tape: f.tape, Facilitator: f.facilitator, Turn: f.turn, Country: f.country}})
	}
	return a.playLines(ctx, t, rest, f)
}

func (a *app) playBot(ctx context.Context, t *drill.Tape, f drillPlay) error {
	bot, err := drill.BotNamed(f.bot)
	if err != nil {
		return usage(didYouMean(f.bot, drill.Bots(), ""), "%w", err)
	}
	d, err := drill.Play(ctx, t, bot, sim.NewExercise)
	if err != nil {
		return err
	}
	return a.outcome(ctx, d, f, *f.json)
}

// openTape finds or begins a tape. rest is the size of what is whole of a tape that exists; -1 for none.
func (a *app) openTape(args []string, path, country string) (t *drill.Tape, rest int64, err error) {
	if path != "" {
		data, err := os.ReadFile(path)
		if err == nil {
			t, size, err := a.readTape(path, data)
			if err == nil && len(args) > 0 {
				if !sameDrill(args[0], t) {
					return nil, -1, usage("without a name, play goes on with the drill of the tape.", "%s is the tape of another drill than %s", path, args[0])
				}
			}
			return t, size, err
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, -1, environment("%w", err)
		}
	}
	if len(args) == 0 {
		return nil, -1, usage("`thiefbox drill list` shows them.", "play: expected a drill, or a --tape that exists")
	}
	f, err := drillFile(args[0])
	if err == nil {
		f, err = f.In(country)
	}
	if err != nil {
		return nil, -1, err
	}
	return &drill.Tape{File: f.Text(), Seed: a.seed}, -1, nil
}

// sameDrill tells whether a tape is of a drill, under whichever country's obligations.
func sameDrill(name string, t *drill.Tape) bool {
	f, err := drillFile(name)
	if err != nil {
		return false
	}
	played, err := drill.ParseFile(t.File)
	if err == nil {
		f, err = f.In(played.Country)
	}
	return err == nil && string(f.Text()) == string(t.File)
}

func (a *app) readTape(path string, data []byte) (*drill.Tape, int64, error) {
	t, err := drill.ReadTape(data)
	var torn *drill.TornError
	switch {
	case errors.As(err, &torn):
		a.warn("%s: %v", path, torn)
		return t, int64(torn.Size), nil
	case err != nil:
		return nil, -1, usage("a tape is what `drill play --tape FILE` writes.", "%s: %w", path, err)
	}
	return t, int64(len(data)), nil
}

// addDecisions reads decisions as people write them: a time, and what is typed.
func addDecisions(t *drill.Tape, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return environment("%w", err)
	}
	last := time.Duration(0)
	for n, line := range strings.Split(string(data), "\n") {
		line, _, _ = strings.Cut(line, "#")
		when, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		if when == "" {
			continue
		}
		at, err := time.ParseDuration(strings.TrimPrefix(when, "T+"))
		if err != nil || at < last || strings.TrimSpace(what) == "" {
			return usage("a line is a time since the start, no earlier than the line before, and a decision: 12m revoke client web-ehr",
				"%s:%d: expected a time and a decision, got %q", filepath.Base(path), n+1, line)
		}
		one := drill.ParseLine(what)
		one.At, last = at, at
		t.Decisions = append(t.Decisions, one)
	}
	return nil
}

// outcome ends a drill that nobody sits before: it keeps the tape if asked, and says what came of it.
func (a *app) outcome(ctx context.Context, d *drill.Drill, f drillPlay, asJSON bool) error {
	defer d.Close()
	if f.tape != "" {
		file, err := os.Create(f.tape)
		if err != nil {
			return environment("%w", err)
		}
		if _, err := d.Tape().Record(file); err != nil {
			return environment("%w", errors.Join(err, file.Close()))
		}
		if err := file.Close(); err != nil {
			return environment("%w", err)
		}
	}
	s, err := d.Judge(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return document(a.out, drillScore{schemaDrillScore, exerciseMark, d.File().ID, d.Tape().Seed, d.Tape().Hash(), s})
	}
	a.scored(d.File(), d.Tape(), s)
	return nil
}

// scored prints a score, each part beside the others.
func (a *app) scored(f *drill.File, t *drill.Tape, s drill.Score) {
	p := a.page()
	fmt.Fprintf(p, "%s\n\n%s: %s. Seed %d, tape %s.\n", exerciseMark, f.ID, f.Title, t.Seed, t.Hash())
	if s.Facilitated != "" {
		fmt.Fprintf(p, "Played at a facilitator's seat %s: whoever sat there saw the truth.\n", s.Facilitated)
	}
	fmt.Fprintf(p, "\nHarm           %s\n", s.Formula(f.Score))
	fmt.Fprintf(p, "Skill          %.0f, where doing nothing is 0 and the reference 100 (losses %.0f and %.0f; panic %.0f)\n", s.Skill,
		s.Anchors["nothing"].Loss, s.Anchors["reference"].Loss, s.Anchors["panic"].Loss)
	fmt.Fprintf(p, "Judgement      %.0f: %.0f %% of changes made after the right explanation with evidence; %s\n", s.Judgement.Score, 100*s.Judgement.Informed, brier(s.Judgement.Brier))
	fmt.Fprintf(p, "Communication  %.0f: met %s; missed %s\n", s.Communication.Score, listed(s.Communication.Met), listed(s.Communication.Missed))
	for _, wrong := range s.Communication.Wrong {
		fmt.Fprintf(p, "               should not have been said: %s\n", wrong)
	}
	fmt.Fprintf(p, "Rank unchanged when any weight is halved or doubled: %s\n\n", yesNo(s.Robust))
	rows := [][]string{{"", "you", "par"}}
	for _, t := range []struct {
		name     string
		you, par time.Duration
	}{
		{"detect", s.Times.Detect, s.Par.Detect}, {"triage", s.Times.Triage, s.Par.Triage}, {"contain", s.Times.Contain, s.Par.Contain},
		{"eradicate", s.Times.Eradicate, s.Par.Eradicate}, {"recover", s.Times.Recover, s.Par.Recover},
	} {
		rows = append(rows, []string{t.name, clockOrNever(t.you), clockOrNever(t.par)})
	}
	_ = table(p, rows)
	var lines []string
	for _, o := range s.Objectives {
		lines = append(lines, fmt.Sprintf("%s  %s  %s", o.Rating, clockOrNever(o.At), o.Text))
	}
	section(p, "Objectives (P in time, S somewhat late, M late, U not)", lines...)
	section(p, "Walked into", s.Judgement.Traps...)
}

func brier(b float64) string {
	if b < 0 {
		return "no odds were given"
	}
	return fmt.Sprintf("odds off by %.2f (Brier; 0 is perfect)", b)
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func yesNo(b bool) string { return ifElse(b, "yes", "no") }

func clockOrNever(t time.Duration) string {
	if t < 0 {
		return "never"
	}
	return drill.Clock(t)
}

// shortSpan writes a duration without its zeros: 6h, 45m.
func shortSpan(d time.Duration) string { return drill.Span(d) }
