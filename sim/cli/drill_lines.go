package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"thiefbox/sim"
	"thiefbox/sim/drill"
)

// lines is a drill played by text: it reads the state and sends decisions, as a screen would.
type lines struct {
	a        *app
	d        *drill.Drill
	tape     *drill.Recorder
	path     string
	speed    float64
	clock    time.Time    // of the machine, at the last line
	shown    int          // messages
	told     map[int]bool // decisions whose outcome was shown
	evidence int          // last event shown
	truth    bool
}

// playLines plays a drill line by line, and writes every decision down before anything comes of it.
func (a *app) playLines(ctx context.Context, t *drill.Tape, size int64, f drillPlay) error {
	d, err := drill.New(t, sim.NewExercise)
	if err != nil {
		return usage("the tape is of another version of thiefbox, or was changed.", "the drill cannot be played on: %w", err)
	}
	defer d.Close()
	l := &lines{a: a, d: d, speed: f.speed, clock: a.env.Now(), truth: f.facilitator, path: f.tape, told: map[int]bool{}}
	rec, file, path, err := a.tapeFile(t, d.File().ID, l.path, size)
	l.tape, l.path = rec, path
	if err != nil {
		return err
	}
	if file != nil {
		defer file.Close()
	}
	if len(t.Decisions) == 0 {
		a.brief(d.File())
		fmt.Fprintln(a.out, "\n`help` lists what you can say.")
	} else {
		fmt.Fprintf(a.out, "%s\n\n%s goes on at %s.\n", exerciseMark, d.File().Title, drill.Clock(d.Now()))
	}
	if err := l.loop(ctx); err != nil {
		return err
	}
	return l.end(ctx)
}

// tapeFile puts a tape into its file: the one that was named, or a new one among the data. The recorder stands
// at its end. There is no file if nothing is to be kept.
func (a *app) tapeFile(t *drill.Tape, id, path string, size int64) (*drill.Recorder, *os.File, string, error) {
	if path == "" && !a.noHistory {
		dir, err := a.drillDir()
		if err != nil {
			return nil, nil, "", err
		}
		for i := 1; path == ""; i++ {
			one := filepath.Join(dir, strings.ToLower(id)+"-"+strconv.Itoa(i)+".tape")
			if _, err := os.Stat(one); errors.Is(err, os.ErrNotExist) {
				path = one
			}
		}
	}
	if path == "" {
		rec, err := t.Record(io.Discard)
		return rec, nil, "", err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, "", environment("%w", err)
	}
	var rec *drill.Recorder
	if size < 0 {
		rec, err = t.Record(file)
	} else if err = file.Truncate(size); err == nil { // what was torn goes
		_, err = file.Seek(size, io.SeekStart)
		rec = t.Resume(file)
	}
	if err != nil {
		return nil, nil, "", environment("the tape: %w", errors.Join(err, file.Close()))
	}
	return rec, file, path, nil
}

func (l *lines) loop(ctx context.Context) error {
	in := bufio.NewScanner(l.a.env.Stdin)
	for {
		l.news()
		if l.d.Over() {
			return nil
		}
		fmt.Fprintf(l.a.out, "%s> ", drill.Clock(l.d.Now()))
		if err := l.a.out.Flush(); err != nil {
			return environment("%w", err)
		}
		if !in.Scan() || ctx.Err() != nil {
			return errors.Join(in.Err(), ctx.Err())
		}
		if err := l.passRealTime(); err != nil {
			return err
		}
		quit, err := l.say(ctx, strings.TrimSpace(in.Text()))
		if quit || err != nil {
			return err
		}
	}
}

// passRealTime lets the drill run for as long as the player thought, times the speed.
func (l *lines) passRealTime() error {
	now := l.a.env.Now()
	took := now.Sub(l.clock)
	l.clock = now
	if l.speed == 0 || took <= 0 {
		return nil
	}
	return l.wait(time.Duration(float64(took) * l.speed).Round(time.Second))
}

// wait lets time pass, and notes on the tape how far the drill has come.
func (l *lines) wait(span time.Duration) error {
	l.d.Advance(l.d.Now() + span)
	return l.decide(drill.Decision{Do: drill.Wait})
}

