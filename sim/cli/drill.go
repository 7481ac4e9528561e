package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/drill"
)

func (a *app) drillCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "drill",
		Short: "an exercise: something is leaking, the clock runs, and you decide",
		Long: "A drill runs the whole ecosystem with a thief in it. What you decide changes what he can still do and\n" +
			"which clinics stop working, because the servers really change and the clients really ask them. It ends\n" +
			"with a score whose every point has a receipt, and a report whose what-ifs were really played.\n\n" +
			"Alone, without preparation: play ten-minutes. With others: guide prints what whoever runs it needs, brief what players\n" +
			"may read; every table plays, you watch, and report makes each table's report.",
		Example: "  thiefbox drill play ten-minutes\n  thiefbox drill guide d2 --format html > guide.html\n  thiefbox drill play d3 --bot reference\n  thiefbox drill new > mine.yaml\n  thiefbox drill check mine.yaml",
		Args:    arguments(0, 0, "list, brief, guide, play, watch, new, check, schema or report"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.drillListCommand(), a.drillBriefCommand(), a.drillGuideCommand(), a.drillPlayCommand(), a.drillWatchCommand(), a.drillNewCommand(), a.drillCheckCommand(), a.drillSchemaCommand(), a.drillReportCommand())
	return cmd
}

func (a *app) drillListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "the drills there are", Args: arguments(0, 0, "no name")}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		rows := []drillRow{}
		text := [][]string{}
		for _, name := range scenarios.DrillNames() {
			f, err := drillFile(name)
			if err != nil {
				return err
			}
			rows = append(rows, drillRow{name, f.ID, f.Title, f.Duration.String(), f.Room.String()})
			text = append(text, []string{name, shortSpan(f.Room) + " in the room", shortSpan(f.Duration) + " simulated", f.Title})
		}
		if *asJSON {
			return document(a.out, drillListing{schemaDrillList, rows})
		}
		if err := table(a.out, text); err != nil {
			return err
		}
		_, err := fmt.Fprint(a.out, "\nAlone: thiefbox drill play ten-minutes. With others, and no time: thiefbox drill guide d2 (d2 is short for d2-forty-strings)\n")
		return err
	}
	return cmd
}

// drillFile reads a drill: one of ours by name, or a file.
func drillFile(name string) (*drill.File, error) {
	data, err := scenarios.Drill(name)
	if err != nil {
		var missing error
		if data, missing = os.ReadFile(name); missing != nil {
			advice := didYouMean(name, scenarios.DrillNames(), "`thiefbox drill list` shows them; a file of your own is named by its path.")
			if !errors.Is(missing, os.ErrNotExist) {
				return nil, environment("%w", missing)
			}
			return nil, usage(advice, "no drill is called %q, and there is no such file", name)
		}
	}
	f, err := drill.ParseFile(data)
	if err != nil {
		return nil, usage("`thiefbox drill check "+name+"` says more.", "%s: %w", name, err)
	}
	return f, nil
}

func (a *app) drillBriefCommand() *cobra.Command {
	var facilitator, source bool
	cmd := &cobra.Command{
		Use: "brief DRILL", Short: "the page for players; with --facilitator, the one they must not see",
		Long: "Prints what players may read before a drill, and nothing that gives it away. --facilitator adds what they must\n" +
			"not see. --yaml prints the drill's file: change it, save it, and `thiefbox drill check` it, and it is a drill of your own.",
		Example: "  thiefbox drill brief d5\n  thiefbox drill brief d5 --facilitator\n  thiefbox drill brief d5 --yaml > mine.yaml",
		Args:    arguments(1, 1, "one drill"), ValidArgsFunction: complete(scenarios.DrillNames),
	}
	cmd.Flags().BoolVar(&facilitator, "facilitator", false, "ground truth, injects, prompts, traps and the reference play")
	cmd.Flags().BoolVar(&source, "yaml", false, "the drill's file, to begin one of your own from")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		f, err := drillFile(args[0])
		switch {
		case err != nil:
			return err
		case source && (*asJSON || facilitator):
			return usage("The file has all of it.", "expected --yaml alone, got another flag besides")
		case source:
			_, err := a.out.Write(f.Text())
			return err
		case *asJSON:
			return document(a.out, described(f, facilitator))
		}
		a.brief(f)
		if facilitator {
			a.guide(f)
		}
		return nil
	}
	return cmd
}

