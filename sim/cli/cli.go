// Package cli is the command line of thiefbox: it turns arguments into one call to sim, one report and
// an exit status.
//
// Begin with app.go, which has the root command and the flags that all commands share. A command is a
// file: list.go, explain.go, run.go, matrix.go (narrow.go, baseline.go), schema.go, peel.go, history.go, replay.go,
// serve.go, detect.go, and what is computed from runs: ablate.go, order.go, coverage.go, risk.go, over atlas.go, which
// remembers what was found out. client.go and the files beside it are an honest client for somebody else's
// server, and probe.go and those beside it the thief at somebody's own API. profile_file.go reads a person's own profile. screen.go opens the TUI. lookup.go finds what a person
// named, suggest.go what he may have meant. failure.go says which
// error leads to which exit status, and is the only place that prints one.
//
// Rules of the house: the clock, the environment and the terminal come in through Env; results go to
// standard output and everything else to standard error, so that output can be piped; nothing here
// decides what a run means.
package cli

import (
	"bufio"
	"context"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"thiefbox/scenarios"
)

// Env is what the process gives the command line. main fills it in; a test gives something else.
type Env struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Getenv reads an environment variable: the data directory and TERM depend on some.
	Getenv func(string) string
	// Version and Module are those of the build.
	Version, Module string
	// Now is the machine's clock. It dates the history and paces the progress line; no run sees it.
	Now func() time.Time
	// IsTerminal tells whether one of the three streams is one.
	IsTerminal func(stream any) bool
	// Width is the number of columns of the terminal on Stdout, 0 if unknown.
	Width func() int
}

// Main runs one command and returns the exit status of the process: 0 as expected, 1 otherwise,
// 2 wrong usage, 3 the environment failed (a file, a socket), 130 interrupted.
func Main(ctx context.Context, env Env) int { return newApp(env).main(ctx) }

func newApp(env Env) *app {
	return &app{env: env, out: bufio.NewWriter(env.Stdout), expected: scenarios.Expected}
}

// doubleClicked opens the screens for who double-clicks on Windows, which is what he wants, where Cobra would refuse to run.
// It is a variable of Cobra's, so that several command lines at a time must not each set it.
var doubleClicked = sync.OnceFunc(func() { cobra.MousetrapHelpText = "" })

func (a *app) main(ctx context.Context) int {
	doubleClicked()
	root := a.root()
	root.SetArgs(a.env.Args)
	root.SetIn(a.env.Stdin)
	root.SetOut(a.out)
	root.SetErr(a.env.Stderr)
	err := root.ExecuteContext(ctx)
	if flushed := a.out.Flush(); err == nil && flushed != nil {
		err = environment("the result could not be written: %w", flushed)
	}
	return a.finish(ctx, err)
}
