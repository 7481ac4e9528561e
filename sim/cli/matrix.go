package cli

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/attacker"
	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/worth"
)

// matrixFlags are the flags of `matrix`.
type matrixFlags struct {
	profiles []string
	wire     string
	format   string
	workers  int
	verbose  bool
	json     *bool
	narrow   narrowing
	baseline string
	ablate   []string
}

var formats = []string{"text", "json", "csv", "markdown", "junit", "sarif", "html", "expected", "baseline"}

func (a *app) matrixCommand() *cobra.Command {
	var f matrixFlags
	cmd := &cobra.Command{
		Use:   "matrix [ID...]",
		Short: "play every attack under every profile",
		Long: "Plays every attack, or those you name, under every profile, or those you name, and compares the\n" +
			"outcomes with the reviewed matrix. --format expected prints that file as these outcomes would have\n" +
			"it, for review; thiefbox never changes it. --baseline accepts known results, a cell an entry; an entry\n" +
			"that no longer holds fails the run, and --format baseline prints what would have to be accepted.\n" +
			"--format html is one page with everything: diagrams, checks, and what the controls are worth; under\n" +
			"how many profiles that is worked out decides how long it takes (--ablate).\n\n" +
			"Families: " + familyWords() + ".\n\n" +
			"Attackers of the FAPI 2.0 attacker model:\n" + attackerLines() + "\n" +
			"Exit status: 0 every outcome is as expected, or nobody expects anything of it;\n" +
			"             1 an outcome is not, a run is void, or an entry of the baseline is stale;\n" +
			"             2 wrong usage, which includes a file that cannot be read;\n" +
			"             3 the history, the log or the terminal failed.",
		Example: "  thiefbox matrix\n  thiefbox matrix --profile fapi2-dpop,hardened\n  thiefbox matrix D-04 --json\n" +
			"  thiefbox matrix --family D,X --changed pre-2025,fapi2-dpop\n  thiefbox matrix --attacker A5 --clause \"RFC 9449 s4.3\" --profile fapi2-dpop\n" +
			"  thiefbox matrix --format html > matrix.html\n" +
			"  thiefbox matrix T-01 D-04 --format baseline > known.yaml\n  thiefbox matrix T-01 D-04 --baseline known.yaml --format junit",
		ValidArgsFunction: complete(playableNames),
	}
	profileFlag(cmd, &f.profiles, "play under `P,...` (default all)")
	wireFlag(cmd, &f.wire)
	cmd.Flags().IntVar(&f.workers, "workers", 0, "`N` runs at a time; 0 means one for each core")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "sentences that name the control that stopped each attack, as in a pipe")
	cmd.Flags().StringVar(&f.format, "format", "text", "`FORMAT` of the output: "+strings.Join(formats, ", "))
	cmd.Flags().StringVar(&f.baseline, "baseline", "", "accept the known results of `FILE`")
	cmd.Flags().StringSliceVar(&f.ablate, "ablate", nil, "with --format html: say what controls are worth under `P,...`, all or none (default "+defaultProfile+" if it is played, else the first)")
	_ = cmd.RegisterFlagCompletionFunc("ablate", completeList(func() []string { return append(profileNames(), "all", "none") }))
	_ = cmd.RegisterFlagCompletionFunc("format", complete(func() []string { return formats }))
	f.json = jsonFlag(cmd)
	f.narrow.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *f.json {
			f.format = "json"
		}
		return a.matrix(cmd.Context(), args, f)
	}
	return cmd
}

