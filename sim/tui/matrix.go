package tui

import (
	"fmt"
	"strings"
	"sync/atomic"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/report"
)

// matrixScreen is every attack under every profile, in words.
type matrixScreen struct {
	src       Source
	matrix    report.Matrix
	loaded    bool
	err       error
	job       *matrixJob
	shown     []int // rows of the matrix that pass the filter
	list      list  // over shown
	column    int
	narrow    filter
	surprises bool
	changed   bool // only rows in which neighbouring profiles differ
	folded    bool // families in place of attacks
	folds     list // over families
}

// matrixJob is a matrix being computed. Its counters are written by whoever computes.
type matrixJob struct{ done, total atomic.Int64 }

func (j *matrixJob) count(done, total int) {
	j.done.Store(int64(done))
	j.total.Store(int64(total))
}

// bar is how far it has come, in a line: none before anything is done.
func (j *matrixJob) bar(w int) []string {
	done, total := int(j.done.Load()), int(j.total.Load())
	if total <= 0 {
		return nil
	}
	n := max(1, min(50, w-24))
	filled := min(n, n*done/total)
	return []string{"", fmt.Sprintf("  [%s%s] %d of %d", strings.Repeat("#", filled), strings.Repeat(".", n-filled), done, total)}
}

type matrixMsg struct {
	job    *matrixJob
	matrix report.Matrix
	err    error
}

func newMatrixScreen(s Source) *matrixScreen { return &matrixScreen{src: s} }

// start computes the matrix, unless that is being done or, if not again, was done.
func (m *matrixScreen) start(a *app, again bool) tea.Cmd {
	if m.job != nil || m.loaded && !again || a.src.Matrix == nil {
		return nil
	}
	job, compute, ctx := &matrixJob{}, a.src.Matrix, a.ctx
	m.job = job
	return func() tea.Msg {
		matrix, err := compute(ctx, job.count)
		return matrixMsg{job, matrix, err}
	}
}

func (m *matrixScreen) running() bool { return m.job != nil }

func (m *matrixScreen) done(msg matrixMsg) {
	if msg.job != m.job {
		return
	}
	m.job, m.err = nil, msg.err
	if msg.err == nil {
		m.matrix, m.loaded = msg.matrix, true
	}
	m.fill()
}

func (m *matrixScreen) fill() {
	m.shown = nil
	for i, a := range m.matrix.Attacks {
		text := strings.Join([]string{a.ID, a.Name, a.Title, strings.Join(a.Reads, " ")}, " ")
		flags, odd := []string{}, false
		for _, c := range m.matrix.Cells[i] {
			text += " " + cellWord(c) + " " + c.Verdict.StoppedBy
			flags = append(flags, cellWord(c))
			odd = odd || c.Surprise()
		}
		if odd {
			flags = append(flags, "surprise")
		}
		if a.Beyond != "" {
			flags = append(flags, "beyond")
		}
		flags = append(flags, append(a.Model, "family-"+report.FamilyOf(a.ID))...)
		if m.narrow.match(text, flags...) && (odd || !m.surprises) && (!m.changed || m.differs(m.matrix.Cells[i])) {
			m.shown = append(m.shown, i)
		}
	}
	m.list.clamp(len(m.shown), len(m.shown))
	m.folds.clamp(len(m.families()), len(m.families()))
	m.column = max(0, min(m.column, len(m.matrix.Profiles)-1))
}

// current is the cell under the cursor.
func (m *matrixScreen) current() (report.Attack, report.Cell, bool) {
	if m.folded || m.list.cursor >= len(m.shown) || len(m.matrix.Profiles) == 0 {
		return report.Attack{}, report.Cell{}, false
	}
	row := m.shown[m.list.cursor]
	return m.matrix.Attacks[row], m.matrix.Cells[row][m.column], true
}

func (m *matrixScreen) counts() (cells, odd int) {
	for _, row := range m.matrix.Cells {
		for _, c := range row {
			if c.Applicable {
				cells++
			}
			if c.Surprise() {
				odd++
			}
		}
	}
	return cells, odd
}

func (m *matrixScreen) place() place     { return placeMatrix }
func (m *matrixScreen) crumbs() []string { return []string{"Matrix"} }

