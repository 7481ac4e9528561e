package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"thiefbox/idp"
)

// lifetimesHelp lists what --lifetime takes.
func lifetimesHelp() string {
	var kinds []string
	for _, k := range idp.LifetimeKinds() {
		usual := "what the profile says"
		if k.Default != 0 {
			usual = shortly(k.Default)
		}
		kinds = append(kinds, fmt.Sprintf("  %-15s %s, %s to %s\n", k.Name, usual, shortly(k.Shortest), shortly(k.Limit)))
	}
	return "Lifetimes, with their defaults and limits, for --lifetime, the clients' file and /ISSUER/_thiefbox/settings:\n" + strings.Join(kinds, "")
}

// shortly writes 8h for 8h0m0s, and days where there are many hours.
func shortly(d time.Duration) string {
	const day = 24 * time.Hour
	if d = d.Truncate(time.Second); d > day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// settingFlags are the flags about what the specifications leave to the server.
func (f *serveFlags) settingFlags(cmd *cobra.Command) {
	to := &f.config.Settings
	cmd.Flags().StringToStringVar(&f.lifetimes, "lifetime", nil, "let things live as long as `NAME=DURATION,...` says, such as code=10s,access_token=1m")
	cmd.Flags().Lookup("lifetime").DefValue = "" // not a pair of brackets, in the help
	cmd.Flags().BoolVar(&to.Automatic.ByHint, "sign-in-by-hint", false, "sign in without pages whom login_hint names")
	cmd.Flags().StringVar(&to.Automatic.As, "sign-in-as", "", "sign `PERSON` in without pages, where no hint names another")
	cmd.Flags().BoolVar(&to.Automatic.Consent, "consent", false, "agree in the name of test people: no consent page")
	cmd.Flags().BoolVar(&to.SignOutRevokes, "sign-out-revokes", false, "let who signs out withdraw all that she allowed in that session")
}

// settle reads the lifetimes.
func (f *serveFlags) settle() error {
	for name, text := range f.lifetimes {
		d, err := time.ParseDuration(text)
		if err == nil {
			err = f.config.Settings.Lifetimes.Set(strings.ReplaceAll(name, "-", "_"), d)
		}
		if err != nil {
			return usage("thiefbox serve --help lists the lifetimes", "--lifetime %s=%s: %v", name, text, err)
		}
	}
	return nil
}

// keeps tells whether what happens is kept: who names a directory wants to find things there.
func (f *serveFlags) keeps(cmd *cobra.Command, data string) bool {
	if cmd.Flags().Changed("keep") {
		return f.config.Keep
	}
	return data != "" && !f.ephemeral && f.print == ""
}
