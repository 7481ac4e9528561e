package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/sim"
	"thiefbox/sim/drill"
)

// What a trainer needs who writes a drill: something to begin from, and the form of the file.

func (a *app) drillNewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "new", Short: "a drill to make your own of, with what it can say",
		Long: "Prints a small drill that is in order as it is, with comments, and after it what conditions can ask for, the\n" +
			"decisions there are and the kinds of client. Save it, change it, and `thiefbox drill check` it.",
		Example: "  thiefbox drill new > mine.yaml\n  thiefbox drill check mine.yaml\n  thiefbox drill play mine.yaml",
		Args:    arguments(0, 0, "no name"),
	}
	cmd.RunE = func(*cobra.Command, []string) error {
		var b strings.Builder
		b.Write(drill.Skeleton())
		comment := func(title string, all []drill.Choice) {
			fmt.Fprintf(&b, "\n# %s\n", title)
			for _, one := range all {
				fmt.Fprintf(&b, "#   %-34s %s\n", one.Word, one.Text)
			}
		}
		comment("Conditions join these by && || ! ( ) and compare them by == != < <= > >=, with numbers and durations (t > 90m):", drill.Facts())
		var decisions, kinds []drill.Choice
		for _, act := range drill.Catalogue() {
			decisions = append(decisions, drill.Choice{Word: strings.TrimSpace(act.ID + " " + act.Usage), Text: act.Title})
		}
		comment("Decisions, as the reference and players make them (KIND and CLIENT are kinds of client, PLACE is server or an API):", decisions)
		for _, k := range drill.KindNames() {
			kinds = append(kinds, drill.Choice{Word: k, Text: drill.Kinds[k]})
		}
		comment("Kinds of client:", kinds)
		words := sim.DrillVocabulary()
		fmt.Fprintf(&b, "\n# Where the thief can listen: %s.\n", strings.Join(words.Vantages, ", "))
		fmt.Fprintf(&b, "# What he can have, or take anew before each round: %s.\n", strings.Join(words.Assets, ", "))
		_, err := fmt.Fprint(a.out, b.String())
		return err
	}
	return cmd
}

func (a *app) drillSchemaCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "schema", Short: "the form of a drill's file, as JSON Schema",
		Long: "Prints the JSON Schema (draft 2020-12) of a drill's file: every field, what it means and what it can say, for an editor\n" +
			"that completes and checks as you type. What conditions and decisions name is for `thiefbox drill check`.",
		Example: "  thiefbox drill schema > drill.schema.json",
		Args:    arguments(0, 0, "no name"),
	}
	cmd.RunE = func(*cobra.Command, []string) error { return document(a.out, drill.Schema(sim.DrillVocabulary())) }
	return cmd
}
