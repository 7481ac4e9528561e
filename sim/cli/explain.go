package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"thiefbox/scenarios"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

func (a *app) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "what an attack, a scenario, a profile or a control is",
		Long: "Explains what you name: an attack by its catalogue id or name, a scenario, a profile, a control\n" +
			"by its id (`list controls`), or a try of probe (`probe --list`). An attack is played once, to see which detection rules ring for it.\n" +
			"`explain profile NAME` prints a profile as a file, to change and to give to any --profile;\n" +
			"`explain weights` prints the weights of `risk`, to change and to give to its --weights;\n" +
			"`explain schema NAME` prints the JSON Schema of a document that --json writes, or of a file that is read:\n" +
			words(report.SchemaNames(written...), "or") + ";\n" + "profile-file, weights-file or baseline-file.",
		Example: "  thiefbox explain D-04\n  thiefbox explain fapi2-dpop\n  thiefbox explain rs/dpop-htu\n" +
			"  thiefbox explain profile fapi2-dpop > ours.yaml\n  thiefbox explain schema matrix",
		Args:              explainArguments,
		ValidArgsFunction: complete(allNames),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 2 && args[0] == "schema":
			return writeSchema(a.out, args[1])
		case len(args) == 2:
			return printProfile(a.out, args[1])
		case args[0] == "weights":
			return writeWeights(a.out)
		}
		s, err := findSubject(args[0])
		if err != nil {
			return err
		}
		if s.attack != nil {
			return a.explainSeen(cmd.Context(), s, *asJSON)
		}
		if *asJSON {
			return document(a.out, s.document())
		}
		return s.explain(a.page())
	}
	return cmd
}

// explainArguments are one name, or one of the words profile and schema, and a name.
func explainArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 2 && (args[0] == "profile" || args[0] == "schema") {
		return nil
	}
	return arguments(1, 1, "one name")(cmd, args)
}

func (s subject) explain(w page) error {
	switch {
	case s.attack != nil:
		explainAttack(w, describeAttack(*s.attack))
	case s.scenario != nil:
		return explainScenario(w, s)
	case s.profile != nil:
		explainProfile(w, *s.profile)
	case s.block != nil:
		explainBlock(w, describeBlock(*s.block))
	case s.try != nil:
		explainTry(w, describeTry(*s.try))
	default:
		explainControl(w, describeStops(s.control))
	}
	return nil
}

func explainAttack(w page, t attackDoc) {
	fmt.Fprintf(w, "%s  %s\n%s\n\n", t.ID, t.Name, t.Title)
	prose(w, "", t.Story)
	if len(t.Needs) == 0 {
		section(w, "The thief", "has nothing but the network")
	}
	section(w, "The thief", t.Needs...)
	section(w, "In the FAPI 2.0 attacker model", modelWords(t.Model)...)
	section(w, "Makes sense only against", t.Against...)
	section(w, "Expected", expectedWords(t)...)
	if t.Beyond != "" {
		section(w, "Why FAPI 2.0 does not stop it", t.Beyond)
	}
	for _, d := range t.Disagreements {
		section(w, "Predicted otherwise ("+d.Clause+")", append(d.cells(), d.Why)...)
	}
	section(w, "What the logs show", t.Evidence)
	if t.Seen != nil {
		section(w, "Which detection rules ring, under "+t.Seen.Under, rung(t.Seen.Rules)...)
	}
	section(w, "Read", t.Reads...)
	section(w, "Shown in", scenariosOf(t.ID)...)
	section(w, "Run it", "thiefbox run "+t.ID+" --profile all")
}

// modelWords says what the attackers of the model who can do it are granted.
func modelWords(classes []string) (lines []string) {
	for _, c := range classes {
		lines = append(lines, report.AttackerWords(c))
	}
	return lines
}

// explainBlock explains an entry of the catalogue of attacks that no attack plays.
func explainBlock(w page, b blockDoc) {
	fmt.Fprintf(w, "%s\n%s\n", b.ID, b.Title)
	section(w, "Not played by itself", b.Why)
	if b.PlayedAs != "" {
		section(w, "What it leads to is played", "thiefbox explain "+b.PlayedAs)
	}
}

// scenariosOf names the scenarios that show an attack.
func scenariosOf(attack string) (lines []string) {
	for _, s := range scenarios.All() {
		if s.Attack == attack {
			lines = append(lines, "the scenario "+s.Name+": "+s.Title)
		}
	}
	return lines
}

const noSense = "makes no sense"

// expectedWords says what the reviewed matrix has for an attack, the profiles that answer alike together.
func expectedWords(t attackDoc) []string {
	under := map[string][]string{}
	var order []string
	for _, p := range control.Profiles() {
		answer := noSense
		switch t.Expected[p.Name] {
		case verdict.Breached:
			answer = "breached"
		case verdict.Held:
			answer = "held by " + t.StoppedBy[p.Name]
		}
		if under[answer] == nil {
			order = append(order, answer)
		}
		under[answer] = append(under[answer], p.Name)
	}
	if i := slices.Index(order, noSense); i >= 0 { // said last
		order = append(slices.Delete(order, i, i+1), noSense)
	}
	var lines []string
	for _, answer := range order {
		lines = append(lines, answer+" under "+words(under[answer], "and"))
	}
	return lines
}

func explainScenario(w page, s subject) error {
	t, err := s.technique()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s\n%s\n\n", s.scenario.Name, s.scenario.Title)
	prose(w, "", s.scenario.Story)
	section(w, "Shows", fmt.Sprintf("%s (%s, %s) under %s", t.Title, t.ID, t.Name, strings.Join(s.scenario.Profiles, ", ")))
	section(w, "Run it", "thiefbox run "+s.scenario.Name)
	return nil
}

// span writes a lifetime without the zeros Go puts at its end.
func span(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		word string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / unit.of; n > 0 && d%unit.of == 0 {
			return fmt.Sprintf("%d %s", n, unit.word+ifElse(n > 1, "s", ""))
		}
	}
	return d.String()
}

func ifElse(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}
