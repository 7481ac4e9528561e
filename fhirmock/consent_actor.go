package fhirmock

import (
	"slices"
	"strings"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// Whom a Consent means by an actor: a practitioner, whoever works at an organization, a role, a care team; by a reference, or
// by an identifier that his record bears. Devices and persons who are not served here are nobody.

// means tells whether an actor of a Consent is or includes the caller.
func (d *door) means(actor *r4.Node) bool {
	mine := d.referringTo()
	target := terms.Target(actor.String("reference"))
	if slices.Contains(mine, target) {
		return true
	}
	kind, id, _ := strings.Cut(target, "/")
	if kind == "PractitionerRole" || kind == "CareTeam" {
		found := d.consented().view.Get(kind, id)
		if found == nil {
			return false
		}
		r, _ := found.Open(insider{}, store.AsRead)
		members := r.References("participant")
		if kind == "PractitionerRole" {
			if members = r.References("practitioner"); len(members) == 0 { // whoever has it
				members = r.References("organization")
			}
		}
		return slices.ContainsFunc(members, func(m string) bool { return slices.Contains(mine, m) })
	}
	return d.bears(actor.Get("identifier"))
}

// referringTo lists what refers to the caller: himself, and where he works.
func (d *door) referringTo() []string {
	c := d.consented()
	if c.mine != nil {
		return c.mine
	}
	caller := d.v.caller()
	mine := []string{}
	if caller.Practitioner != "" {
		mine = append(mine, "Practitioner/"+caller.Practitioner)
		for _, p := range d.v.api.People.Practitioners() {
			if p.ID == caller.Practitioner {
				mine = append(mine, "Organization/"+p.Organization)
			}
		}
	}
	if caller.Organization != "" {
		mine = append(mine, "Organization/"+caller.Organization)
	}
	if self := d.v.registered(); d.v.tenant.taken && self.Organization != "" { // who asks for a clinic is shown it all the same
		mine = append(mine, "Organization/"+self.Organization)
	}
	c.mine = mine
	return mine
}

// bears tells whether a record of the caller's, or of where he works, has an identifier.
func (d *door) bears(identifier *r4.Node) bool {
	value := identifier.String("value")
	if value == "" {
		return false
	}
	for _, mine := range d.referringTo() {
		kind, id, _ := strings.Cut(mine, "/")
		found := d.consented().view.Get(kind, id)
		if found == nil || found.Deleted() {
			continue
		}
		r, _ := found.Open(insider{}, store.AsRead)
		for _, has := range r.Node("").List("identifier") {
			if has.String("value") == value && has.String("system") == identifier.String("system") {
				return true
			}
		}
	}
	return false
}

// particular is a record as a directive asks about it.
type particular struct {
	*store.Record
	node *r4.Node
}

func (p *particular) Node() *r4.Node {
	if p.node == nil {
		p.node = p.Record.Node("")
	}
	return p.node
}

func (p *particular) Refers(reference string) (itself, related bool) {
	return p.Type+"/"+p.ID == reference, slices.Contains(p.References("*"), reference)
}
