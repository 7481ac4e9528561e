package tui

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aymanbagabas/go-osc52/v2"
	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/report"
)

// Commands are the only hands: whatever reaches outside the model is here, and comes back as a message.
type (
	tickMsg struct{}
	noteMsg string
	ranMsg  struct {
		job     int
		run     report.Run
		without []string
		note    string
		err     error
	}
	comparedMsg struct {
		job    int
		runs   []report.Run
		column int // the one that has the keys
		note   string
		err    error
	}
	whatIfMsg struct {
		story   *story // whose what-if it is
		run     *report.Run
		without []string
		err     error
	}
	historyMsg struct {
		runs []report.Run
		err  error
	}
	logsMsg struct{ lines []string }
)

func tick() tea.Cmd { return tea.Tick(frameTime, func(time.Time) tea.Msg { return tickMsg{} }) }

// play runs an attack under the first of the profiles under which it makes sense, and opens the run.
func (a *app) play(attack string, profiles []string) tea.Cmd {
	a.job++
	job, run, ctx := a.job, a.src.Run, a.ctx
	return func() tea.Msg {
		r, note, err := firstRun(ctx, run, attack, profiles)
		return ranMsg{job: job, run: r, note: note, err: err}
	}
}

type runner = func(ctx context.Context, attack, profile string, without []string) (report.Run, error)

// firstRun tries profiles in turn. If the first did not do, note says so.
func firstRun(ctx context.Context, run runner, attack string, profiles []string) (r report.Run, note string, err error) {
	var first error
	for i, p := range profiles {
		if r, err = run(ctx, attack, p, nil); err == nil {
			if i > 0 {
				note = "not " + profiles[0] + ": " + first.Error()
			}
			return r, note, nil
		}
		if i == 0 {
			first = err
		}
	}
	if first == nil {
		first = errors.New("no profile is left to run it under")
	}
	return report.Run{}, "", first
}

// compareProfiles runs an attack under several profiles and opens the comparison. Profiles under
// which it makes no sense are left out.
func (a *app) compareProfiles(attack string, profiles []string, column int) tea.Cmd {
	a.job++
	job, run, ctx := a.job, a.src.Run, a.ctx
	profiles = slices.Clone(profiles)
	return func() tea.Msg {
		msg := comparedMsg{job: job, column: column}
		for _, p := range profiles {
			r, err := run(ctx, attack, p, nil)
			if err != nil {
				msg.err, msg.note = err, "left out "+p+": "+err.Error()
				continue
			}
			msg.runs = append(msg.runs, r)
		}
		if len(msg.runs) > 0 {
			msg.err = nil
		}
		return msg
	}
}

// exchangeColumn runs an attack under the first of profiles that will do and puts it into a column of
// a comparison; the other columns stay as they are.
func (a *app) exchangeColumn(runs []report.Run, column int, profiles []string) tea.Cmd {
	a.job++
	job, run, ctx := a.job, a.src.Run, a.ctx
	attack := runs[0].Attack.ID
	runs = slices.Clone(runs)
	return func() tea.Msg {
		r, _, err := firstRun(ctx, run, attack, profiles)
		if err != nil {
			return noteMsg("cannot compare: " + err.Error())
		}
		if column == len(runs) {
			runs = append(runs, r)
		} else {
			runs[column] = r
		}
		return comparedMsg{job: job, runs: runs, column: column}
	}
}

// playWithout runs an attack with controls switched off, and opens the run.
func (a *app) playWithout(attack, profile string, without []string) tea.Cmd {
	a.job++
	job, run, ctx := a.job, a.src.Run, a.ctx
	return func() tea.Msg {
		r, err := run(ctx, attack, profile, without)
		return ranMsg{job: job, run: r, without: without, err: err}
	}
}

// tryWithout runs a story's attack again with one more control switched off.
func (a *app) tryWithout(s *story, id string) tea.Cmd {
	run, ctx := a.src.Run, a.ctx
	without := append(slices.Clone(s.without), id)
	return func() tea.Msg {
		r, err := run(ctx, s.run.Attack.ID, s.profile(), without)
		return whatIfMsg{s, &r, without, err}
	}
}

func (a *app) replay(id string) tea.Cmd {
	a.job++
	job, open := a.job, a.src.Open
	return func() tea.Msg {
		r, err := open(id)
		return ranMsg{job: job, run: r, err: err}
	}
}

func (a *app) fetchHistory() tea.Cmd {
	history := a.src.History
	if history == nil {
		return nil
	}
	return func() tea.Msg {
		runs, err := history()
		return historyMsg{runs, err}
	}
}

func (a *app) fetchLogs() tea.Cmd {
	logs := a.src.Logs
	if logs == nil {
		return nil
	}
	return func() tea.Msg { return logsMsg{logs()} }
}

// copy puts data, not cells, into the clipboard of the user's terminal.
func (a *app) copy(k action) tea.Cmd {
	text, what := a.top().twin(), "the command"
	switch k {
	case actCopy:
		c, ok := a.top().(copier)
		if !ok {
			return nil
		}
		text, what = c.selection()
	case actCurl:
		r, ok := a.top().(requester)
		if !ok {
			return nil
		}
		what = "the request as curl"
		text = ""
		if m, ok := r.request(); ok {
			text = report.Curl(m)
		}
	}
	if text == "" {
		a.note = "nothing to copy here"
		return nil
	}
	done := "copied " + what + " (" + count(len(text), "byte") + ")"
	if k == actTwin {
		done = "copied: " + text
	}
	return a.clip.put(text, done)
}

// clipboard reaches the user's terminal by OSC 52, which works over ssh too.
type clipboard struct {
	out  io.Writer
	term string
	tmux bool
}

// Terminals drop longer sequences without a word.
const clipboardLimit = 74_000

func (c clipboard) put(text, done string) tea.Cmd {
	return func() tea.Msg {
		if len(text) > clipboardLimit {
			return noteMsg("too long for the clipboard of a terminal: " + count(len(text), "byte"))
		}
		s := osc52.New(text)
		if !c.tmux && strings.HasPrefix(c.term, "screen") {
			s = s.Screen()
		}
		if _, err := io.WriteString(c.out, s.String()); err != nil {
			return noteMsg("cannot copy: " + err.Error())
		}
		return noteMsg(done)
	}
}
