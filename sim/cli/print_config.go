package cli

import (
	"slices"
	"strings"

	"thiefbox/sim/serve"
)

// configNames are what `serve --print-config` can print.
func configNames() (names []string) {
	for _, c := range serve.SuiteConfigs() {
		names = append(names, c[0])
	}
	return names
}

// checkPrint refuses what cannot be printed.
func checkPrint(f serveFlags) error {
	if !slices.Contains(configNames(), f.print) {
		var lines []string
		for _, c := range serve.SuiteConfigs() {
			lines = append(lines, c[0]+" for "+c[1])
		}
		return unknown(f.print, "configuration", configNames(), "There are "+strings.Join(lines, ", ")+".")
	}
	if f.ephemeral || f.config.HTTPSPort <= 0 {
		return usage("leave --ephemeral out, and give the --https-port that you serve with", "expected a server that has the same keys and URL when it is started")
	}
	return nil
}

// printConfig prints a configuration for somebody else's tool. The keys in it are those of the data
// directory, which the server has too: running already, or started later.
func (a *app) printConfig(c serve.Config, name string) error {
	if err := serve.PrintConfig(c, name, a.out); err != nil {
		return environment("%w", err)
	}
	return nil
}
