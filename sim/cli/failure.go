package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"thiefbox/sim/report"
)

// The exit statuses. Scripts depend on them: they are part of the interface.
const (
	exitExpected    = 0
	exitSurprise    = 1   // a run differs from the reviewed matrix, or proves nothing
	exitUsage       = 2   // the command line makes no sense
	exitEnvironment = 3   // a file, a socket or the terminal failed
	exitInterrupted = 130 // by convention, 128 and the number of SIGINT
)

// failure is an error with an exit status and advice.
type failure struct {
	status int
	cause  error
	advice string // what to do, as a sentence; may be empty
}

func (f *failure) Error() string { return f.cause.Error() }
func (f *failure) Unwrap() error { return f.cause }

// usage is a mistake in the command line.
func usage(advice, format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...), advice}
}

// environment is a fault of the machine around us: a file, a socket, the terminal.
func environment(format string, args ...any) error {
	return &failure{status: exitEnvironment, cause: fmt.Errorf(format, args...)}
}

// finish prints the error, once, and returns the exit status.
func (a *app) finish(ctx context.Context, err error) int {
	if ctx.Err() != nil && !(a.untilInterrupted && err == nil) {
		fmt.Fprintln(a.env.Stderr, "thiefbox: interrupted")
		return exitInterrupted
	}
	if err == nil {
		if a.surprised {
			return exitSurprise
		}
		return exitExpected
	}
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{status: exitEnvironment, cause: err}
	}
	fmt.Fprintln(a.env.Stderr, "thiefbox: "+oneLine(err.Error()))
	if f.advice != "" {
		fmt.Fprintln(a.env.Stderr, f.advice)
	}
	return f.status
}

// warn says on standard error what went wrong without changing the result.
func (a *app) warn(format string, args ...any) {
	if a.screened { // the terminal is theirs; the log pane has it
		a.journal.complain(context.Background(), "%s", oneLine(fmt.Sprintf(format, args...)))
		return
	}
	fmt.Fprintln(a.env.Stderr, "thiefbox: warning: "+oneLine(fmt.Sprintf(format, args...)))
}

// oneLine makes an error safe to print: it may quote what a stranger wrote.
func oneLine(s string) string {
	return report.Clean(strings.ReplaceAll(strings.TrimSpace(s), "\n", "; "))
}
