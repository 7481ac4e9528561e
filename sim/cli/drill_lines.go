package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"thiefbox/sim"
	"thiefbox/sim/drill"
)

// lines is a drill played by text, from the same seat as the console's: it shows what can be seen from there, and
// sends what is typed.
type lines struct {
	a        *app
	seat     sitter
	desk     bool // others play: the seat is a facilitator's
	sight    drill.Sight
	path     string
	speed    float64
	turn     time.Duration
	clock    time.Time   // of the machine, at the last line
	shown    int         // messages
	told     map[int]int // by decision: how many of its outcomes were shown
	evidence int         // last event shown
	dark     [2]int      // clients broken and clinics not served, as last shown
}

// sitter is where somebody sits before a drill: a Seat, or the desk of a facilitator (a Watch).
type sitter interface {
	Sight() drill.Sight
	Decide(line string) error
	Pass(span time.Duration) error
	Wait(span time.Duration) error
	Next(ctx context.Context, most time.Duration) error
	Preview(line string) (drill.Preview, error)
	Judge(ctx context.Context) (drill.Score, error)
	File() *drill.File
}

// sit begins or goes on with the drill of a tape.
func (a *app) sit(t *drill.Tape, size int64, path string, facilitator bool) (*drill.Seat, string, error) {
	d, err := drill.New(t, sim.NewExercise)
	if err != nil {
		return nil, "", usage("the tape is of another version of thiefbox, or was changed.", "the drill cannot be played on: %w", err)
	}
	rec, file, path, err := a.tapeFile(t, d.File().ID, path, size)
	if err != nil {
		return nil, "", errors.Join(err, d.Close())
	}
	var closer io.Closer // a file that is nil is no closer that is nil
	if file != nil {
		closer = file
	}
	seat, err := drill.NewSeat(d, rec, closer, facilitator)
	if err != nil {
		return nil, "", environment("%w", errors.Join(err, seat.Close()))
	}
	if path != "" {
		seat.Attend(deskEar(path + deskSuffix))
	}
	return seat, path, nil
}

// playLines plays a drill line by line, and writes every decision down before anything comes of it.
func (a *app) playLines(ctx context.Context, t *drill.Tape, size int64, f drillPlay) (err error) {
	begun := len(t.Decisions) > 0
	seat, path, err := a.sit(t, size, f.tape, f.facilitator)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, seat.Close()) }()
	l := &lines{a: a, seat: seat, speed: f.speed, turn: f.turn, clock: a.env.Now(), path: path, told: map[int]int{}}
	l.sight = seat.Sight()
	if l.turn == 0 {
		l.turn = l.sight.Turn
	}
	if !begun {
		a.brief(seat.File())
		fmt.Fprintln(a.out, "\n`help` lists what you can say.")
	} else {
		fmt.Fprintf(a.out, "%s\n\n%s goes on at %s.\n", exerciseMark, l.sight.Title, drill.Clock(l.sight.Now))
	}
	if err := l.loop(ctx); err != nil {
		return err
	}
	return l.end(ctx, seat.Tape())
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
		l.sight = l.seat.Sight()
		l.news()
		if l.sight.Over {
			return nil
		}
		fmt.Fprintf(l.a.out, "%s> ", drill.Clock(l.sight.Now))
		if err := l.a.out.Flush(); err != nil {
			return environment("%w", err)
		}
		if !in.Scan() || ctx.Err() != nil {
			return errors.Join(in.Err(), ctx.Err())
		}
		if err := l.passRealTime(); err != nil {
			return err
		}
		if err := l.hear(); err != nil {
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
	err := l.kept(l.seat.Pass(time.Duration(float64(took) * l.speed).Round(time.Second)))
	l.sight = l.seat.Sight()
	return err
}

// hear does what a facilitator sent meanwhile.
func (l *lines) hear() error {
	seat, ok := l.seat.(*drill.Seat)
	if !ok {
		return nil
	}
	was := l.sight.Held
	_, err := seat.Listen()
	if l.sight = seat.Sight(); l.sight.Held != was {
		fmt.Fprintln(l.a.out, ifElse(l.sight.Held, "the facilitator has stopped the clock", "the facilitator lets the clock go on"))
	}
	return l.kept(err)
}

// kept tells a tape that could not be written from a decision that makes no sense: the one ends the play, the
// other is answered.
func (l *lines) kept(err error) error {
	if errors.Is(err, drill.ErrTape) {
		return environment("%w", err)
	}
	if err != nil {
		fmt.Fprintln(l.a.out, oneLine(err.Error()))
	}
	return nil
}