func (a *app) matrix(ctx context.Context, names []string, f matrixFlags) error {
	if err := oneOf("wire", f.wire, "memory", "tcp"); err != nil {
		return err
	}
	if err := oneOf("format", f.format, formats...); err != nil {
		return err
	}
	if f.workers < 0 {
		return usage("0 means one for each core.", "--workers: expected 0 or more, got %d", f.workers)
	}
	techniques, profiles, err := f.narrow.crossing(names, f.profiles)
	if err != nil {
		return err
	}
	ablated, err := f.ablated(profiles)
	if err != nil {
		return err
	}
	if err := a.openJournal(nil); err != nil {
		return err
	}
	defer a.closeJournal()
	known, err := readBaseline(f.baseline)
	if err != nil {
		return err
	}
	var telling error
	progress := a.progress("runs of the matrix")
	album := report.NewAlbum()
	s := a.newSpool()
	defer s.close()
	m, err := sim.Matrix(ctx, techniques, profiles, sim.MatrixOptions{
		Seed: a.seed, Wire: f.wire, Workers: f.workers, Progress: progress.step,
		Each: func(r report.Run) func() {
			keep := a.finished(ctx, r, s)
			if f.format != "html" {
				return keep
			}
			told := report.Tell(r)
			return func() {
				keep()
				telling = cmp.Or(telling, album.Add(told))
			}
		},
	})
	progress.end()
	if err = cmp.Or(err, telling); err != nil {
		return err
	}
	m.By = report.Program{Version: a.env.Version, Module: a.env.Module}
	a.compare(&m)
	if err := a.unload(s); err != nil {
		a.warn("not kept in the history: %v", err)
	}
	if known != nil {
		known.apply(&m)
	}
	a.surprised = m.Surprises() > 0 || len(m.Stale) > 0
	m = f.narrow.matrix(m).SurprisesFirst()
	if f.format == "html" {
		return a.htmlPage(ctx, report.Page{Matrix: m, Album: album}, techniques, ablated)
	}
	if write := writers[f.format]; write != nil {
		return write(a.out, m)
	}
	return a.report(f.verbose, func(w io.Writer, opt report.TextOptions) error { return report.WriteMatrix(w, m, opt) })
}

// writers print a matrix for something other than a person at a terminal.
var writers = map[string]func(io.Writer, report.Matrix) error{
	"json": report.WriteMatrixJSON, "csv": report.WriteMatrixCSV, "markdown": report.WriteMatrixMarkdown,
	"junit": report.WriteMatrixJUnit, "sarif": report.WriteMatrixSARIF, "baseline": writeBaseline,
	"expected": func(w io.Writer, m report.Matrix) error {
		_, err := w.Write(scenarios.ExpectedText(m))
		return err
	},
}

// ablated are the profiles under which a page says what controls are worth: one, unless more are asked for,
// since that takes as long as the matrix for each way in which clients speak.
func (f matrixFlags) ablated(played []control.Profile) ([]control.Profile, error) {
	switch {
	case len(f.ablate) > 0 && f.format != "html":
		return nil, usage("`thiefbox ablate` prints the same as text or JSON.", "--ablate goes with --format html")
	case slices.Equal(f.ablate, []string{"none"}):
		return nil, nil
	case slices.Equal(f.ablate, []string{"all"}):
		return played, nil
	case len(f.ablate) > 0:
		return findProfiles(f.ablate)
	}
	i := slices.IndexFunc(played, func(p control.Profile) bool { return p.Name == defaultProfile })
	return played[max(i, 0):][:1], nil
}

// htmlPage adds to a matrix what the controls are worth under profiles.
func (a *app) htmlPage(ctx context.Context, page report.Page, ts []attacker.Technique, ps []control.Profile) error {
	for _, p := range ps {
		maps, runs, err := a.maps(ctx, ts, p, 0)
		if err != nil {
			return err
		}
		c := worth.Across(p, maps, isChain)
		c.Runs = runs
		page.Catalogues = append(page.Catalogues, c)
	}
	return report.WriteHTML(a.out, page)
}

// crossing is which attacks meet which profiles: all, unless some are named.
func crossing(names, profileNames []string) ([]attacker.Technique, []control.Profile, error) {
	techniques, profiles := attacker.All(), control.Profiles()
	if len(names) > 0 {
		techniques = nil
	}
	for _, name := range names {
		t, err := findAttack(name)
		if err != nil {
			return nil, nil, err
		}
		techniques = append(techniques, t)
	}
	if len(profileNames) == 0 {
		return techniques, profiles, nil
	}
	profiles, err := findProfiles(profileNames)
	return techniques, profiles, err
}

// finished sends a run of the matrix to the history. Its events reach the log file when it is its turn, since runs
// that go side by side would mix theirs; the log pane is too small for so many.
func (a *app) finished(ctx context.Context, run report.Run, s *spool) (then func()) {
	run.Expected, run.Part = a.expected(run.Attack.ID, run.Profile), report.PartOfMatrix
	add := s.pack(run)
	if a.journal == nil || a.journal.file == nil {
		return add
	}
	return func() {
		add()
		sink := a.sink(ctx)
		for _, e := range run.Recording.Events {
			sink(e)
		}
	}
}

// compare writes into each cell what the reviewed matrix has for it.
func (a *app) compare(m *report.Matrix) {
	for i := range m.Cells {
		for j := range m.Cells[i] {
			c := &m.Cells[i][j]
			c.Expected = a.expected(c.Attack, c.Profile)
		}
	}
}
