package cli

import (
	"fmt"
	"strings"

	"thiefbox/attacker"
	"thiefbox/scenarios"
	"thiefbox/sim/control"
)

// stopsDoc is a control and the attacks that it decides.
type stopsDoc struct {
	controlDoc
	Stops []stopDoc `json:"stops"`
}

// stopDoc is an attack that a control stops, and where.
type stopDoc struct {
	Attack   string   `json:"attack"`
	Title    string   `json:"title"`
	Profiles []string `json:"profiles"`
}

// describeStops reads the reviewed matrix for what a control stops first. What would stop an attack if
// the control were gone is a matter of `peel`.
func describeStops(c *control.Control) stopsDoc {
	doc := stopsDoc{controlDoc: describeControl(c), Stops: []stopDoc{}}
	for _, t := range attacker.All() {
		stop := stopDoc{Attack: t.ID, Title: t.Title}
		for _, p := range control.Profiles() {
			if scenarios.StoppedBy(t.ID, p.Name) == c.ID {
				stop.Profiles = append(stop.Profiles, p.Name)
			}
		}
		if len(stop.Profiles) > 0 {
			doc.Stops = append(doc.Stops, stop)
		}
	}
	return doc
}

func explainControl(w page, c stopsDoc) {
	fmt.Fprintf(w, "%s\n", c.ID)
	prose(w, "", "Refuses unless "+c.Title+".")
	section(w, "Enforced by", ownerWords[c.Owner])
	section(w, "Without it", c.Why)
	section(w, "Demanded in", c.Clause)
	on := "no named profile"
	if len(c.OnIn) > 0 {
		on = strings.Join(c.OnIn, ", ")
	}
	section(w, "On under", on)
	section(w, "Stops", stopWords(c)...)
	if len(c.Stops) > 0 {
		section(w, "See it", "thiefbox run "+c.Stops[0].Attack+" --profile "+c.Stops[0].Profiles[0],
			"thiefbox run "+c.Stops[0].Attack+" --profile "+c.Stops[0].Profiles[0]+" --without "+c.ID)
	}
}

// stopWords names the attacks that a control stops, and under which profiles if not wherever it is on.
func stopWords(c stopsDoc) []string {
	if len(c.Stops) == 0 {
		return []string{"no attack by itself: where it is on, another check refuses first. `thiefbox peel ID` shows what stands behind the first defence"}
	}
	var lines []string
	for _, s := range c.Stops {
		line := s.Attack + "  " + s.Title
		if len(s.Profiles) < len(c.OnIn) {
			line += " (under " + strings.Join(s.Profiles, ", ") + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

var ownerWords = map[control.Party]string{
	control.AS: "the authorization server", control.RS: "the resource server", control.Client: "the honest client",
}
