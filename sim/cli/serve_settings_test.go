package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

func TestServeSettings(t *testing.T) {
	parse := func(args ...string) (serveFlags, error) {
		var f serveFlags
		cmd := &cobra.Command{}
		f.settingFlags(cmd)
		if err := cmd.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		return f, f.settle()
	}
	f, err := parse("--lifetime", "access-token=30s,code=5s", "--sign-in-as", "berg", "--consent", "--sign-out-revokes")
	if s := f.config.Settings; err != nil || s.Lifetimes.AccessToken != 30*time.Second || s.Lifetimes.Code != 5*time.Second || s.Automatic.As != "berg" || !s.Automatic.Consent || !s.SignOutRevokes {
		t.Errorf("got %+v, %v", s, err)
	}
	for _, wrong := range []string{"code=2m", "code=soon", "codes=1s"} {
		if _, err := parse("--lifetime", wrong); err == nil || !strings.Contains(err.Error(), "--lifetime "+wrong) {
			t.Errorf("%s: got %v", wrong, err)
		}
	}
}

// Who names a directory wants to find things there, unless he says otherwise.
func TestServeKeeps(t *testing.T) {
	for _, c := range []struct {
		args  []string
		data  string
		print string
		want  bool
	}{
		{}, {data: "d", want: true}, {args: []string{"--keep"}, want: true}, {args: []string{"--keep=false"}, data: "d"},
		{args: []string{"--ephemeral"}, data: "d"}, {data: "d", print: "oidf"},
	} {
		f := serveFlags{print: c.print}
		cmd := &cobra.Command{}
		cmd.Flags().BoolVar(&f.config.Keep, "keep", false, "")
		cmd.Flags().BoolVar(&f.ephemeral, "ephemeral", false, "")
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		if got := f.keeps(cmd, c.data); got != c.want {
			t.Errorf("%v with --data %q: expected %v, got %v", c.args, c.data, c.want, got)
		}
	}
}
