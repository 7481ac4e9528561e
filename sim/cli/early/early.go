// Package early keeps Bubble Tea from talking to the terminal before the program has begun.
//
// Bubble Tea v1 asks the terminal for its background colour in an init function (tea_init.go). So
// every command of thiefbox would print an escape sequence, even `list --plain`, and on a terminal
// that does not answer it would hang for five seconds. An init function cannot be turned down, but it
// can be told that there is nobody to ask: termenv takes a process with CI in its environment for one
// without a terminal.
//
// Why this comes first: Go initialises, of all packages whose imports are ready, the one with the
// smallest path (language specification, "Program initialization"). This one needs nothing but
// syscall, and thiefbox sorts before the time package, which Bubble Tea needs. A test with a real
// terminal (sim/cli) tells if that ever stops being true.
//
// The package imports nothing of ours and nothing but syscall, and must stay so.
package early

import "syscall"

const name = "CI"

var before, had = syscall.Getenv(name)

func init() { _ = syscall.Setenv(name, "true") }

// Restore puts the environment back as it was. Call it first thing in main.
func Restore() {
	if had {
		_ = syscall.Setenv(name, before)
		return
	}
	_ = syscall.Unsetenv(name)
}
