package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/serve"
)

var inventoryFormats = []string{"text", "json", "csv", "markdown"}

// inventoryParties are who serves what is in an inventory.
var inventoryParties = []string{string(control.AS), string(control.RS), string(serve.Own)}

func (a *app) inventoryCommand() *cobra.Command {
	var format, from string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "inventory [as|rs|serve]",
		Short: "what is served where, how sensitive it is, and which controls rule there",
		Long: "Lists every endpoint of the authorization server (as), of the FHIR API (rs) and of what `thiefbox serve` has\n" +
			"beside them: its methods, the scopes that open it, the class of the data that it gives out, and the controls\n" +
			"that may rule on a request to it. It is read off the tables that requests are routed and judged by.\n" +
			"The classes are none, directory, personal, health and sensitive health: what is labelled as restricted,\n" +
			"or takes a stronger sign-in. --profile tells which of the controls are on.",
		Example:   "  thiefbox inventory\n  thiefbox inventory rs -v --profile fapi2-dpop\n  thiefbox inventory --format csv > endpoints.csv",
		Args:      arguments(0, 1, "as, rs, serve or nothing"),
		ValidArgs: inventoryParties,
	}
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT` of the output: "+strings.Join(inventoryFormats, ", "))
	cmd.Flags().StringVar(&from, "profile", "", "tell the controls that are on under `PROFILE`, or a file, from those that are off")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "name the controls")
	_ = cmd.RegisterFlagCompletionFunc("format", complete(func() []string { return inventoryFormats }))
	_ = cmd.RegisterFlagCompletionFunc("profile", complete(profileNames))
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if *asJSON {
			format = "json"
		}
		return a.inventory(args, format, from, verbose)
	}
	return cmd
}

func (a *app) inventory(args []string, format, from string, verbose bool) error {
	if err := oneOf("format", format, inventoryFormats...); err != nil {
		return err
	}
	var p *control.Profile
	if from != "" {
		named, err := oneProfile("profile", from)
		if err != nil {
			return err
		}
		p = &named
	}
	endpoints, err := serve.Endpoints()
	if err != nil {
		return err
	}
	if len(args) == 1 {
		party := fold(args[0])
		if !slices.Contains(inventoryParties, party) {
			return unknown(args[0], "party", inventoryParties, "There are as, rs and serve.")
		}
		endpoints = slices.DeleteFunc(endpoints, func(e control.Endpoint) bool { return string(e.Party) != party })
	}
	inv := report.NewInventory(endpoints, p)
	switch format {
	case "json":
		return report.WriteJSON(a.out, inv)
	case "csv":
		return report.WriteInventoryCSV(a.out, inv)
	case "markdown":
		return report.WriteInventoryMarkdown(a.out, inv)
	}
	return a.report(verbose, func(w io.Writer, opt report.TextOptions) error { return report.WriteInventory(w, inv, verbose, opt) })
}
