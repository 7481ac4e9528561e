package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/scenarios"
	"thiefbox/sim/lesson"
	"thiefbox/sim/report"
	"thiefbox/sim/store"
	"thiefbox/sim/tui"
)

func (a *app) lessonCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lesson",
		Short: "guided lessons: read, predict, run, look, harden, run again",
		Long: "Eight short lessons for people who do not read specifications. In each you say beforehand what will happen, see\n" +
			"what does, change something, and see whether it helped. How far you have come is kept beside the history.",
		Example: "  thiefbox lesson list\n  thiefbox lesson run 1\n  thiefbox lesson show 1 --trainer",
		Args:    arguments(0, 0, "list, show, run or reset"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.interactive() {
				return a.screens(cmd.Context(), tui.Options{Lessons: true})
			}
			return a.listLessons(false)
		},
	}
	cmd.AddCommand(a.lessonListCommand(), a.lessonShowCommand(), a.lessonRunCommand(), a.lessonResetCommand())
	return cmd
}

// lessonNamed finds a lesson by its name, its beginning, or its number.
func lessonNamed(name string) (lesson.Lesson, error) {
	all, err := scenarios.Lessons()
	if err != nil {
		return lesson.Lesson{}, err
	}
	var names []string
	for _, l := range all {
		number, _, _ := strings.Cut(l.Name, "-")
		if l.Name == name || number == name {
			return l, nil
		}
		names = append(names, l.Name)
	}
	return lesson.Lesson{}, usage(didYouMean(name, names, "`thiefbox lesson list` shows them."), "no lesson is called %q", name)
}

func lessonNames() (names []string) {
	all, err := scenarios.Lessons()
	if err != nil {
		return nil
	}
	for _, l := range all {
		names = append(names, l.Name)
	}
	return names
}

// lessonProgress is how far the user has come in each lesson.
func (a *app) lessonProgress() (all map[string]lesson.Progress, err error) {
	if a.noHistory {
		return nil, nil
	}
	err = a.fromHistory(func(s *store.Store) error {
		all, err = s.Lessons()
		return err
	})
	return all, err
}

// keepLesson keeps how far the user has come in a lesson.
func (a *app) keepLesson(name string, p lesson.Progress) (err error) {
	if a.noHistory {
		return nil
	}
	path, err := a.historyPath()
	if err != nil {
		return err
	}
	a.opened.Lock()
	defer a.opened.Unlock()
	s, err := store.Open(path, store.Options{})
	if err != nil {
		return err
	}
	return errors.Join(s.KeepLesson(name, p), s.Close())
}

// lessonRun makes a run that a lesson wants. It is the lesson's, and not in the history.
func (a *app) lessonRun(ctx context.Context, r lesson.Run) (report.Run, error) {
	return a.oneRun(ctx, r.Attack, r.Profile, r.Without)
}

func (a *app) lessonListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "the lessons, how far you have come, and what to take next", Args: arguments(0, 0, "no name")}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error { return a.listLessons(*asJSON) }
	return cmd
}

func (a *app) listLessons(asJSON bool) error {
	all, err := scenarios.Lessons()
	if err != nil {
		return err
	}
	progress, err := a.lessonProgress()
	if err != nil {
		return err
	}
	next := lesson.Path(all, progress)
	rows, text := []lessonRow{}, [][]string{}
	for _, l := range all {
		p := progress[l.Name]
		rows = append(rows, lessonRow{l.Name, l.Title, l.Minutes, l.After, l.Name == next, p})
		text = append(text, []string{ifElse(l.Name == next, ">", " "), l.Name, fmt.Sprintf("%d min", l.Minutes), p.Word(), l.Title})
	}
	if asJSON {
		return document(a.out, lessonListing{schemaLessonList, rows})
	}
	return table(a.out, text)
}

func (a *app) lessonResetCommand() *cobra.Command {
	return &cobra.Command{
		Use: "reset LESSON", Short: "begin one lesson anew", Args: arguments(1, 1, "one lesson"), ValidArgsFunction: complete(lessonNames),
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := lessonNamed(args[0])
			if err != nil {
				return err
			}
			if err := a.keepLesson(l.Name, lesson.Progress{}); err != nil {
				return environment("%w", err)
			}
			fmt.Fprintln(a.out, l.Name+" begins anew")
			return nil
		},
	}
}
