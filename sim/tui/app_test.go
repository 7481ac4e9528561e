package tui

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/report"
)

// A newcomer presses enter, and within ten seconds has seen a record stolen under one profile and the
// same theft refused under another, and which check did it.
func TestTheFirstTenSeconds(t *testing.T) {
	a := testApp(t, 80, 24)
	press(t, a, "enter")
	c, ok := a.top().(*compareScreen)
	if !ok || !c.play.playing {
		t.Fatalf("expected a comparison to play, got %T", a.top())
	}
	beats := 0
	for c.play.playing {
		feed(t, a, tickMsg{})
		beats++
	}
	if seconds := float64(beats) * frameTime.Seconds(); seconds > 8 || seconds < 2 {
		t.Errorf("expected the theft to take 2 to 8 s, got %.1f s", seconds)
	}
	for _, want := range []string{"LEAK 1 record", "stop by rs/dpop-one-proof", "there is exactly one DPoP header"} {
		if !strings.Contains(a.View(), want) {
			t.Errorf("expected %q on the screen\n%s", want, a.View())
		}
	}
}

func TestNothingTicksWhenIdle(t *testing.T) {
	a := testApp(t, 80, 24)
	started := 0
	a.tick = func() tea.Cmd { started++; return nil }
	press(t, a, "j", "k", "?", "esc", "t")
	if started != 0 {
		t.Errorf("expected no timer at home, got %d", started)
	}
	press(t, a, "enter")
	feed(t, a, tickMsg{}, tickMsg{})
	if started != 3 {
		t.Errorf("expected one timer for each beat, got %d", started)
	}
	press(t, a, " ")
	before := started
	feed(t, a, tickMsg{}) // the one that was under way
	if started != before {
		t.Error("expected the timer to stop when paused")
	}
}

// esc leads home from anywhere, and never in circles.
func TestTheWayBack(t *testing.T) {
	a := testApp(t, 120, 36)
	press(t, a, "enter", "enter", "enter", "4", "6", "1", "4", "2", "3", "5", "7")
	if len(a.stack) > len(places) {
		t.Errorf("expected no place twice on the way, got %d screens", len(a.stack))
	}
	for range places {
		press(t, a, "esc")
	}
	if a.top().place() != placeHome {
		t.Errorf("expected to be home, got %s", placeName(a.top().place()))
	}
	if press(t, a, "esc"); a.note == "" {
		t.Error("expected the first screen to say that q quits")
	}
}

func TestPlacesWithNothingToShowSayWhy(t *testing.T) {
	a := testApp(t, 80, 24)
	for _, digit := range []string{"2", "3", "5"} {
		if press(t, a, digit); a.note == "" || a.top().place() != placeHome {
			t.Errorf("%s: expected a reason at home, got %q at %s", digit, a.note, placeName(a.top().place()))
		}
	}
}

func TestWhatIf(t *testing.T) {
	a := testApp(t, 120, 36)
	a.openRun(stolenToken("fapi2-dpop", true), nil)
	press(t, a, "G", "enter", "x")
	if !strings.Contains(a.View(), "Without rs/dpop-one-proof the same run ends:") {
		t.Fatalf("expected the what-if beside the checks\n%s", a.View())
	}
	press(t, a, "enter")
	if a.top().place() != placeRun || !strings.Contains(a.View(), "fapi2-dpop without rs/dpop-one-proof") {
		t.Errorf("expected the what-if run to open\n%s", a.View())
	}
	if press(t, a, "G", "x"); a.note == "" {
		t.Error("expected a breached run to say that there is no check to switch off")
	}
}

func TestAFailingRunIsANote(t *testing.T) {
	a := testApp(t, 80, 24)
	a.src.Run = func(_ context.Context, _, p string, _ []string) (report.Run, error) {
		return report.Run{}, errors.New("no " + p)
	}
	press(t, a, "enter")
	if !strings.Contains(a.View(), "cannot compare: no fapi2-dpop") || a.top().place() != placeHome {
		t.Errorf("expected to stay at home with a reason\n%s", a.View())
	}
}

