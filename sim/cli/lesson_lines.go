package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"thiefbox/scenarios"
	"thiefbox/sim/lesson"
)

// lessonLines is a lesson taken by text, from where it was left: what the session wants is shown, and what is
// typed is said to it. The end of the input leaves the lesson; what was done is kept.
func (a *app) lessonLines(ctx context.Context, l lesson.Lesson) error {
	progress, err := a.lessonProgress()
	if err != nil {
		return err
	}
	s := lesson.Take(l, progress[l.Name])
	in := bufio.NewScanner(a.env.Stdin)
	for shown := lesson.Step(-1); ; {
		if s.Step != shown { // a hint, or a slip of the finger, is no reason to ask again
			a.lessonStep(s)
		}
		shown = s.Step
		if s.Step == lesson.Finished {
			return a.lessonNext(l)
		}
		line, more := "", true
		if s.Step == lesson.Predicting || s.Step == lesson.Hardening {
			fmt.Fprintf(a.out, "1 to %d, hint or quit> ", s.Choices())
			if err := a.out.Flush(); err != nil {
				return environment("%w", err)
			}
			more = in.Scan() && ctx.Err() == nil
			line = strings.TrimSpace(in.Text())
		}
		if !more || line == "quit" {
			fmt.Fprintf(a.out, "\nGo on with: thiefbox lesson run %s\n", l.Name)
			return errors.Join(in.Err(), ctx.Err())
		}
		if err := a.lessonSay(ctx, s, line); err != nil {
			return err
		}
		if err := a.keepLesson(l.Name, s.Progress); err != nil {
			a.warn("the progress was not kept: %v", err)
		}
	}
}

// lessonSay does what the step wants: what only wants to be read has been, and what is to be run is run.
func (a *app) lessonSay(ctx context.Context, s *lesson.Session, line string) error {
	switch s.Step {
	case lesson.Predicting, lesson.Hardening:
		if line == "hint" {
			if s.Hint() {
				a.lessonHint(s)
			} else {
				fmt.Fprintln(a.out, "there is no more to hint at here")
			}
			return nil
		}
		n, err := strconv.Atoi(line)
		if err == nil && s.Step == lesson.Predicting {
			err = s.Predict(n - 1)
		} else if err == nil {
			return a.lessonChange(ctx, s, n-1)
		}
		if err != nil {
			fmt.Fprintf(a.out, "expected a number from 1 to %d, hint or quit, got %q\n", s.Choices(), oneLine(line))
		}
	case lesson.Running:
		run, err := a.lessonRun(ctx, s.Lesson.Run)
		if err != nil {
			return err
		}
		s.Ran(run)
	default:
		s.Next()
	}
	return nil
}

func (a *app) lessonChange(ctx context.Context, s *lesson.Session, choice int) error {
	wanted, err := s.Change(choice)
	if err != nil {
		fmt.Fprintln(a.out, err)
		return nil
	}
	run, err := a.lessonRun(ctx, wanted)
	if err != nil {
		return err
	}
	s.RanAgain(run)
	return nil
}

// lessonHint shows the hint that was given last.
func (a *app) lessonHint(s *lesson.Session) {
	given := s.Given()
	prose(a.page(), "Hint: ", given[len(given)-1])
}

// lessonStep shows what a step has to say.
func (a *app) lessonStep(s *lesson.Session) {
	l, p := s.Lesson, a.page()
	switch s.Step {
	case lesson.Reading:
		fmt.Fprintf(p, "%s\n\n", l.Title)
		prose(p, "", flow(l.Read))
	case lesson.Predicting:
		section(p, "Predict: "+l.Predict.Ask, answersOf(l)...)
	case lesson.Running:
		fmt.Fprintf(p, "\nRunning the attack %s under the profile %s.\n", l.Run.Attack, l.Run.Profile)
	case lesson.Looking:
		a.lessonLook(s)
	case lesson.Hardening:
		section(p, "Harden: "+l.Harden.Ask, choicesOf(l)...)
	case lesson.Again:
		a.lessonTry(s)
	case lesson.Finished:
		section(p, "What stays", flow(l.Learnt))
	}
}

// lessonNext says which lesson to take after one that is done.
func (a *app) lessonNext(l lesson.Lesson) error {
	all, err := scenarios.Lessons()
	if err != nil {
		return err
	}
	progress, err := a.lessonProgress()
	if err != nil {
		return err
	}
	if progress == nil {
		progress = map[string]lesson.Progress{}
	}
	progress[l.Name] = lesson.Progress{Done: true}
	if next := lesson.Path(all, progress); next != "" {
		fmt.Fprintf(a.out, "\nNext: thiefbox lesson run %s. `thiefbox lesson reset %s` begins this one anew.\n", next, l.Name)
		return nil
	}
	fmt.Fprintln(a.out, "\nThat was the last: all lessons are done.")
	return nil
}