// decide makes a decision and writes it down.
func (l *lines) decide(one drill.Decision) error {
	if err := l.d.Decide(one); err != nil {
		fmt.Fprintln(l.a.out, oneLine(err.Error()))
		return nil
	}
	all := l.d.Tape().Decisions
	if err := l.tape.Add(all[len(all)-1]); err != nil {
		return environment("%w", err)
	}
	return nil
}

// say does what a line says. A line that is no command is a decision.
func (l *lines) say(ctx context.Context, line string) (quit bool, err error) {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "":
	case "quit", "exit":
		return true, nil
	case "help":
		l.help()
	case "mail":
		l.shown = 0
	case "log":
		l.log(rest)
	case "try":
		l.preview(rest)
	case "status":
		l.status()
	case "brief":
		l.a.brief(l.d.File())
	case "truth":
		l.facts()
	case "wait":
		span, err := time.ParseDuration(rest)
		if err != nil || span <= 0 {
			fmt.Fprintf(l.a.out, "wait: expected a duration such as 10m, got %q\n", oneLine(rest))
			return false, nil
		}
		return false, l.wait(span)
	case "next":
		return false, l.next(ctx)
	case "speed":
		if n, err := strconv.ParseFloat(rest, 64); err == nil && n >= 0 && n <= 600 {
			l.speed = n
		} else {
			fmt.Fprintf(l.a.out, "speed: expected 0 to 600, got %q\n", oneLine(rest))
		}
	case "pause":
		l.speed = 0
	default:
		one := drill.ParseLine(line)
		if one.Do == "inject" && !l.truth {
			fmt.Fprintln(l.a.out, "inject is for the facilitator: play with --facilitator")
			return false, nil
		}
		return false, l.decide(one)
	}
	return false, nil
}

// next lets time pass until something reaches the player, or the drill is over.
func (l *lines) next(ctx context.Context) error {
	v := l.d.View()
	messages, open := len(v.Inbox), pendingOf(v)
	for !l.d.Over() && ctx.Err() == nil {
		l.d.Advance(l.d.Now() + l.d.File().Tick)
		if v = l.d.View(); len(v.Inbox) > messages || pendingOf(v) < open {
			break
		}
	}
	return l.decide(drill.Decision{Do: drill.Wait})
}

func pendingOf(v drill.View) (n int) {
	for _, one := range v.Done {
		if len(one.Result) == 0 && one.Ends > v.Now {
			n++
		}
	}
	return n
}

// news prints what has reached the player since.
func (l *lines) news() {
	v, p := l.d.View(), l.a.page()
	for _, one := range v.Done {
		if l.told[one.N] || len(one.Result) == 0 && one.Ends > v.Now {
			continue
		}
		l.told[one.N] = true
		for _, said := range one.Result {
			prose(p, "", drill.Clock(one.Ends)+" "+one.Decision.String()+": "+said)
		}
	}
	for ; l.shown < len(v.Inbox); l.shown++ {
		m := v.Inbox[l.shown]
		head := fmt.Sprintf("%s [%s] %s from %s: ", drill.Clock(m.At), m.ID, m.Channel, m.From)
		if m.AnswerBy > 0 {
			head += "(wants an answer by " + drill.Clock(m.AnswerBy) + ") "
		}
		prose(p, "", head+m.Text)
	}
}

// end says goodbye, and what came of it if the drill is over.
func (l *lines) end(ctx context.Context) error {
	if l.path != "" {
		fmt.Fprintln(l.a.out, "The tape is "+l.path+".")
	}
	if !l.d.Over() {
		return nil
	}
	s, err := l.d.Judge(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(l.a.out)
	l.a.scored(l.d, s)
	return nil
}

// drillDir is where tapes are kept.
func (a *app) drillDir() (string, error) {
	dir, err := dataDir(a.data, goos, a.env.Getenv)
	if err == nil {
		dir = filepath.Join(dir, "drills")
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return "", environment("%w", err)
	}
	return dir, nil
}
