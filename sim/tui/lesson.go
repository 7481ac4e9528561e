package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/lesson"
	"thiefbox/sim/report"
)

// lessonScreen is somebody taking a lesson. What comes next, the session says.
type lessonScreen struct {
	session *lesson.Session
	list    list // of what can be chosen
	at      scroll
	run     *report.Run // the latest
	waiting bool
	next    string // what to take after it, once it is done
}

type lessonRunMsg struct {
	of    *lessonScreen
	again bool
	run   report.Run
	err   error
}

func (l *lessonScreen) place() place { return placeLesson }
func (l *lessonScreen) crumbs() []string {
	return []string{"Lessons", clean(l.session.Lesson.Title)}
}

func (l *lessonScreen) context() string {
	var out []string
	for step := lesson.Reading; step < lesson.Finished; step++ {
		name := step.String()
		if step == l.session.Step {
			name = "[" + name + "]"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func (l *lessonScreen) status() string {
	if l.waiting {
		return "the run is made; one moment"
	}
	return map[lesson.Step]string{
		lesson.Reading: "enter goes on when you have read it", lesson.Predicting: "choose with j and k, enter says it; i gives a hint",
		lesson.Running: "enter runs it", lesson.Looking: "enter goes on; w watches the run, message by message",
		lesson.Hardening: "choose with j and k, enter makes the change and runs it again; i gives a hint",
		lesson.Again:     "enter goes on; w watches the run, message by message",
		lesson.Finished:  "done; esc leads to the others, r begins this one anew",
	}[l.session.Step]
}

func (l *lessonScreen) twin() string { return "thiefbox lesson run " + l.session.Lesson.Name }

// choices are what can be chosen at this step.
func (l *lessonScreen) choices() (out []string) {
	switch l.session.Step {
	case lesson.Predicting:
		for _, one := range l.session.Lesson.Predict.Answers {
			out = append(out, one.Text)
		}
	case lesson.Hardening:
		for _, one := range l.session.Lesson.Harden.Choices {
			out = append(out, one.Text)
		}
	}
	return out
}

func (l *lessonScreen) act(a *app, k action) tea.Cmd {
	if n := len(l.choices()); n > 0 && l.list.act(k, n, n) || n == 0 && l.at.act(k, len(l.text(a.theme, a.w-4)), a.h-5) {
		return nil
	}
	switch k {
	case actHint:
		if len(l.choices()) == 0 || !l.session.Hint() {
			a.note = "there is no more to hint at here"
			return nil
		}
		return l.keep(a)
	case actTurn:
		if l.run == nil {
			a.note = "there is no run to watch yet"
			return nil
		}
		a.openRun(*l.run, nil)
	case actAgain:
		l.session.Reset()
		l.run, l.list, l.at = nil, list{}, 0
		return l.keep(a)
	case actEnter:
		return l.enter(a)
	}
	return nil
}

func (l *lessonScreen) keep(a *app) tea.Cmd {
	a.lessons.progress[l.session.Lesson.Name] = l.session.Progress
	l.next = a.lessons.nextWords()
	return a.keepLesson(l.session.Lesson.Name, l.session.Progress)
}

func (l *lessonScreen) enter(a *app) tea.Cmd {
	s := l.session
	if l.waiting {
		return nil
	}
	l.at = 0
	switch s.Step {
	case lesson.Predicting:
		if err := s.Predict(l.list.cursor); err != nil {
			a.note = err.Error()
		}
		l.list = list{}
	case lesson.Running:
		return l.start(a, s.Lesson.Run, false)
	case lesson.Hardening:
		wanted, err := s.Change(l.list.cursor)
		if err != nil {
			a.note = err.Error()
			return nil
		}
		return l.start(a, wanted, true)
	case lesson.Finished:
		a.lessons.goToNext()
		return a.back()
	default:
		s.Next()
		l.list = list{}
	}
	return l.keep(a)
}

func (l *lessonScreen) start(a *app, r lesson.Run, again bool) tea.Cmd {
	l.waiting = true
	run, ctx := a.src.Lessons.Run, a.ctx
	return func() tea.Msg {
		got, err := run(ctx, r)
		return lessonRunMsg{l, again, got, err}
	}
}

func (l *lessonScreen) ran(a *app, msg lessonRunMsg) tea.Cmd {
	l.waiting = false
	if msg.err != nil {
		a.note = "cannot run: " + msg.err.Error()
		return nil
	}
	if l.run = &msg.run; msg.again {
		l.session.RanAgain(msg.run)
	} else {
		l.session.Ran(msg.run)
	}
	return l.keep(a)
}

func (l *lessonScreen) body(t theme, w, h int) []string {
	lines := l.text(t, min(w-4, 100))
	shown, more := l.at.from(lines, h-2)
	title := strings.ToUpper(l.session.Step.String()[:1]) + l.session.Step.String()[1:]
	return pane{title: title, lines: indent(" ", shown), focused: true, foot: more}.draw(t, w, h)
}

// text is what the step has to say.
func (l *lessonScreen) text(t theme, w int) (lines []string) {
	s := l.session
	say := func(parts ...string) {
		for _, p := range parts {
			lines = append(append(lines, ""), wrap(strings.Join(strings.Fields(p), " "), w)...)
		}
	}
	switch s.Step {
	case lesson.Reading:
		say(s.Lesson.Read)
	case lesson.Predicting:
		say(s.Lesson.Predict.Ask)
		lines = append(lines, l.menu(t, w)...)
	case lesson.Running:
		say("You will see the attack "+s.Lesson.Run.Attack+" under the profile "+s.Lesson.Run.Profile+".", "Real servers, real messages; press enter.")
	case lesson.Looking:
		say(s.Compared())
		for i, one := range s.Why() {
			if i == 0 {
				lines = append(append(lines, ""), t.strong.Render("Why"))
			}
			lines = append(lines, hang("  ", clean(one), w)...)
		}
		lines = append(append(lines, ""), t.strong.Render("What to look at"))
		for _, one := range s.Lesson.Look {
			lines = append(lines, hang("  ", one.Text, w)...)
		}
		say("w opens the run, message by message; esc leads back here.")
	case lesson.Hardening:
		if try, any := s.LastTry(); any {
			say("Last time: " + s.Lesson.Harden.Choices[try.Choice].Text + ": " + lesson.Plain(try.Happened) + ".")
		}
		say(s.Lesson.Harden.Ask)
		lines = append(lines, l.menu(t, w)...)
	case lesson.Again:
		lines = append(lines, l.outcome(t, w)...)
	case lesson.Finished:
		say(s.Compared(), "What stays:", s.Lesson.Learnt)
		lines = append(append(lines, ""), t.strong.Render(cut(l.next, w)))
	}
	return lines
}

func (l *lessonScreen) outcome(t theme, w int) (lines []string) {
	try, _ := l.session.LastTry()
	choice := l.session.Lesson.Harden.Choices[try.Choice]
	word, next := t.leak.Render(wordLeak), "The thief still gets in. Enter: try another change."
	if try.Held {
		word, next = t.stop.Render(wordStop), "It stops him."
	}
	lines = append(lines, "")
	lines = append(lines, wrap(choice.Text, w)...)
	lines = append(lines, "")
	for i, line := range wrap(lesson.Plain(try.Happened)+".", w-6) {
		lines = append(lines, hung(i == 0, word)+line)
	}
	lines = append(append(lines, wrap(choice.Because, w)...), "")
	return append(lines, t.strong.Render(next))
}

func (l *lessonScreen) menu(t theme, w int) (lines []string) {
	lines = append(lines, "")
	for i, text := range l.choices() {
		prefix := "    "
		if i == l.list.cursor {
			prefix = "  > "
		}
		for j, line := range wrap(text, w-6) {
			if j > 0 {
				prefix = "    "
			}
			if i == l.list.cursor {
				line = t.strong.Render(line)
			}
			lines = append(lines, prefix+line)
		}
	}
	for _, hint := range l.session.Given() {
		lines = append(lines, "")
		lines = append(lines, hang("Hint: ", hint, w)...)
	}
	return lines
}

// hung is a word before the first line of a text, and the room for it before the others.
func hung(first bool, word string) string {
	const room = 6
	if !first {
		word = ""
	}
	return word + strings.Repeat(" ", max(room-width(word), 1))
}
