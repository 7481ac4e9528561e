package cli

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
)

// elsewhere are commands whose examples other tests play: they wait for a person, for clients or for
// somebody's server, or begin with files that only he has.
var elsewhere = map[string]bool{"client": true, "probe": true, "drill": true, "serve": true, "rollout": true}

// whole are examples that play the whole catalogue for seconds; their output is looked at in the transcripts.
var whole = map[string]bool{
	"matrix": true, "matrix --profile fapi2-dpop,hardened": true, "matrix --format html": true, "ablate": true,
	"order --from legacy": true, "order --from ./ours.yaml --json": true, "detect": true, "detect --profile fapi2-dpop": true, "detect D-04 --rule proof-twice --json": true, "coverage": true,
	"risk --before legacy --after fapi2-dpop": true, "risk --before ./ours.yaml --after hardened --weights weights.yaml --json": true,
	"coverage \"RFC 9449 s4.3\" AM": true, "matrix --family D,X --changed pre-2025,fapi2-dpop": true,
}

// Every command has examples, and each works as pasted, in the order in which they stand.
func TestExamples(t *testing.T) {
	if raced {
		t.Skip("what the commands do is raced elsewhere")
	}
	for _, cmd := range (&app{}).root().Commands() {
		if cmd.Hidden || cmd.Name() == "completion" || cmd.Name() == "help" {
			continue
		}
		for _, c := range append([]*cobra.Command{cmd}, cmd.Commands()...) {
			t.Run(strings.ReplaceAll(c.CommandPath(), " ", "/"), func(t *testing.T) { playExamples(t, cmd.Name(), c) })
		}
	}
}

func playExamples(t *testing.T, group string, c *cobra.Command) {
	if c.Example == "" && c.Name() == group {
		t.Error("expected an example, got none")
	}
	t.Chdir(t.TempDir())
	data := t.TempDir()
	if group == "history" || group == "replay" {
		if status, _, stderr := invoke(t, nil, "run", "T-01", "--data", data); status != 0 {
			t.Fatal(stderr)
		}
	}
	for _, line := range strings.Split(strings.ReplaceAll(c.Example, "\\\n", " "), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		line, ok := strings.CutPrefix(line, "thiefbox ")
		if !ok {
			t.Fatalf("expected an example that begins with thiefbox, got %q", line)
		}
		line, file, _ := strings.Cut(line, " > ")
		args := shellWords(line)
		understood(t, args)
		if elsewhere[group] || whole[line] {
			continue
		}
		status, stdout, stderr := invoke(t, nil, append(args, "--data", data)...)
		if status != 0 {
			t.Errorf("thiefbox %s: expected status 0, got %d: %s", line, status, stderr)
		}
		if stdout == "" {
			t.Errorf("thiefbox %s: expected to be told something", line)
		}
		if file != "" {
			if err := os.WriteFile(file, []byte(stdout), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// understood insists that there is such a command, with such flags and arguments.
func understood(t *testing.T, args []string) {
	t.Helper()
	c, rest, err := (&app{}).root().Find(args)
	if err == nil {
		err = c.ParseFlags(rest)
	}
	if err == nil && c.Args != nil {
		err = c.Args(c, c.Flags().Args())
	}
	if err != nil {
		t.Errorf("thiefbox %s: %v", strings.Join(args, " "), err)
	}
}

// shellWords splits a line as a shell does, quotes taken off.
func shellWords(line string) (words []string) {
	quote, word, begun := rune(0), "", false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, begun = r, true
		case quote == 0 && unicode.IsSpace(r):
			if begun {
				words, word, begun = append(words, word), "", false
			}
		default:
			word, begun = word+string(r), true
		}
	}
	if begun {
		words = append(words, word)
	}
	return words
}
