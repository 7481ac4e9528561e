package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/sim/lesson"
	"thiefbox/sim/tui"
)

func (a *app) lessonShowCommand() *cobra.Command {
	var trainer bool
	cmd := &cobra.Command{
		Use: "show LESSON", Short: "the text of a lesson; with --trainer, the page for whoever gives it",
		Args: arguments(1, 1, "one lesson"), ValidArgsFunction: complete(lessonNames),
	}
	cmd.Flags().BoolVar(&trainer, "trainer", false, "aim, time, questions and answers")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		l, err := lessonNamed(args[0])
		switch {
		case err != nil:
			return err
		case *asJSON:
			return document(a.out, lessonText{schemaLesson, l})
		case trainer:
			a.trainersPage(l)
		default:
			a.lessonText(a.page(), l)
		}
		return nil
	}
	return cmd
}

func flow(s string) string { return strings.Join(strings.Fields(s), " ") }

func (a *app) lessonText(p page, l lesson.Lesson) {
	fmt.Fprintf(p, "%s\n\n", l.Title)
	prose(p, "", flow(l.Read))
	section(p, "Predict: "+l.Predict.Ask, answersOf(l)...)
	section(p, "Harden: "+l.Harden.Ask, choicesOf(l)...)
}

func answersOf(l lesson.Lesson) (out []string) {
	for i, one := range l.Predict.Answers {
		out = append(out, fmt.Sprintf("%d  %s", i+1, one.Text))
	}
	return out
}

func choicesOf(l lesson.Lesson) (out []string) {
	for i, one := range l.Harden.Choices {
		out = append(out, fmt.Sprintf("%d  %s", i+1, one.Text))
	}
	return out
}

func (a *app) trainersPage(l lesson.Lesson) {
	p := a.page()
	fmt.Fprintf(p, "FOR THE TRAINER: %s\n", l.Title)
	section(p, "Aim", flow(l.Trainer.Aim))
	section(p, "Time", fmt.Sprintf("%d minutes with the talk around it, %d alone", l.Trainer.Minutes, l.Minutes))
	var ask, runs []string
	for _, q := range l.Trainer.Questions {
		ask = append(ask, q.Ask+" "+q.Answer)
	}
	section(p, "Questions, and good answers", ask...)
	for _, r := range l.Runs() {
		runs = append(runs, r.Command()+": "+lesson.Plain(r.Happens))
	}
	section(p, "What happens in each run", runs...)
}

func (a *app) lessonRunCommand() *cobra.Command {
	var predict, harden int
	cmd := &cobra.Command{
		Use: "run LESSON", Short: "take a lesson: on the screen, line by line, or by --predict and --harden",
		Long: "Takes a lesson, from where you left it. On a terminal it opens on the screen; with --plain it is told line by line,\n" +
			"and you type numbers, `hint` or `quit`. --predict says what you think will happen and --harden what you change, by\n" +
			"their numbers, and begins anew; both are run, compared and kept.",
		Example: "  thiefbox lesson run 1\n  thiefbox lesson run 1 --plain\n  thiefbox lesson run 1 --predict 1 --harden 2",
		Args:    arguments(1, 1, "one lesson"), ValidArgsFunction: complete(lessonNames),
	}
	cmd.Flags().IntVar(&predict, "predict", 0, "the `NUMBER` of your prediction")
	cmd.Flags().IntVar(&harden, "harden", 0, "the `NUMBER` of your change")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		l, err := lessonNamed(args[0])
		if err != nil {
			return err
		}
		if a.interactive() && predict == 0 && harden == 0 && !*asJSON {
			return a.screens(cmd.Context(), tui.Options{Lessons: true, Lesson: l.Name})
		}
		if predict == 0 && harden != 0 || predict == 0 && *asJSON {
			return usage("", "--harden and --json go with --predict")
		}
		if predict == 0 {
			return a.lessonLines(cmd.Context(), l)
		}
		return a.takeLesson(cmd.Context(), l, predict, harden, *asJSON)
	}
	return cmd
}

// takeLesson takes a lesson in one go. Without a change it stops before that, and what was predicted is kept.
func (a *app) takeLesson(ctx context.Context, l lesson.Lesson, predict, harden int, asJSON bool) error {
	s := lesson.Take(l, lesson.Progress{})
	s.Next()
	if err := s.Predict(predict - 1); err != nil {
		return usage("", "--predict: %w", err)
	}
	if harden != 0 {
		if _, err := s.Change(harden - 1); err != nil {
			return usage("", "--harden: %w", err)
		}
	}
	run, err := a.lessonRun(ctx, l.Run)
	if err != nil {
		return err
	}
	s.Ran(run)
	s.Next()
	if harden != 0 {
		wanted, _ := s.Change(harden - 1)
		again, err := a.lessonRun(ctx, wanted)
		if err != nil {
			return err
		}
		s.RanAgain(again)
		s.Next()
	}
	if err := a.keepLesson(l.Name, s.Progress); err != nil {
		a.warn("the progress was not kept: %v", err)
	}
	if asJSON {
		return document(a.out, lessonTaken{schemaLessonRun, l.Name, s.Progress})
	}
	a.lessonOutcome(l, s)
	return nil
}

func (a *app) lessonOutcome(l lesson.Lesson, s *lesson.Session) {
	a.lessonLook(s)
	a.lessonTry(s)
	if s.Done {
		section(a.page(), "What stays", flow(l.Learnt))
		return
	}
	fmt.Fprintln(a.out, "\nThe lesson is done when a change stops the thief: --predict N --harden N")
}

// lessonLook compares what was predicted with what happened, and says what to see in the run.
func (a *app) lessonLook(s *lesson.Session) {
	p := a.page()
	prose(p, "", s.Compared())
	if why := s.Why(); len(why) > 0 {
		section(p, "Why", why...)
	}
	var look []string
	for _, one := range s.Lesson.Look {
		look = append(look, one.Text)
	}
	section(p, "Look: `"+s.Lesson.Run.Command()+"` shows it message by message", look...)
}

// lessonTry is what came of the latest change, if there was one.
func (a *app) lessonTry(s *lesson.Session) {
	if try, any := s.LastTry(); any {
		c := s.Lesson.Harden.Choices[try.Choice]
		word := "The thief still gets in. "
		if try.Held {
			word = "That stops him: " + lesson.Plain(try.Happened) + ". "
		}
		section(a.page(), "After: "+c.Text, word+c.Because)
	}
}