// Where an attack makes no sense under a profile, the others are shown and the note says why.
func TestProfilesThatMakeNoSenseAreLeftOut(t *testing.T) {
	a := testApp(t, 80, 24)
	run := a.src.Run
	a.src.Run = func(c context.Context, attack, p string, without []string) (report.Run, error) {
		if p == "legacy" || p == "fapi2-dpop" {
			return report.Run{}, errors.New("makes no sense under " + p)
		}
		return run(c, attack, p, without)
	}
	press(t, a, "/", "d", "-", "0", "enter", "enter")
	if a.top().place() != placeRun || a.run.story.run.Profile != "hardened" || !strings.Contains(a.note, "makes no sense under fapi2-dpop") {
		t.Errorf("expected the run under the next profile and a reason, got %q", a.note)
	}
	press(t, a, "p", "esc")
}

func TestCompareColumns(t *testing.T) {
	a := testApp(t, 120, 36)
	press(t, a, "enter", "G", "+")
	profiles := func() string { return strings.Join(a.compare.profiles(), " ") }
	if got := profiles(); got != "legacy fapi2-dpop hardened" {
		t.Errorf("expected a third column, got %s", got)
	}
	if a.compare.play.playing || !a.compare.play.ended() {
		t.Error("expected a new column not to start everything again")
	}
	press(t, a, "]")
	if got := profiles(); got != "legacy fapi2-dpop helseid" {
		t.Errorf("expected another profile in the third column, got %s", got)
	}
	press(t, a, "tab", "-")
	if got := profiles(); got != "fapi2-dpop helseid" {
		t.Errorf("expected the first column to go, got %s", got)
	}
	press(t, a, "-", "-")
	if got := profiles(); got != "helseid" || a.note == "" {
		t.Errorf("expected the last column to stay, got %s", got)
	}
	press(t, a, "enter")
	if a.top().place() != placeRun || a.run.play.playing || !a.run.play.ended() {
		t.Error("expected the column's run, where the comparison stood")
	}
}

func TestMatrixProgress(t *testing.T) {
	a := testApp(t, 80, 24)
	cmd := a.open(a.matrix)
	if !a.matrix.running() || a.keepTicking() != nil && !a.ticking {
		t.Fatal("expected the matrix to be computed")
	}
	a.matrix.job.done.Store(3)
	a.matrix.job.total.Store(12)
	if !strings.Contains(a.View(), "3 of 12") {
		t.Errorf("expected progress\n%s", a.View())
	}
	settle(t, a, cmd)
	if a.matrix.running() || !strings.Contains(a.View(), "T-01") {
		t.Errorf("expected the matrix\n%s", a.View())
	}
	press(t, a, "enter")
	if a.top().place() != placeRun || a.run.story.run.Profile != "legacy" {
		t.Error("expected the run of the cell")
	}
	press(t, a, "esc", "j", "enter")
	if !strings.Contains(a.note, "makes no sense") {
		t.Errorf("expected a cell that was not run to say so, got %q", a.note)
	}
	press(t, a, "f")
	if len(a.matrix.shown) != 1 {
		t.Errorf("expected one attack with a surprise, got %d", len(a.matrix.shown))
	}
}

func TestHistoryReplays(t *testing.T) {
	a := testApp(t, 80, 24)
	press(t, a, "6", "/", "~", "s", "u", "r", "enter")
	if len(a.history.lines) != 1 {
		t.Fatalf("expected one surprise, got %d", len(a.history.lines))
	}
	press(t, a, "enter")
	if a.top().place() != placeRun || !a.run.play.playing {
		t.Error("expected the run to be replayed")
	}
}

