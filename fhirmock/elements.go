package fhirmock

import (
	"net/http"
	"slices"
	"strings"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// An authorization detail can be for some elements of a type ("Patient.name"): of a record that nothing else opens, those
// leave, and what FHIR demands of any resource, as with _elements. What a record says elsewhere is not searched, sorted
// or followed by either. All ways out of the store come by here (store.Parting), so that none is forgotten.

// elementGuards judge what is about to leave of a record, and what records are about to be searched by. Where the first
// is refused, the record leaves without the rest.
var elementGuards = []control.Guard[visit]{
	{Control: control.RSElements, Check: checkElements, Answer: control.Answer{Status: http.StatusForbidden, Code: "insufficient_scope",
		Safe: "the access token does not cover the elements that this looks at"}},
}

// portion is what elementGuards look at: elements of a type beyond those that were granted.
type portion struct {
	resourceType string
	granted      []string
	beyond       []string
}

// checkElements: RFC 9396 s9: what stands in the token is what the API has to enforce; SP 5.3.4-4.
func checkElements(v *visit) (string, error) {
	p := &v.portion
	if len(p.beyond) == 0 {
		return strings.Join(p.granted, " "), nil
	}
	return strings.Join(p.beyond, " "), control.ExpectedFix("elements of "+p.resourceType, strings.Join(p.granted, ", "), strings.Join(p.beyond, ", "),
		"search by what was granted, and ask for that with _elements")
}

// view is a part of a type's elements; a nil one is all of them.
type view struct {
	show    query.Show
	granted []string
}

// wholes are the ways by which nothing is shown, or the caller is to change it all.
var wholes = map[store.Way]bool{store.AsChange: true, store.AsTarget: true, store.AsCount: true, store.AsGraphCount: true, store.AsTest: true}

// Part is as much of a record as the token covers (store.Parting).
func (d *door) Part(w store.Way, r *store.Record) *store.Record {
	if !d.v.partial || wholes[w] || r.Deleted {
		return r
	}
	cut, err := d.cuts(w, r)
	if err == nil {
		return r
	}
	return cut
}

// cuts asks whether a record may leave whole, and makes what leaves if it may not.
func (d *door) cuts(w store.Way, r *store.Record) (*store.Record, error) {
	shown := d.v.viewOf(need{resourceType: r.Type, verb: d.letter(w), record: r}, r.Patients)
	if shown == nil {
		return r, nil
	}
	n := r.Node(d.v.api.Canary(r.Patients[0])) // only somebody's has a part
	before := slices.Clone(n.Names)
	shown.show.Cut(n)
	d.v.portion = portion{resourceType: r.Type, granted: shown.granted}
	wanted := d.v.wanted()
	for _, name := range before {
		if n.Get(name) == nil && (wholly[w] || wanted.Keeps(r.Type, name)) {
			d.v.portion.beyond = append(d.v.portion.beyond, name)
		}
	}
	if len(d.v.portion.beyond) == 0 {
		return r, nil
	}
	return r.Of(n), party.Enforce(d.ctx, d.v.api.Party, d.v, elementGuards)
}

// wholly are ways by which records leave whole whatever the request says of _elements, or lead to others by the rest.
var wholly = map[store.Way]bool{store.AsInclude: true, store.AsRevInclude: true, store.AsChain: true, store.AsHas: true, store.AsCondition: true,
	store.AsExport: true, store.AsEcho: true, store.AsTest: true}

// wanted is as much of each record as the request asks for by itself: who asks for what was granted is refused nothing.
func (v *visit) wanted() (show query.Show) {
	switch v.route.Kind {
	case interact.Read, interact.VRead, interact.HistoryInstance, interact.HistoryType, interact.Search, interact.Everything:
	default:
		return show
	}
	for name, values := range v.route.Params {
		base, _, _ := strings.Cut(name, ":")
		if base == "_include" || base == "_revinclude" { // follows what is not shown, too
			return query.Show{}
		}
		for _, raw := range values {
			if (base == "_elements" || base == "_summary") && show.Read(base, raw) != nil {
				return query.Show{}
			}
		}
	}
	return show
}

// letter is what a way takes of a scope.
func (d *door) letter(w store.Way) byte {
	switch {
	case ways[w].verb != 0:
		return ways[w].verb
	case d.entered != 0:
		return d.entered
	}
	return 's'
}

// Seeks asks whether the caller may search a type by a parameter (query.Seeking). It does not depend on whose records
// there are: who is shown a part of somebody's searches nobody's by the rest, unless a scope covers them all.
func (d *door) Seeks(resourceType string, p *r4.Param) error {
	if !d.v.partial {
		return nil
	}
	key := resourceType + "?" + p.Name
	err, asked := d.sought[key]
	if asked {
		return err
	}
	if shown := d.v.viewOfAll(resourceType); shown != nil {
		d.v.portion = portion{resourceType: resourceType, granted: shown.granted}
		for _, name := range lookedAt(p) {
			if !shown.show.Keeps(resourceType, name) && !slices.Contains(d.v.portion.beyond, name) {
				d.v.portion.beyond = append(d.v.portion.beyond, name)
			}
		}
		if len(d.v.portion.beyond) > 0 {
			err = party.Enforce(d.ctx, d.v.api.Party, d.v, elementGuards)
		}
	}
	if d.sought == nil {
		d.sought = map[string]error{}
	}
	d.sought[key] = err
	return err
}

// lookedAt names the elements of the top level at which a parameter looks; the parameter itself where HL7 gives no path.
func lookedAt(p *r4.Param) []string {
	var out []string
	for _, path := range p.Paths {
		if len(path.Names) > 0 {
			out = append(out, path.Names[0])
			continue
		}
		for _, piece := range p.Parts { // a composite of the resource itself
			out = append(out, lookedAt(piece)...)
		}
	}
	if len(out) == 0 {
		out = append(out, p.Name)
	}
	return out
}

// viewOf is how much of a record the token covers: what a scope covers it covers whole, and of what only details do, those
// elements that they name. Of a record of several patients it is what is covered of each.
func (v *visit) viewOf(n need, patients []string) *view {
	kept := v.need
	defer func() { v.need = kept }()
	var out *view
	for _, n.patient = range patients {
		if v.scoped(n) {
			continue
		}
		granted, limited := v.elements(n.patient, n.resourceType)
		if !limited {
			continue
		}
		if out != nil {
			granted = slices.DeleteFunc(granted, func(e string) bool { return !slices.Contains(out.granted, e) })
		}
		out = viewThrough(n.resourceType, granted)
	}
	return out
}

// viewOfAll is what the token covers of each record of a type, whosever.
func (v *visit) viewOfAll(resourceType string) *view {
	for s := range strings.FieldsSeq(string(v.claims.Scope)) {
		if covers(s, resourceType, 's') && !isNarrow(fapi.Scope(s)) {
			return nil
		}
	}
	var out []string
	limited := false
	for i := range v.details {
		granted, only := v.elements(v.details[i].Identifier, resourceType)
		switch {
		case !only:
		case !limited:
			out, limited = granted, true
		default:
			out = slices.DeleteFunc(out, func(e string) bool { return !slices.Contains(granted, e) })
		}
	}
	if !limited {
		return nil
	}
	return viewThrough(resourceType, out)
}

// elements are those of a type that the details for a patient name between them. They are no limit where one of them
// names none.
func (v *visit) elements(patient, resourceType string) (granted []string, limited bool) {
	for i := range v.details {
		d := &v.details[i]
		if d.Identifier != patient || !d.covers(resourceType) {
			continue
		}
		named := d.of(resourceType)
		if named == nil {
			return nil, false
		}
		granted = append(granted, named...)
	}
	return granted, granted != nil
}

// viewThrough shows these elements of a type; none of them where there are none.
func viewThrough(resourceType string, granted []string) *view {
	out := &view{granted: granted}
	for _, e := range granted {
		out.show.Elements = append(out.show.Elements, strings.TrimPrefix(e, resourceType+"."))
	}
	if len(out.show.Elements) == 0 {
		out.show.Elements = []string{"id"} // no elements would be all of them
	}
	return out
}

// scoped tells whether one scope opens what is needed, with all of its limits.
func (v *visit) scoped(n need) bool {
	v.need = n
	for s := range strings.FieldsSeq(string(v.claims.Scope)) {
		if covers(s, n.resourceType, n.verb) && !slices.ContainsFunc(limits, func(keeps limit) bool { return !keeps(v, s) }) {
			return true
		}
	}
	return false
}
