package cli

import (
	"slices"
	"strings"

	"thiefbox/sim/serve"
)

// configs are what `serve --print-config` can print.
var configs = []string{"oidf", "clients-schema"}

// checkPrint refuses what cannot be printed.
func checkPrint(f serveFlags) error {
	if !slices.Contains(configs, f.print) {
		return unknown(f.print, "configuration", configs, "There are oidf, for the OpenID Foundation's conformance suite, and clients-schema, the JSON Schema of the file for --clients.")
	}
	if f.print == "clients-schema" {
		return nil
	}
	if f.ephemeral || f.config.HTTPSPort <= 0 {
		return usage("leave --ephemeral out, and give the ports that you serve with", "expected a server that has the same keys and URLs when it is started")
	}
	for name, value := range f.variant {
		if !slices.Contains(serve.SuiteVariants(), name+"="+value) {
			return usage(didYouMean(name+"="+value, serve.SuiteVariants(), "There are "+strings.Join(serve.SuiteVariants(), ", ")+"."), "no variant is called %s=%s", name, value)
		}
	}
	return nil
}

// printConfig prints a configuration for somebody else's tool. The keys in it are those of the data
// directory, which the server has too: running already, or started later.
func (a *app) printConfig(c serve.Config, variant serve.SuiteVariant) error {
	if err := serve.PrintSuiteConfig(c, variant, a.out); err != nil {
		return environment("%w", err)
	}
	return nil
}
