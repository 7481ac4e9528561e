package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"thiefbox/sim/clause"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/worth"
)

func (a *app) coverageCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "coverage [CLAUSE...]",
		Short: "what the specifications ask, what touches it, and what nothing touches",
		Long: "Sets each clause of the FAPI 2.0 profiles, of the RFCs they build on (PKCE, certificates, JAR, PAR, iss,\n" +
			"DPoP, signed introspection, the best current practice), and each class of the FAPI attacker model, beside\n" +
			"the controls that cite it and the attacks that show it: those that cite it, and those that such a control\n" +
			"can stop under the dialect of a profile. What nothing touches comes first, with how it holds all the same.\n" +
			"Chains (family CH) are left out: they touch what the attacks they consist of touch.",
		Example: "  thiefbox coverage\n  thiefbox coverage \"RFC 9449 s4.3\" AM",
	}
	cmd.Flags().StringVar(&from, "profile", defaultProfile, "the `PROFILE` whose dialect attacks are played in, or a file")
	_ = cmd.RegisterFlagCompletionFunc("profile", complete(profileNames))
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p, err := oneProfile("profile", from)
		if err != nil {
			return err
		}
		docs, err := documents(args)
		if err != nil {
			return err
		}
		progress := a.progress("attacks ablated under " + p.Name)
		c, err := a.coverage(cmd.Context(), docs, p, progress.step)
		progress.end()
		if err != nil {
			return err
		}
		if *asJSON {
			return report.WriteCoverageJSON(a.out, c)
		}
		return a.report(false, func(w io.Writer, opt report.TextOptions) error { return report.WriteCoverage(w, c, opt) })
	}
	return cmd
}

func (a *app) coverage(ctx context.Context, docs []clause.Document, p control.Profile, step func(done, total int)) (worth.Coverage, error) {
	maps, _, err := a.mapsTelling(ctx, waysToSteal(), p, 0, step)
	if err != nil {
		return worth.Coverage{}, err
	}
	return worth.Cover(p.Name, docs, cited(), maps), nil
}

// cited is what each attack cites.
func cited() (all []worth.Cited) {
	for _, t := range waysToSteal() {
		c := worth.Cited{Attack: t.ID}
		for _, r := range t.Reads {
			c.Refs = append(c.Refs, clause.In(r)...)
		}
		for _, class := range t.Classes() {
			c.Refs = append(c.Refs, "AM "+string(class))
		}
		all = append(all, c)
	}
	return all
}

// documents are all clauses, or those that are named.
func documents(names []string) ([]clause.Document, error) {
	docs, err := clause.Documents()
	if err != nil || len(names) == 0 {
		return docs, err
	}
	wanted, err := findClauses(names)
	if err != nil {
		return nil, err
	}
	var out []clause.Document
	for _, d := range docs {
		var kept []clause.Clause
		for _, c := range d.Clauses {
			if wanted[c.ID] {
				kept = append(kept, c)
			}
		}
		if d.Clauses = kept; len(kept) > 0 {
			out = append(out, d)
		}
	}
	return out, nil
}

// findClauses reads clauses as people name them.
func findClauses(names []string) (map[string]bool, error) {
	wanted := map[string]bool{}
	for _, name := range names {
		ids, err := clause.Find(name)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, unknown(name, "clause", clauseNames(), "`thiefbox coverage` shows them all.")
		}
		for _, id := range ids {
			wanted[id] = true
		}
	}
	return wanted, nil
}

func clauseNames() (names []string) {
	docs, _ := clause.Documents() // a broken list has been told by now
	for _, d := range docs {
		names = append(names, d.ID)
		for _, c := range d.Clauses {
			names = append(names, c.ID)
		}
	}
	return names
}