func (m *matrixScreen) context() string {
	if m.job != nil {
		return fmt.Sprintf("%d of %d run", m.job.done.Load(), m.job.total.Load())
	}
	cells, odd := m.counts()
	return fmt.Sprintf("%s   %d unexpected   seed %d", count(cells, "run"), odd, m.src.Seed)
}

func (m *matrixScreen) status() string {
	switch {
	case m.job != nil:
		return "running every attack under every profile"
	case m.err != nil:
		return "the matrix failed: " + clean(m.err.Error()) + "; r tries again"
	case m.folded:
		return "how many attacks of each family get in, of those that make sense there; z or enter unfolds"
	case m.changed && len(m.matrix.Profiles) > 1:
		before, after := m.compared()
		return "only what differs between " + m.matrix.Profiles[before].Name + " and " + m.matrix.Profiles[after].Name + "; d shows all, h and l choose others"
	case m.surprises:
		return "only attacks with a surprise are shown; f shows all"
	}
	return "LEAK robbed  stop refused  VOID proves nothing  n/a no sense  ! unexpected"
}

func (m *matrixScreen) twin() string { return fmt.Sprintf("thiefbox matrix --seed %d", m.src.Seed) }

func (m *matrixScreen) filter() filter { return m.narrow }

func (m *matrixScreen) setFilter(f filter) {
	m.narrow, m.list = f, list{}
	m.fill()
}

// selection is the whole table, for a spreadsheet.
func (m *matrixScreen) selection() (text, what string) {
	if !m.loaded {
		return "", ""
	}
	var b strings.Builder
	b.WriteString("id\tattack")
	for _, p := range m.matrix.Profiles {
		b.WriteString("\t" + p.Name)
	}
	for _, i := range m.shown {
		a := m.matrix.Attacks[i]
		b.WriteString("\n" + a.ID + "\t" + clean(a.Title))
		for _, c := range m.matrix.Cells[i] {
			b.WriteString("\t" + cellWord(c))
		}
	}
	return b.String() + "\n", "the table, tab-separated"
}

func (m *matrixScreen) explanation(t theme, w int) (string, []string) {
	a, cell, ok := m.current()
	if !ok {
		return "Nothing selected", nil
	}
	lines := attackText(t, a, w)
	if cell.Verdict.StoppedBy != "" {
		lines = append(lines, "", t.strong.Render("What stops it under "+cell.Profile))
		lines = append(lines, controlText(cell.Verdict.StoppedBy, w)...)
	}
	return a.ID + "  " + clean(a.Title), lines
}

// actOnRows are the keys that move and choose rows; it reports whether the key was one.
func (m *matrixScreen) actOnRows(k action, h int) bool {
	switch {
	case m.folded && m.folds.act(k, len(m.families()), m.rows(h)), !m.folded && m.list.act(k, len(m.shown), m.rows(h)):
		return true
	case k == actFold && m.loaded:
		if m.folded = !m.folded; !m.folded {
			m.unfold()
		}
	case k == actEnter && m.folded:
		m.unfold()
	case k == actNextChoice && !m.folded:
		m.jumpFamily(1)
	case k == actLastChoice && !m.folded:
		m.jumpFamily(-1)
	case k == actChanged:
		m.changed = !m.changed
	default:
		return false
	}
	m.fill()
	return true
}

func (m *matrixScreen) act(a *app, k action) tea.Cmd {
	if m.actOnRows(k, a.h-3) {
		return nil
	}
	attack, cell, ok := m.current()
	switch k {
	case actLeft:
		m.column = max(0, m.column-1)
		m.fill()
	case actRight:
		m.column = max(0, min(m.column+1, len(m.matrix.Profiles)-1))
		m.fill()
	case actSurprises:
		m.surprises = !m.surprises
		m.fill()
	case actAgain:
		return m.start(a, true)
	case actEnter:
		if !ok {
			return nil
		}
		if !cell.Applicable {
			a.note = "not run: this attack makes no sense against " + cell.Profile
			return nil
		}
		return a.play(attack.ID, []string{cell.Profile})
	case actAblate:
		if ok {
			return a.open(a.ablate.of(attack.ID, cell.Profile))
		}
	case actCompare:
		if ok {
			return a.compareProfiles(attack.ID, compareWith(a.src, cell.Profile), 0)
		}
	}
	return nil
}
