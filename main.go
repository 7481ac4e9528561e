// Command thiefbox plays attacks on a simulated health-data ecosystem and shows what the thief ended
// up holding. `thiefbox help` says more; the map of the code is the package comment of sim.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"

	"thiefbox/sim/cli"
	"thiefbox/sim/cli/early"
)

func main() {
	early.Restore()
	// Worlds are small and short-lived: collecting their remains less often saves a sixth of a run, for
	// a few megabytes.
	debug.SetGCPercent(400)
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // a window that is closed; under nohup it is ignored
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program the hard way
	env := cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, IsTerminal: isTerminal, Width: width,
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		env.Version, env.Module = build.Main.Version, build.Main.Path
	}
	os.Exit(cli.Main(ctx, env))
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func width() int {
	w, _, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return 0
	}
	return w
}
