package tui

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/lesson"
	"thiefbox/sim/report"
)

// Lessons are the guided exercises, as the screens ask for them.
type Lessons struct {
	All      func() ([]lesson.Lesson, error)
	Progress func() (map[string]lesson.Progress, error)
	Keep     func(name string, p lesson.Progress) error
	Run      func(context.Context, lesson.Run) (report.Run, error)
}

// lessonsScreen is the path: every lesson, how far one has come, and what to take next.
type lessonsScreen struct {
	all      []lesson.Lesson
	progress map[string]lesson.Progress
	err      error
	list     list
	goTo     string // the lesson to open once they are read
}

type lessonsMsg struct {
	all      []lesson.Lesson
	progress map[string]lesson.Progress
	err      error
}

func (a *app) fetchLessons() tea.Cmd {
	src := a.src.Lessons
	if src.All == nil {
		return nil
	}
	return func() tea.Msg {
		all, err := src.All()
		if err != nil {
			return lessonsMsg{err: err}
		}
		progress, err := src.Progress()
		return lessonsMsg{all, progress, err}
	}
}

// load takes up what was read. The cursor stands on what to take next.
func (l *lessonsScreen) load(a *app, msg lessonsMsg) tea.Cmd {
	first := l.all == nil
	l.all, l.progress, l.err = msg.all, msg.progress, msg.err
	if l.progress == nil {
		l.progress = map[string]lesson.Progress{}
	}
	want := l.goTo
	if want == "" && first {
		want = lesson.Path(l.all, l.progress)
	}
	for i, one := range l.all {
		if one.Name == want {
			l.list.cursor = i
		}
	}
	if l.goTo != "" && len(l.all) > 0 {
		l.goTo = ""
		return l.take(a)
	}
	return nil
}

func (l *lessonsScreen) place() place     { return placeLessons }
func (l *lessonsScreen) crumbs() []string { return []string{"Lessons"} }

func (l *lessonsScreen) context() string {
	done := 0
	for _, p := range l.progress {
		if p.Done {
			done++
		}
	}
	return itoa(done) + " of " + itoa(len(l.all)) + " done"
}

func (l *lessonsScreen) status() string {
	if l.err != nil {
		return "cannot read the lessons: " + clean(l.err.Error())
	}
	if lesson.Path(l.all, l.progress) == "" && len(l.all) > 0 {
		return "all lessons are done; enter takes one again"
	}
	return "read, predict, run, look, harden, run again; > is what to take next"
}

func (l *lessonsScreen) twin() string { return "thiefbox lesson list" }

func (l *lessonsScreen) current() (lesson.Lesson, bool) {
	if l.list.cursor >= len(l.all) {
		return lesson.Lesson{}, false
	}
	return l.all[l.list.cursor], true
}

func (l *lessonsScreen) act(a *app, k action) tea.Cmd {
	if l.list.act(k, len(l.all), a.h-5) {
		return nil
	}
	one, ok := l.current()
	switch {
	case k == actEnter:
		return l.take(a)
	case k == actAgain && ok:
		l.progress[one.Name] = lesson.Progress{}
		if a.lesson != nil && a.lesson.session.Lesson.Name == one.Name {
			a.lesson = nil
		}
		a.note = clean(one.Title) + " begins anew"
		return a.keepLesson(one.Name, lesson.Progress{})
	}
	return nil
}

// take goes on with the selected lesson.
func (l *lessonsScreen) take(a *app) tea.Cmd {
	one, ok := l.current()
	if !ok {
		return nil
	}
	if a.lesson == nil || a.lesson.session.Lesson.Name != one.Name {
		a.lesson = &lessonScreen{session: lesson.Take(one, l.progress[one.Name]), next: l.nextWords()}
	}
	return a.open(a.lesson)
}

// next is the place of the lesson to take next; -1 when all are done.
func (l *lessonsScreen) next() int {
	name := lesson.Path(l.all, l.progress)
	return slices.IndexFunc(l.all, func(one lesson.Lesson) bool { return one.Name == name })
}

func (l *lessonsScreen) nextWords() string {
	if i := l.next(); i >= 0 {
		return "Next on the path: " + itoa(i+1) + "  " + clean(l.all[i].Title) + ". Enter leads there."
	}
	return "That was the last: all lessons are done."
}

// goToNext puts the cursor on what to take next.
func (l *lessonsScreen) goToNext() {
	if i := l.next(); i >= 0 {
		l.list.cursor = i
	}
}

func (a *app) keepLesson(name string, p lesson.Progress) tea.Cmd {
	keep := a.src.Lessons.Keep
	return func() tea.Msg {
		if err := keep(name, p); err != nil {
			return noteMsg("the progress was not kept: " + err.Error())
		}
		return nil
	}
}

func (l *lessonsScreen) explanation(t theme, w int) (string, []string) {
	one, ok := l.current()
	if !ok {
		return "No lesson", nil
	}
	lines := append([]string{t.strong.Render("Aim")}, wrap(one.Trainer.Aim, w)...)
	lines = append(lines, "", t.strong.Render("Time"), itoa(one.Trainer.Minutes)+" minutes with the talk around it, "+itoa(one.Minutes)+" alone", "",
		t.strong.Render("Questions, and good answers"))
	for _, q := range one.Trainer.Questions {
		lines = append(append(lines, hang("", q.Ask, w)...), hang("  ", q.Answer, w)...)
	}
	lines = append(lines, "", t.strong.Render("What happens in each run"))
	for _, r := range one.Runs() {
		lines = append(lines, hang("  ", r.Command()+": "+lesson.Plain(r.Happens), w)...)
	}
	return "For the trainer: " + clean(one.Title), lines
}

func (l *lessonsScreen) selection() (text, what string) {
	one, ok := l.current()
	if !ok {
		return "", ""
	}
	return "thiefbox lesson run " + one.Name, "the command"
}

func (l *lessonsScreen) body(t theme, w, h int) []string {
	next := lesson.Path(l.all, l.progress)
	p := pane{title: "Eight short lessons", focused: true}
	upper := min(len(l.all)+3, h*3/5)
	from, to := l.list.shown(len(l.all), upper-2)
	for i := from; i < to; i++ {
		one := l.all[i]
		mark := "  "
		if one.Name == next {
			mark = "> "
		}
		row := cut(mark+pad(itoa(i+1)+"  "+clean(one.Title), 40)+" "+pad(itoa(one.Minutes)+" min", 7)+" "+l.progress[one.Name].Word(), w-6)
		if i == l.list.cursor {
			row = t.strong.Render("[" + row + "]")
		} else {
			row = " " + row
		}
		p.lines = append(p.lines, " "+row)
	}
	if len(l.all) == 0 {
		p.lines = []string{" reading the lessons"}
	}
	detail := pane{title: "Selected"}
	if one, ok := l.current(); ok {
		detail.title = clean(one.Title)
		detail.lines = indent(" ", append(l.above(t, one, w-4), wrap(strings.Join(strings.Fields(one.Read), " "), w-4)...))
	}
	return above(p.draw(t, w, upper), detail.draw(t, w, h-upper))
}

// above says first what can be done: the text under it may not fit.
func (l *lessonsScreen) above(t theme, one lesson.Lesson, w int) []string {
	lines := []string{t.strong.Render("Press enter to take it") + "; e shows the trainer's page, r begins it anew"}
	for _, before := range one.After {
		if !l.progress[before].Done {
			lines = append(lines, cut("Better after "+before, w))
		}
	}
	return append(lines, "")
}
