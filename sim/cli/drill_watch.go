package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/sim"
	"thiefbox/sim/drill"
	"thiefbox/sim/tui"
)

// deskSuffix is the file beside a tape into which a facilitator's lines go, for the players' seat to read.
const deskSuffix = ".desk"

func (a *app) drillWatchCommand() *cobra.Command {
	return &cobra.Command{
		Use: "watch [TAPE]", Short: "follow a drill that others play, from a facilitator's desk: the truth, and messages at your word",
		Long: "Follows the tape of a drill while others play it in another terminal, and shows what they must not see: the truth,\n" +
			"the thief's tries, what is still to come. You can have a message arrive now, and hold their clock; on their screen it\n" +
			"looks like any other message. In a class, hold the clock and let turns pass: everybody plays in rounds. Without a name it takes the newest tape that is not at its end. With --plain you\n" +
			"type: an empty line says what is new, `inject I3` has a message arrive, `hold` and `go` stop their clock and let it\n" +
			"go on, `turn` or `wait 10m` lets time pass there.\n\n" +
			"What you see is as far as their tape has come: a minute of the drill behind a running clock at most. What you send is\n" +
			"written beside the tape (" + deskSuffix + "), and every message you sent is on the tape and in the report.",
		Example: "  thiefbox drill play d5 --tape team.tape\n  thiefbox drill watch team.tape",
		Args:    arguments(0, 1, "one tape, or none for the newest"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := a.newestTape(args)
			if err != nil {
				return err
			}
			if a.interactive() {
				return a.screens(cmd.Context(), tui.Options{Drill: &tui.Drill{Tape: path, Watch: true}})
			}
			return a.watchLines(cmd.Context(), path)
		},
	}
}

// newestTape is the tape that was named, or the newest of those that can be played on.
func (a *app) newestTape(args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	if open := a.openTapes(); len(open) > 0 {
		return open[0].Tape, nil
	}
	return "", usage("`thiefbox drill play DRILL` begins one, in another terminal.", "watch: expected a tape, and none is open")
}

// watch follows a tape.
func (a *app) watch(path string) (*drill.Watch, error) {
	read := func() ([]byte, error) { return os.ReadFile(path) }
	w, err := drill.NewWatch(read, deskFile(path+deskSuffix), sim.NewExercise)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &failure{exitEnvironment, err, "players begin one with `thiefbox drill play DRILL --tape FILE`; without a name, watch takes the newest."}
	}
	if err != nil {
		return nil, usage("a tape is what `drill play --tape FILE` writes.", "%s: %w", path, err)
	}
	return w, nil
}

// deskFile is a file that lines are put at the end of. It is opened for each: hardly any are written.
type deskFile string

func (f deskFile) Write(p []byte) (int, error) {
	file, err := os.OpenFile(string(f), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := file.Write(p)
	return n, errors.Join(err, file.Close())
}

// deskEar returns the lines that came into a desk's file since it was last asked. What stands there at first was
// for those who played before.
func deskEar(path string) func() ([]string, error) {
	at := int64(0)
	if info, err := os.Stat(path); err == nil {
		at = info.Size()
	}
	return func() ([]string, error) {
		info, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() <= at {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		data, err := io.ReadAll(io.NewSectionReader(file, at, info.Size()-at))
		whole := bytes.LastIndexByte(data, '\n') + 1 // the rest is being written
		at += int64(whole)
		return strings.Split(string(data[:whole]), "\n"), err
	}
}

// watchLines is the desk by text.
func (a *app) watchLines(ctx context.Context, path string) (err error) {
	w, err := a.watch(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	l := &lines{a: a, seat: w, path: path, told: map[int]int{}, desk: true}
	l.sight = w.Sight()
	l.turn = l.sight.Turn
	fmt.Fprintf(a.out, "%s\n\nFOR THE FACILITATOR: %s. An empty line says what is new; truth, inject ID, hold, go, turn, status, log, think, quit.\n", exerciseMark, l.sight.Title)
	l.facts()
	return l.loop(ctx)
}

// watched does what only the desk can do, and tells whether it was that.
func (l *lines) watched(word string) (done bool, err error) {
	w, ok := l.seat.(*drill.Watch)
	if !ok {
		return false, nil
	}
	switch word {
	case "":
		return true, l.kept(w.Follow())
	case drill.HoldClock, drill.FreeClock:
		return true, l.kept(w.Hold(word == drill.HoldClock))
	}
	return false, nil
}