// say does what a line says. A line that is no command is a decision.
func (l *lines) say(ctx context.Context, line string) (quit bool, err error) {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	if l.look(word, rest) {
		return false, nil
	}
	if done, err := l.watched(word); done {
		return false, err
	}
	switch word {
	case "":
	case "quit", "exit":
		return true, nil
	case "wait":
		span, err := time.ParseDuration(rest)
		if err != nil || span <= 0 {
			fmt.Fprintf(l.a.out, "wait: expected a duration such as 10m, got %q\n", oneLine(rest))
			return false, nil
		}
		return false, l.kept(l.seat.Wait(span))
	case "turn":
		return false, l.kept(l.seat.Wait(l.turn))
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
		return false, l.decide(line)
	}
	return false, nil
}

// decide makes a decision, and says when it works: an operator may have to come to it first.
func (l *lines) decide(line string) error {
	before := len(l.sight.Done)
	if err := l.seat.Decide(line); err != nil {
		return l.kept(err)
	}
	now := l.seat.Sight()
	if len(now.Done) > before {
		if one := now.Done[len(now.Done)-1]; one.Open(now.Now) {
			prose(l.a.page(), "", fmt.Sprintf("decision %d: %s (cancel %d takes it back)", one.N, one.Pace(now.Now), one.N))
		}
	}
	return nil
}

// turnsAtMost are waited for something to reach the player: whoever only asks for what is next must not find the drill
// over.
const turnsAtMost = 3

// next lets time pass until something reaches the player, and says so if nothing did.
func (l *lines) next(ctx context.Context) error {
	before := l.sight
	if err := l.kept(l.seat.Next(ctx, turnsAtMost*l.turn)); err != nil {
		return err
	}
	now := l.seat.Sight()
	if passed := now.Now - before.Now; passed >= turnsAtMost*l.turn && len(now.Inbox) == len(before.Inbox) {
		fmt.Fprintf(l.a.out, "%s passed, and nothing came in\n", shortSpan(passed))
	}
	return nil
}

// news prints what has reached the player since.
func (l *lines) news() {
	type item struct {
		at   time.Duration
		tell func(page)
	}
	var all []item
	for _, one := range l.sight.Done {
		for ; l.told[one.N] < len(one.Result); l.told[one.N]++ { // what has a date of its own is told later
			at, said := one.When[l.told[one.N]], one.Result[l.told[one.N]]
			all = append(all, item{at, func(p page) { prose(p, "", drill.Clock(at)+" "+one.Decision.String()+": "+said) }})
		}
	}
	for ; l.shown < len(l.sight.Inbox); l.shown++ {
		m := l.sight.Inbox[l.shown]
		all = append(all, item{m.At, func(p page) { message(p, m) }})
	}
	slices.SortStableFunc(all, func(a, b item) int { return cmp.Compare(a.at, b.at) })
	p := l.a.page()
	for _, one := range all {
		one.tell(p)
	}
	if now := [2]int{l.sight.Broken, l.sight.Dark}; now != l.dark {
		l.dark = now
		prose(p, "", fmt.Sprintf("%s now: clients broken %d, clinics not served %d; status says which", drill.Clock(l.sight.Now), now[0], now[1]))
	}
}

// message is one of the inbox, with what can be said to it.
func message(p page, m drill.Message) {
	head := fmt.Sprintf("%s [%s] %s from %s: ", drill.Clock(m.At), m.ID, m.Channel, m.From)
	if m.AnswerBy > 0 {
		head += "(wants an answer by " + drill.Clock(m.AnswerBy) + ") "
	}
	prose(p, "", head+m.Text)
	for _, c := range m.Answers {
		prose(p, "    ", "answer "+m.ID+" "+c.Word+": "+c.Text)
	}
	if m.AnswerBy > 0 && len(m.Answers) == 0 {
		prose(p, "    ", "answer "+m.ID)
	}
}

// end says goodbye, and what came of it if the drill is over.
func (l *lines) end(ctx context.Context, t *drill.Tape) error {
	if l.path != "" {
		fmt.Fprintln(l.a.out, "The tape is "+l.path+".")
	}
	if !l.sight.Over {
		if l.path != "" {
			fmt.Fprintln(l.a.out, "Go on with: thiefbox drill play --tape "+l.path)
		}
		return nil
	}
	s, err := l.seat.Judge(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(l.a.out)
	l.a.scored(l.seat.File(), t, s)
	var said []string
	for _, one := range l.sight.Suspects {
		what := map[string]string{"yes": "right", "no": "not so"}[one.Right]
		said = append(said, fmt.Sprintf("%s: %s (you said %s)", cmp.Or(what, "in your words, not scored"), one.Text, cmp.Or(one.Odds(), "nothing")))
	}
	section(l.a.page(), "What it was", said...)
	if l.path != "" {
		fmt.Fprintln(l.a.out, "\nThe after-action report, with every receipt and what-ifs that are really played: thiefbox drill report "+l.path)
	}
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
