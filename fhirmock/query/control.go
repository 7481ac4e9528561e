package query

import (
	"slices"
	"strconv"
	"strings"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// Show says how much of each resource is shown.
type Show struct {
	Summary  string   // "", true, text, data, count
	Elements []string // top-level elements, or none for all
}

// control reads the parameters that say how results are shown, and tells whether it was one.
func (q *Query) control(name, raw string) (bool, error) {
	base, modifier, _ := strings.Cut(name, ":")
	var err error
	switch base {
	case "_format", "_pretty": // the server has looked at them
	case "_count":
		if q.Count, err = strconv.Atoi(raw); err != nil || q.Count < 0 {
			return true, bad("value", "parameter \"_count\": expected a whole number, got %s", Quote(raw))
		}
		q.Count = min(q.Count, largestPage)
	case "_sort":
		err = q.sort(raw)
	case "_total":
		switch raw {
		case "none":
			q.NoTotal = true
		case "accurate":
			q.Accurate = true
		case "estimate":
		default:
			err = bad("value", "parameter \"_total\": expected none, estimate or accurate, got %s", Quote(raw))
		}
	case "_query": // R4 search, "_query": one that is not known is refused, whatever the caller allows
		err = bad("not-supported", "parameter \"_query\": expected no named query, got %s: there are none here", Quote(raw))
	case "_contained":
		if raw != "false" { // what is contained has no address here, and is found by none
			err = bad("not-supported", "parameter \"_contained\": expected false, got %s: contained resources are found in what contains them alone", Quote(raw))
		}
	case "_containedType": // which of the two to return where contained ones are found, as none is
		if raw != "container" && raw != "contained" {
			err = bad("value", "parameter \"_containedType\": expected container or contained, got %s", Quote(raw))
		}
	case "_page":
		q.After, err = ParseMark(raw)
	case "_include", "_revinclude":
		err = q.include(base, modifier, raw)
	case "_summary", "_elements":
		err = q.Show.Read(base, raw)
		if q.Show.Summary == "count" {
			q.Count = 0
		}
	default:
		return false, nil
	}
	return true, err
}

// Read takes _summary or _elements.
func (s *Show) Read(name, raw string) error {
	if name == "_elements" {
		for e := range strings.SplitSeq(raw, ",") {
			e = e[strings.LastIndexByte(e, '.')+1:]
			if e = strings.TrimSpace(e); e == "" || len(s.Elements) >= mostValues {
				return bad("value", "parameter \"_elements\": expected names of elements, got %s", Quote(raw))
			}
			s.Elements = append(s.Elements, e)
		}
		return nil
	}
	switch raw {
	case "false":
	case "true", "text", "data", "count":
		s.Summary = raw
	default:
		return bad("value", "parameter \"_summary\": expected true, text, data, count or false, got %s", Quote(raw))
	}
	return nil
}

// All tells whether resources are shown whole.
func (s Show) All() bool { return s.Summary == "" && len(s.Elements) == 0 }

func (q *Query) sort(raw string) error {
	for name := range strings.SplitSeq(raw, ",") {
		name, down := strings.CutPrefix(strings.TrimSpace(name), "-")
		if p := r4.ParamNamed(q.Type, name); p == nil || p.Type == "composite" || p.Type == "special" {
			return bad("not-supported", "parameter \"_sort\": expected search parameters of %s, got %s%s", q.Type, Quote(name), DidYouMean(name, parameters(q.Type)))
		}
		if len(q.Sort) == 4 {
			return bad("too-costly", "parameter \"_sort\": expected at most 4 keys, got more")
		}
		q.Sort = append(q.Sort, store.Sort{Param: name, Down: down})
	}
	return nil
}

// always are the elements that stay in a resource however little of it is asked for.
var always = []string{"resourceType", "id", "meta"}

// Cut leaves of a resource what is asked for, and marks it as a part (tag SUBSETTED). What stays beyond
// that is what the definition demands.
func (s Show) Cut(n *r4.Node) {
	if s.All() {
		return
	}
	for i := len(n.Names) - 1; i >= 0; i-- {
		if !s.Keeps(n.Resource(), n.Names[i]) {
			n.Remove(n.Names[i])
		}
	}
	subset(n)
}

// Keeps tells whether an element of the top level of a resource is shown, by its name in JSON.
func (s Show) Keeps(resourceType, name string) bool {
	name = strings.TrimPrefix(name, "_")
	if s.All() || slices.Contains(always, name) || r4.Required(resourceType, name) {
		return true
	}
	switch s.Summary {
	case "true":
		return r4.InSummary(resourceType, name)
	case "text":
		return name == "text"
	case "data":
		return name != "text"
	}
	return slices.ContainsFunc(s.Elements, func(e string) bool { return e == name || r4.ChoiceOf(resourceType, name) == e })
}

// subsetted is the code of the tag (v3-ObservationValue).
const subsetted = "SUBSETTED"

func subset(n *r4.Node) {
	meta := n.Get("meta")
	if meta == nil {
		meta = &r4.Node{Kind: r4.Object}
		n.Set("meta", meta)
	}
	tags := meta.Get("tag")
	if tags == nil {
		tags = &r4.Node{Kind: r4.Array}
		meta.Set("tag", tags)
	}
	if slices.ContainsFunc(tags.Items, func(t *r4.Node) bool { return t.String("code") == subsetted }) {
		return // of a part
	}
	tag := &r4.Node{Kind: r4.Object}
	tag.Set("system", r4.Text("http://terminology.hl7.org/CodeSystem/v3-ObservationValue"))
	tag.Set("code", r4.Text(subsetted))
	tags.Items = append(tags.Items, tag)
}