// brief prints what players may know.
func (a *app) brief(f *drill.File) {
	p := a.page()
	fmt.Fprintf(p, "%s\n\n%s: %s\n\n", exerciseMark, f.ID, f.Title)
	prose(p, "", strings.Join(strings.Fields(f.Brief), " "))
	var objectives, suspects, weights []string
	for _, o := range f.Objectives {
		objectives = append(objectives, fmt.Sprintf("%s  %s (by %s)", o.ID, o.Text, drill.Clock(o.By)))
	}
	for _, h := range f.Hypotheses {
		suspects = append(suspects, h.ID+": "+h.Text)
	}
	w := f.Score
	weights = append(weights, fmt.Sprintf("a record that reaches the thief %g, a minute of a clinic without service %g, an hour a duty is overdue %g, a needless notification %g",
		w.Records, w.ClinicMinutes, w.OverdueHours, w.Unneeded))
	section(p, "Objectives", objectives...)
	section(p, "What it could be", suspects...)
	section(p, "Harm is weighed so", weights...)
	var places []string
	for _, one := range f.World.APIs {
		places = append(places, fmt.Sprintf("%s: %s (%d)", one.Kind, one.Title, one.Count))
	}
	section(p, "APIs", places...)
}

// exerciseMark stands on everything a drill prints: it must not be taken for the real thing.
const exerciseMark = "EXERCISE EXERCISE EXERCISE. Every system, person and record here is invented."

// guide prints what the facilitator knows besides.
func (a *app) guide(f *drill.File) {
	p := a.page()
	fmt.Fprintln(p, "\nFOR THE FACILITATOR ONLY")
	section(p, "What is true", strings.Join(strings.Fields(f.Guide.Truth), " "))
	section(p, "Modelled on", strings.Join(strings.Fields(f.Source), " "))
	var injects, traps, plays []string
	for _, in := range f.Injects {
		when := drill.Clock(in.At)
		if in.When != "" {
			when = "when " + f.Say(in.When)
		}
		line := fmt.Sprintf("%s  %s, %s from %s: %s", in.ID, when, in.Channel, in.From, in.Text)
		if in.Misleads {
			line += " [red herring]"
		}
		if in.Prompt != "" {
			line += " [watch: " + in.Prompt + "]"
		}
		for _, r := range in.Answers {
			line += " [" + r.ID + ": " + r.Text + ifElse(r.Wrong == "", "", " Wrong"+ifElse(r.WrongWhen == "", "", " while "+f.Say(r.WrongWhen))+": "+r.Wrong) + "]"
		}
		injects = append(injects, line)
	}
	for _, t := range f.Traps {
		traps = append(traps, t.Text)
	}
	for _, c := range f.Reference {
		when := drill.Clock(c.At)
		if c.When != "" {
			when = "when " + f.Say(c.When)
		}
		plays = append(plays, when+": "+c.Do)
	}
	section(p, "Injects", injects...)
	section(p, "Traps", traps...)
	section(p, "Ask", f.Guide.Prompts...)
	section(p, "Afterwards", f.Guide.Debrief...)
	section(p, "The reference play", plays...)
}

func (a *app) drillCheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "check DRILL...", Short: "read drills, play them with every bot, and say what is wrong",
		Long: "Checks a drill's file: its form, with line numbers; what it names; and, by playing it with the bots nothing,\n" +
			"panic and reference, injects that can never fire, objectives that its own reference misses, traps it walks\n" +
			"into, and a panic that pays.",
		Args: arguments(1, -1, "one drill or several"), ValidArgsFunction: complete(scenarios.DrillNames),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.checkDrills(cmd.Context(), args, *asJSON) }
	return cmd
}

func (a *app) checkDrills(ctx context.Context, names []string, asJSON bool) error {
	var all []drillChecked
	for _, name := range names {
		data, err := scenarios.Drill(name)
		if err != nil {
			if data, err = os.ReadFile(name); err != nil {
				return usage(didYouMean(name, scenarios.DrillNames(), ""), "%s: no such drill, and no such file", name)
			}
		}
		c, err := drill.Check(ctx, data, a.seed, sim.NewExercise, sim.DrillVocabulary())
		problems := c.Problems
		if errors.As(err, &problems) {
			err = nil
		}
		if err != nil {
			return err
		}
		one := drillChecked{Name: name, Problems: []string{}, Harm: c.Harm}
		for _, p := range problems {
			one.Problems = append(one.Problems, p.String())
		}
		a.surprised = a.surprised || len(problems) > 0
		all = append(all, one)
	}
	if asJSON {
		return document(a.out, drillsChecked{schemaDrillCheck, all})
	}
	for _, one := range all {
		for _, p := range one.Problems {
			fmt.Fprintf(a.out, "%s: %s\n", one.Name, oneLine(p))
		}
		if len(one.Problems) > 0 {
			continue
		}
		fmt.Fprintf(a.out, "%s: in order. Loss: nothing %.0f, panic %.0f, reference %.0f.\n", one.Name,
			one.Harm["nothing"].Loss, one.Harm["panic"].Loss, one.Harm["reference"].Loss)
	}
	return nil
}