// The runs of a matrix are one line, at home too; enter shows each, and a filter finds one.
func TestHistoryShowsAMatrixAsOneLine(t *testing.T) {
	a := testApp(t, 120, 36)
	inner := a.src.History
	a.src.History = func() ([]report.Run, error) {
		runs, err := inner()
		for i := range 40 {
			r := runs[0]
			r.ID, r.Part, r.Started = "r"+itoa(100+i), report.PartOfMatrix, r.Started.Add(-time.Hour)
			runs = append(runs, r)
		}
		return runs, err
	}
	press(t, a, "6")
	if n := len(a.history.lines); n != 3 {
		t.Fatalf("expected two runs and one matrix, got %d lines", n)
	}
	press(t, a, "G", "enter")
	if n := len(a.history.lines); n != 43 {
		t.Fatalf("expected each run of the matrix, got %d lines", n)
	}
	press(t, a, "j", "enter")
	if a.top().place() != placeRun {
		t.Error("expected a run of the matrix to be replayed")
	}
	press(t, a, "esc", "k", "enter")
	if n := len(a.history.lines); n != 3 {
		t.Fatalf("expected the runs to be hidden again, got %d lines", n)
	}
	press(t, a, "/", "r", "1", "0", "7", "enter")
	if n := len(a.history.lines); n != 1 || a.history.lines[0].ID() != "r107" {
		t.Errorf("expected the filter to find the run inside, got %+v", a.history.lines)
	}
	press(t, a, "1", "G")
	if twin := a.top().twin(); twin != "thiefbox history --all" {
		t.Errorf("expected home to end with the matrix, got %q", twin)
	}
	press(t, a, "c") // nothing to compare
	press(t, a, "enter")
	if e, ok := a.history.current(); a.top().place() != placeHistory || !ok || e.One() || len(a.history.lines) != 43 {
		t.Errorf("expected the history with the matrix open, got %+v", e.ID())
	}
	text, _ := a.history.selection()
	if text != "thiefbox history --all" || !strings.Contains(a.View(), "40 stop") {
		t.Errorf("expected the matrix selected, got %q in\n%s", text, a.View())
	}
}

// Copying is about data, never about cells, and goes through the terminal by OSC 52.
func TestCopy(t *testing.T) {
	var out bytes.Buffer
	a := testApp(t, 120, 36)
	a.clip.out = &out
	a.openRun(stolenToken("legacy", false), nil)
	press(t, a, "G", "Y")
	payload := strings.TrimSuffix(strings.TrimPrefix(out.String(), "\x1b]52;c;"), "\x07")
	text, err := base64.StdEncoding.DecodeString(payload)
	if err != nil || !strings.HasPrefix(string(text), "curl -i 'https://fhir.thiefbox.test/fhir/Patient/p01'") {
		t.Errorf("expected a curl command in the clipboard, got %q (%v)", text, err)
	}
	if !strings.HasPrefix(a.note, "copied") {
		t.Errorf("expected to be told, got %q", a.note)
	}
	a.clip.out = &brokenWriter{}
	if press(t, a, "o"); !strings.Contains(a.note, "cannot copy") {
		t.Errorf("expected to be told of the failure, got %q", a.note)
	}
	if press(t, a, "g", "Y"); a.note != "nothing to copy here" {
		t.Errorf("expected nothing to copy at a step without a message, got %q", a.note)
	}
}

type brokenWriter struct{}

func (*brokenWriter) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestTooSmallAWindowIgnoresKeys(t *testing.T) {
	a := testApp(t, 59, 16)
	press(t, a, "enter", "4", "?")
	if a.top().place() != placeHome || a.over != nil {
		t.Error("expected keys to be ignored")
	}
	if !strings.Contains(a.View(), "too small") {
		t.Errorf("expected to be told\n%s", a.View())
	}
	if _, cmd := a.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q")}); cmd == nil {
		t.Error("expected q to quit")
	}
}

func TestMouseIsOffUntilAskedFor(t *testing.T) {
	a := testApp(t, 80, 24)
	wheel := tea.MouseMsg{Button: tea.MouseButtonWheelDown}
	if feed(t, a, wheel); a.home.list.cursor != 0 {
		t.Error("expected the wheel to do nothing")
	}
	press(t, a, "m")
	if feed(t, a, wheel); a.home.list.cursor != 1 {
		t.Error("expected the wheel to move")
	}
}

func TestPaletteFindsAnythingByName(t *testing.T) {
	a := testApp(t, 80, 24)
	press(t, a, "ctrl+p", "m", "a", "t", "r", "i", "x", "enter")
	if a.top().place() != placeMatrix {
		t.Errorf("expected the matrix, got %s", placeName(a.top().place()))
	}
	press(t, a, ":", "h", "a", "r", "d", "e", "n", "e", "d", "enter")
	if a.profile != "hardened" {
		t.Errorf("expected the profile to be hardened, got %s", a.profile)
	}
	press(t, a, ":", "X", "-", "0", "5", "enter")
	if a.top().place() != placeRun || a.run.story.run.Attack.ID != "X-05" {
		t.Error("expected the attack to run")
	}
}
