package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/rogpeppe/go-internal/testscript"

	"thiefbox/sim/cli/early"
	"thiefbox/sim/verdict"
)

// thiefbox is what main does, in the test's own binary.
func thiefbox() int {
	early.Restore()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return Main(ctx, Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, Width: func() int { return 0 },
		IsTerminal: func(stream any) bool {
			f, ok := stream.(*os.File)
			return ok && term.IsTerminal(f.Fd())
		},
	})
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"thiefbox": func() { os.Exit(thiefbox()) }})
}

// invoke runs one command inside the test, with no terminal in sight.
func invoke(t *testing.T, change func(*app), args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return invokeIn(t.Context(), change, args...)
}

func invokeIn(ctx context.Context, change func(*app), args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	a := newApp(Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Unix(1, 0) },
		IsTerminal: func(any) bool { return false }, Width: func() int { return 0 },
	})
	if change != nil {
		change(a)
	}
	return a.main(ctx), out.String(), errs.String()
}

// What a pipeline relies on: an outcome that nobody reviewed must turn it red, in every command that has one.
func TestASurpriseIsOne(t *testing.T) {
	wrong := func(a *app) { a.expected = func(string, string) verdict.Outcome { return verdict.Breached } }
	right := func(a *app) { a.expected = func(string, string) verdict.Outcome { return verdict.Held } }
	silent := func(a *app) { a.expected = func(string, string) verdict.Outcome { return "" } }
	for _, command := range []string{"run", "matrix", "peel"} {
		for _, tt := range []struct {
			name   string
			change func(*app)
			want   int
		}{{"wrong", wrong, exitSurprise}, {"right", right, exitExpected}, {"silent", silent, exitExpected}} {
			for _, extra := range [][]string{nil, {"--json"}} {
				args := append([]string{command, "T-01", "--profile", "fapi2-dpop", "--no-history"}, extra...)
				got, stdout, stderr := invoke(t, tt.change, args...)
				if got != tt.want || stdout == "" || stderr != "" {
					t.Errorf("%s, %s: status %d, want %d; it said %q", tt.name, strings.Join(args, " "), got, tt.want, stderr)
				}
			}
		}
	}
}

// With a control taken away the outcome is the user's experiment, not a surprise.
func TestWithoutHasNoExpectation(t *testing.T) {
	held := func(a *app) { a.expected = func(string, string) verdict.Outcome { return verdict.Held } }
	got, stdout, _ := invoke(t, held, "run", "D-04", "--profile", "hardened", "--no-history",
		"--without", "rs/dpop-nonce,rs/dpop-jti,rs/dpop-jti-spelling,rs/dpop-jti-window,rs/dpop-jti-shared")
	if got != exitExpected || !strings.Contains(stdout, "Breached.") {
		t.Errorf("status %d, %s", got, stdout)
	}
}

// Ctrl-C in the middle of work: one word, the conventional status, and no half a result.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, command := range []string{"run", "matrix", "peel"} {
		status, stdout, stderr := invokeIn(ctx, nil, command, "D-04", "--no-history")
		if status != exitInterrupted || stdout != "" || stderr != "thiefbox: interrupted\n" {
			t.Errorf("%s: status %d, %q, %q", command, status, stdout, stderr)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A report that went nowhere is not a success: a pipeline would archive an empty file.
func TestOutputThatCannotBeWritten(t *testing.T) {
	status, _, stderr := invoke(t, func(a *app) {
		a.env.Stdout = full{}
		a.out.Reset(full{})
	}, "list")
	if status != exitEnvironment || !strings.Contains(stderr, "no space left") {
		t.Errorf("status %d, %q", status, stderr)
	}
}

// NO_COLOR and --theme mono are promises (https://no-color.org); the words say it all without colour.
func TestColourOnlyOnATerminalThatWantsIt(t *testing.T) {
	tty := func(env map[string]string) func(*app) {
		return func(a *app) {
			a.env.IsTerminal = func(any) bool { return true }
			a.env.Getenv = func(k string) string { return env[k] }
		}
	}
	for _, tt := range []struct {
		name    string
		change  func(*app)
		extra   []string
		colours bool
	}{
		{"a terminal", tty(nil), nil, true},
		{"a pipe", nil, nil, false},
		{"NO_COLOR", tty(map[string]string{"NO_COLOR": "1"}), nil, false},
		{"mono", tty(nil), []string{"--theme", "mono"}, false},
		{"plain", tty(nil), []string{"--plain"}, false},
		{"a dumb terminal", tty(map[string]string{"TERM": "dumb"}), nil, false},
	} {
		args := append([]string{"run", "T-01", "--profile", "legacy", "--no-history"}, tt.extra...)
		_, stdout, _ := invoke(t, tt.change, args...)
		if got := strings.Contains(stdout, "\x1b["); got != tt.colours || !strings.Contains(stdout, "Breached") {
			t.Errorf("%s: colours %v, want %v:\n%s", tt.name, got, tt.colours, stdout)
		}
	}
}

// The screens need a terminal on both ends that can move its cursor. Anything else gets text.
func TestInteractive(t *testing.T) {
	in, out := strings.NewReader(""), io.Discard
	for _, tt := range []struct {
		name          string
		stdin, stdout bool
		plain         bool
		term          string
		want          bool
	}{
		{"a terminal", true, true, false, "xterm", true},
		{"fed from a file", false, true, false, "xterm", false},
		{"into a pipe", true, false, false, "xterm", false},
		{"--plain", true, true, true, "xterm", false},
		{"dumb", true, true, false, "dumb", false},
	} {
		a := &app{plain: tt.plain, env: Env{Stdin: in, Stdout: out, Getenv: func(string) string { return tt.term },
			IsTerminal: func(s any) bool { return s == any(in) && tt.stdin || s == any(out) && tt.stdout }}}
		if got := a.interactive(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// From the shell and back, of which the budget is 30 ms.
func BenchmarkList(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		cmd := exec.Command(self)
		cmd.Args = []string{"thiefbox", "list"}
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
}
