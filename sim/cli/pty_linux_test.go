package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/sys/unix"
)

// window is a terminal that never answers: what a program sees in a build, a recorder, a slow link.
type window struct {
	control *os.File // our end
	tty     *os.File // the program's
}

func newWindow(t testing.TB, columns, rows uint16) window {
	t.Helper()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { _ = control.Close() })
	fd := int(control.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows})
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	return window{control, tty}
}

// start runs thiefbox in the window, as a shell would: in a session of its own, in the foreground.
func (w window) start(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args = append([]string{"thiefbox"}, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = w.tty, w.tty, w.tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	home := t.TempDir()
	cmd.Env = []string{"TERM=xterm-256color", "HOME=" + home, "XDG_DATA_HOME=" + home, "PATH=" + os.Getenv("PATH")}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.tty.Close() // ours; the program has its own
	return cmd
}

// read returns what the program writes until enough says so, it ends, or time is up.
func (w window) read(t testing.TB, enough func(string) bool) string {
	t.Helper()
	var seen bytes.Buffer
	chunks := make(chan []byte)
	go func() {
		defer close(chunks)
		for {
			b := make([]byte, 4096)
			n, err := w.control.Read(b)
			if n > 0 {
				chunks <- b[:n]
			}
			if err != nil {
				return // EIO: the program is gone
			}
		}
	}()
	late := time.After(10 * time.Second)
	for !enough(seen.String()) {
		select {
		case b, open := <-chunks:
			if !open {
				return seen.String()
			}
			seen.Write(b)
		case <-late:
			t.Fatalf("nothing more came; so far: %q", seen.String())
		}
	}
	go func() { // let the program go on writing
		for range chunks {
		}
	}()
	return seen.String()
}

func untilItEnds(string) bool { return false }

// Bubble Tea asks the terminal for its colours in an init function, and waits five seconds for an answer
// that may not come. No command but the screens may say a word to the terminal (see package early).
func TestNothingTalksToTheTerminal(t *testing.T) {
	for _, args := range [][]string{{"list"}, {"help"}, {"--plain"}, {"history"}, {"run", "T-01", "--plain"}, {"frobnicate"}} {
		w := newWindow(t, 80, 24)
		begun := time.Now()
		cmd := w.start(t, args...)
		out := w.read(t, untilItEnds)
		_ = cmd.Wait()
		if strings.Contains(out, "\x1b") {
			t.Errorf("thiefbox %s wrote an escape sequence: %q", strings.Join(args, " "), out)
		}
		if took := time.Since(begun); took > 4*time.Second {
			t.Errorf("thiefbox %s took %v: is it waiting for the terminal?", strings.Join(args, " "), took)
		}
	}
}

// Without a command, in a terminal, the screens open; q leaves them, and the terminal is as it was.
func TestScreensOpenAndClose(t *testing.T) {
	for _, size := range [][2]uint16{{120, 36}, {80, 24}, {50, 10}} {
		w := newWindow(t, size[0], size[1])
		cmd := w.start(t)
		out := w.read(t, func(s string) bool {
			s = ansi.Strip(s)
			return strings.Contains(s, "? help") || strings.Contains(s, "too small")
		})
		if !strings.Contains(out, "\x1b[?1049h") {
			t.Errorf("%v: expected the alternate screen, got %q", size, out)
		}
		if _, err := io.WriteString(w.control, "q"); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", size, err)
		}
	}
}

// Ctrl-C in the middle of printed work ends it at once, with the conventional status and no stack trace.
func TestCtrlC(t *testing.T) {
	w := newWindow(t, 80, 24)
	cmd := w.start(t, "matrix", "--wire", "tcp", "--plain", "--no-history")
	pause := 500 * time.Millisecond // somewhere in the middle; at whatever point, the answer is the same
	if raced {
		pause = 3 * time.Second // it takes that long to begin
	}
	time.Sleep(pause)
	if _, err := io.WriteString(w.control, "\x03"); err != nil {
		t.Fatal(err)
	}
	out := w.read(t, untilItEnds)
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted || !strings.Contains(out, "thiefbox: interrupted") || strings.Contains(out, "goroutine ") {
		t.Errorf("%v; it said %q", err, out)
	}
}

// From the shell to the first whole frame, of which the budget is 100 ms.
func BenchmarkFirstFrame(b *testing.B) {
	for b.Loop() {
		w := newWindow(b, 120, 36)
		cmd := w.start(b, "--no-history")
		w.read(b, func(s string) bool { return strings.Contains(ansi.Strip(s), "? help") })
		if _, err := io.WriteString(w.control, "q"); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		_ = cmd.Wait()
		b.StartTimer()
	}
}

// serve on a terminal opens its screen, and a drill its console; q leaves both.
func TestScreensOfCommands(t *testing.T) {
	for want, args := range map[string][]string{
		"What to paste where": {"serve", "--ephemeral", "--https-port", "-1", "--http-port", "0"},
		"The brief":           {"drill", "play", "ten-minutes", "--no-history"},
		"Eight short lessons": {"lesson", "--no-history"},
	} {
		w := newWindow(t, 120, 36)
		cmd := w.start(t, args...)
		w.read(t, func(s string) bool { return strings.Contains(ansi.Strip(s), want) })
		if _, err := io.WriteString(w.control, "\x03"); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", args[0], err)
		}
	}
}
