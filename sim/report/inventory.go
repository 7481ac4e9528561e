package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"thiefbox/sim/control"
)

// SchemaInventory is that of an inventory in JSON.
const SchemaInventory = "thiefbox.inventory/1"

// Inventory is what is served where, how sensitive it is, and what rules there.
type Inventory struct {
	Schema string `json:"schema"`
	// Profile is whose controls are told apart from those that are off; empty if nobody asked.
	Profile   string              `json:"profile,omitempty"`
	Endpoints []InventoryEndpoint `json:"endpoints"`
}

// InventoryEndpoint is one of them, with its controls by id.
type InventoryEndpoint struct {
	control.Endpoint
	Controls []string `json:"controls"`
	// Off are those of them that the profile leaves out; nil without a profile.
	Off []string `json:"off,omitempty"`
}

// NewInventory lists endpoints; p is the profile to hold them against, or nil.
func NewInventory(endpoints []control.Endpoint, p *control.Profile) Inventory {
	out := Inventory{Schema: SchemaInventory, Endpoints: []InventoryEndpoint{}}
	var on []*control.Control
	if p != nil {
		out.Profile, on = p.Name, p.Controls.Controls()
	}
	for _, e := range endpoints {
		i := InventoryEndpoint{Endpoint: e, Controls: []string{}}
		for _, c := range e.Controls {
			i.Controls = append(i.Controls, c.ID)
			if p != nil && !slices.Contains(on, c) {
				i.Off = append(i.Off, c.ID)
			}
		}
		out.Endpoints = append(out.Endpoints, i)
	}
	return out
}

var inventoryOwners = map[control.Party]string{control.AS: "Authorization server", control.RS: "FHIR API", "serve": "Beside them, where `thiefbox serve` runs"}

// WriteInventory writes it for a person: an endpoint a line, and its controls below if verbose.
func WriteInventory(w io.Writer, inv Inventory, verbose bool, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	var last control.Party
	for i := range inv.Endpoints {
		e := &inv.Endpoints[i]
		if e.Party != last {
			if last != "" {
				p.line("")
			}
			p.line("%s", inventoryOwners[e.Party])
			last = e.Party
		}
		p.line("  %-16s  %-40s  %-22s  %s", e.Data, e.Path, strings.Join(e.Methods, " "), counted(e))
		p.line("  %-16s    %s", "", e.Title)
		if len(e.Types) > 0 {
			p.line("  %-16s    {type}: %s", "", strings.Join(e.Types, ", "))
		}
		if len(e.Scopes) > 0 {
			p.line("  %-16s    scopes: %s", "", strings.Join(e.Scopes, ", "))
		}
		if verbose && len(e.Controls) > 0 {
			p.line("  %-16s    controls: %s", "", strings.Join(marked(e), ", "))
		}
	}
	p.line("")
	p.line("%s", inventorySummary(inv))
	return p.err
}

func counted(e *InventoryEndpoint) string {
	controls := "controls"
	if len(e.Controls) == 1 {
		controls = "control"
	}
	switch {
	case len(e.Controls) == 0:
		return "no controls"
	case len(e.Off) == 0:
		return fmt.Sprintf("%d %s", len(e.Controls), controls)
	}
	return fmt.Sprintf("%d of %d %s", len(e.Controls)-len(e.Off), len(e.Controls), controls)
}

// marked are the controls, those that are off in brackets.
func marked(e *InventoryEndpoint) []string {
	out := slices.Clone(e.Controls)
	for i, id := range out {
		if slices.Contains(e.Off, id) {
			out[i] = "(" + id + ")"
		}
	}
	return out
}

func inventorySummary(inv Inventory) string {
	n := map[control.DataClass]int{}
	for i := range inv.Endpoints {
		n[inv.Endpoints[i].Data]++
	}
	var parts []string
	for _, c := range []control.DataClass{control.SensitiveHealth, control.HealthData, control.PersonalData, control.DirectoryData, control.NoData} {
		if n[c] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", c, n[c]))
		}
	}
	s := fmt.Sprintf("%d endpoints by what they give out: %s.", len(inv.Endpoints), strings.Join(parts, ", "))
	if inv.Profile != "" {
		s += " Controls in brackets are off under " + inv.Profile + "."
	}
	return s
}

// WriteInventoryCSV writes a row an endpoint.
func WriteInventoryCSV(w io.Writer, inv Inventory) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	rows := [][]string{{"party", "path", "types", "methods", "title", "data", "scopes", "controls", "off"}}
	for i := range inv.Endpoints {
		e := &inv.Endpoints[i]
		rows = append(rows, []string{string(e.Party), e.Path, strings.Join(e.Types, " "), strings.Join(e.Methods, " "), e.Title, string(e.Data),
			strings.Join(e.Scopes, " "), strings.Join(e.Controls, " "), strings.Join(e.Off, " ")})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// WriteInventoryMarkdown writes a table.
func WriteInventoryMarkdown(w io.Writer, inv Inventory) error {
	p := &page{w: w, opt: TextOptions{Plain: true}}
	p.line("| party | endpoint | methods | data | scopes | controls |")
	p.line("|---|---|---|---|---|---|")
	for i := range inv.Endpoints {
		e := &inv.Endpoints[i]
		path := inCell(e.Path)
		if len(e.Types) > 0 {
			path += " for " + inCell(strings.Join(e.Types, ", "))
		}
		p.line("| %s | %s: %s | %s | %s | %s | %s |", e.Party, path, inCell(e.Title), strings.Join(e.Methods, " "), e.Data,
			inCell(strings.Join(e.Scopes, ", ")), inCell(strings.Join(marked(e), ", ")))
	}
	p.line("")
	p.line("%s", inCell(inventorySummary(inv)))
	return p.err
}
