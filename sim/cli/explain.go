package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
)

// profileDoc is what `explain --json` prints about a profile.
type profileDoc struct {
	report.Profile
	Dialect control.Dialect `json:"dialect"`
}

func (a *app) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "what an attack, a scenario, a profile or a control is",
		Long: "Explains what you name: an attack by its catalogue id or name, a scenario, a profile, or a control\n" +
			"by its id (`list controls`).",
		Example:           "  thiefbox explain D-04\n  thiefbox explain fapi2-dpop\n  thiefbox explain rs/dpop-htu",
		Args:              arguments(1, 1, "one name"),
		ValidArgsFunction: complete(allNames),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		s, err := findSubject(args[0])
		if err != nil {
			return err
		}
		if *asJSON {
			return document(a.out, s.document())
		}
		return s.explain(a.page())
	}
	return cmd
}

// document is what --json prints: one key, which says what kind of thing it is.
func (s subject) document() any {
	switch {
	case s.attack != nil:
		return map[string]any{"attack": describeAttack(*s.attack)}
	case s.scenario != nil:
		return map[string]any{"scenario": describeScenario(*s.scenario)}
	case s.profile != nil:
		return map[string]any{"profile": profileDoc{sim.DescribeProfile(*s.profile), s.profile.Dialect}}
	}
	return map[string]any{"control": describeControl(s.control)}
}

func (s subject) explain(w page) error {
	switch {
	case s.attack != nil:
		explainAttack(w, describeAttack(*s.attack))
	case s.scenario != nil:
		return explainScenario(w, s)
	case s.profile != nil:
		explainProfile(w, *s.profile)
	default:
		explainControl(w, describeControl(s.control))
	}
	return nil
}

func explainAttack(w page, t attackDoc) {
	fmt.Fprintf(w, "%s  %s\n%s\n\n", t.ID, t.Name, t.Title)
	prose(w, "", t.Story)
	section(w, "The thief", t.Needs...)
	section(w, "Makes sense only against", t.Against...)
	section(w, "Expected", expectedWords(t)...)
	if t.Beyond != "" {
		section(w, "Why FAPI 2.0 does not stop it", t.Beyond)
	}
	section(w, "Read", t.Reads...)
	section(w, "Shown in", scenariosOf(t.ID)...)
	section(w, "Run it", "thiefbox run "+t.ID+" --profile all")
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

// expectedWords says what the reviewed matrix has for an attack, the profiles with one outcome together.
func expectedWords(t attackDoc) []string {
	byOutcome := map[string][]string{}
	var order []string
	for _, p := range control.Profiles() {
		outcome := string(t.Expected[p.Name])
		if outcome == "" {
			continue
		}
		if byOutcome[outcome] == nil {
			order = append(order, outcome)
		}
		byOutcome[outcome] = append(byOutcome[outcome], p.Name)
	}
	var lines []string
	for _, outcome := range order {
		lines = append(lines, outcome+" under "+strings.Join(byOutcome[outcome], ", "))
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

func explainProfile(w page, p control.Profile) {
	fmt.Fprintf(w, "%s\n%s\n", p.Name, p.Title)
	d := p.Dialect
	section(w, "How honest parties speak",
		"clients authenticate by "+string(d.ClientAuth),
		"access tokens are "+constraintWords[d.Constraint]+", live "+span(d.AccessTokenLifetime)+", and are signed with "+d.TokenAlg,
		"authorization requests are "+requestWords[d.Request]+" and carry "+ifElse(d.PKCE, "a PKCE challenge", "no PKCE challenge"),
		"each token is for "+ifElse(d.PerAPITokens, "one API", "every API at once")+
			"; APIs "+ifElse(d.Introspection, "ask the authorization server about each", "judge it on their own"),
	)
	var lines []string
	for _, c := range p.Controls.Controls() {
		lines = append(lines, c.ID+": "+c.Title)
	}
	section(w, fmt.Sprintf("What they check (%d controls)", len(lines)), lines...)
	section(w, "Run it", "thiefbox matrix --profile "+p.Name)
}

var constraintWords = map[control.Constraint]string{
	control.Bearer: "bearer tokens, good for whoever holds them", control.DPoP: "bound to the client's DPoP key",
}

var requestWords = map[control.Request]string{
	control.PlainRequest: "plain, in the browser's address bar", control.PushedRequest: "pushed (RFC 9126)",
}

func explainControl(w page, c controlDoc) {
	fmt.Fprintf(w, "%s\n", c.ID)
	prose(w, "", "Refuses unless "+c.Title+".")
	section(w, "Enforced by", ownerWords[c.Owner])
	section(w, "Without it", c.Why)
	section(w, "Demanded in", c.Clause)
	if len(c.OnIn) == 0 {
		section(w, "On under", "no named profile")
		return
	}
	section(w, "On under", strings.Join(c.OnIn, ", "))
}

var ownerWords = map[control.Party]string{
	control.AS: "the authorization server", control.RS: "the resource server", control.Client: "the honest client",
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
