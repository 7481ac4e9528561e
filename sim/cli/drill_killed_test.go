package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestKilledWhilePlaying: a process that is killed without a chance to say anything has every decision on its tape, and
// another goes on from there; what comes of it is what would have come of it without the kill.
func TestKilledWhilePlaying(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tape := filepath.Join(t.TempDir(), "k.tape")
	play := func(lines []string, kill bool) string {
		t.Helper()
		args := []string{"thiefbox", "drill", "play", "--plain", "--no-history", "--tape", tape}
		if _, err := os.Stat(tape); err != nil {
			args = append(args, "ten-minutes")
		}
		cmd := exec.Command(self)
		cmd.Args, cmd.Env = args, []string{"HOME=" + t.TempDir(), "TERM=dumb"}
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil || cmd.Start() != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			fmt.Fprintln(in, l)
		}
		var seen strings.Builder
		if !kill {
			_ = in.Close()
			_, _ = io.Copy(&seen, out)
			_ = cmd.Wait()
			return seen.String()
		}
		fmt.Fprintln(in, "words") // what it answers shows that it has come so far
		for s := bufio.NewScanner(out); s.Scan() && !strings.Contains(s.Text(), "ratchet"); {
			seen.WriteString(s.Text() + "\n")
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
		return seen.String()
	}
	play([]string{"wait 4m", "refuse-bearer imaging"}, true)
	play([]string{"wait 7m", "answer I2"}, true)
	whole := play([]string{"status", "wait 1h"}, false)
	if !strings.Contains(whole, "goes on at T+11m") || !strings.Contains(whole, "refuse-bearer imaging") {
		t.Errorf("expected it to go on with both decisions, got\n%s", whole)
	}
	file := filepath.Join(t.TempDir(), "plan.txt")
	if err := os.WriteFile(file, []byte("4m refuse-bearer imaging\n11m answer I2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, unkilled, _ := invoke(t, nil, "drill", "play", "ten-minutes", "--decisions", file, "--plain", "--no-history")
	for _, line := range []string{"Harm ", "Skill ", "Judgement ", "Communication ", "contain ", "recover "} {
		if a, b := lineWith(whole, line), lineWith(unkilled, line); a == "" || a != b {
			t.Errorf("expected the same as without the kill, %q, got %q", b, a)
		}
	}
}

func lineWith(text, begins string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, begins) {
			return line
		}
	}
	return ""
}
