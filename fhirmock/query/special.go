package query

import (
	"math"
	"slices"
	"strconv"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// composite reads values joined by dollar signs, one for each component: code$gt5.4. Each is read as a parameter
// of the component's type would be.
func composite(c Context, p *r4.Param, s string) ([]store.Match, error) {
	values := split(s, '$')
	if len(values) != len(p.Parts) {
		return nil, bad("value", "parameter %s: expected %d values with $ between them, got %s", Quote(p.Name), len(p.Parts), Quote(s))
	}
	var m store.Match
	for i, part := range p.Parts {
		if values[i] == "" {
			return nil, bad("value", "parameter %s: expected %d values with $ between them, got %s", Quote(p.Name), len(p.Parts), Quote(s))
		}
		either, err := value(c, part, "", values[i], &store.Filter{})
		if err != nil {
			return nil, err
		}
		m.Parts = append(m.Parts, either)
	}
	return []store.Match{m}, nil
}

// kilometres are the units of a distance.
var kilometres = map[string]float64{"km": 1, "m": 0.001, "[mi_us]": 1.609347, "[mi_i]": 1.609344}

// nearby is how far is near if nobody says, in kilometres.
const nearby = 10

// near reads latitude|longitude|distance|units, the last two of which may be left out (R4 location, "near").
func near(p *r4.Param, s string) ([]store.Match, error) {
	parts := split(s, '|')
	wrong := bad("value", "parameter %s: expected latitude|longitude|distance|units, got %s", Quote(p.Name), Quote(s))
	if len(parts) < 2 || len(parts) > 4 {
		return nil, wrong
	}
	var n [3]float64
	n[2] = nearby
	for i, part := range parts[:min(3, len(parts))] {
		if i == 2 && part == "" {
			continue
		}
		v, err := strconv.ParseFloat(part, 64)
		if err != nil || math.IsNaN(v) || math.Abs(v) > []float64{90, 180, 1e5}[i] {
			return nil, wrong
		}
		n[i] = v
	}
	if len(parts) == 4 && parts[3] != "" {
		factor, known := kilometres[parts[3]]
		if !known {
			return nil, bad("value", "parameter %s: expected km, m, [mi_us] or [mi_i] as units, got %s", Quote(p.Name), Quote(parts[3]))
		}
		n[2] *= factor
	}
	return []store.Match{{Op: store.Near, Lo: n[0], Hi: n[1], Within: n[2]}}, nil
}

// ofType reads system|code|value, of which the first two name a type of identifier (R4 search, ":of-type").
func ofType(p *r4.Param, s string, f *store.Filter) ([]store.Match, error) {
	if !slices.ContainsFunc(p.Paths, func(path r4.Path) bool { return path.Of == "Identifier" }) {
		return nil, wrongModifier(p, "of-type")
	}
	parts := split(s, '|')
	if len(parts) != 3 || slices.Contains(parts, "") {
		return nil, bad("value", "parameter %s: expected system|code|value, got %s", Quote(p.Name+":of-type"), Quote(s))
	}
	f.Param = p.Name + ":of-type"
	system := unescape(parts[0]) + "|" + unescape(parts[1])
	return []store.Match{{System: &system, Key: unescape(parts[2])}}, nil
}

// valueSet reads the URL of a value set whose codes are all looked for (R4 search, ":in" and ":not-in"). Those that
// the definitions of R4 require are known; for another it would take a terminology server.
func valueSet(p *r4.Param, modifier, raw string) (store.Filter, error) {
	f := store.Filter{Param: p.Name, Not: modifier == "not-in"}
	if p.Type != "token" {
		return f, wrongModifier(p, modifier)
	}
	codes := r4.ValueSet(unescape(raw))
	if len(codes) == 0 {
		b := bad("not-supported", "parameter %s: expected a value set of a required binding of FHIR R4, got %s, which takes a terminology server", Quote(p.Name+":"+modifier), Quote(raw))
		b.modifier = true
		return f, b
	}
	for i := range codes {
		f.Any = append(f.Any, store.Match{System: &codes[i].System, Key: codes[i].Code})
	}
	return f, nil
}
