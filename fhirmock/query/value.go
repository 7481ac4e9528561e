package query

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// values reads what stands behind the equals sign of a parameter.
func values(c Context, p *r4.Param, modifier, raw string) (store.Filter, error) {
	f := store.Filter{Param: p.Name}
	if kind := terms.KindOf(p); modifier != "" && (kind == terms.Composite || kind == terms.Point) {
		return f, wrongModifier(p, modifier) // R4 search, "composite": they take none, :missing included
	}
	if modifier == "missing" {
		if raw != "true" && raw != "false" {
			return f, bad("value", "parameter %s: expected true or false, got %s", Quote(p.Name+":missing"), Quote(raw))
		}
		missing := raw == "true"
		f.Missing = &missing
		return f, nil
	}
	if modifier == "in" || modifier == "not-in" {
		return valueSet(p, modifier, raw)
	}
	if !escaped(raw) {
		return f, bad("value", "parameter %s: expected a backslash before one of $ , | \\ alone, got %s: double it if it is meant itself", Quote(p.Name), Quote(raw))
	}
	list := split(raw, ',')
	if len(list) > mostValues {
		return f, bad("too-costly", "parameter %s: expected at most %d values, got %d", Quote(p.Name), mostValues, len(list))
	}
	for _, s := range list {
		if s == "" {
			return f, bad("value", "parameter %s: expected a value, got nothing", Quote(p.Name))
		}
		m, err := value(c, p, modifier, s, &f)
		if err != nil {
			return f, err
		}
		f.Any = append(f.Any, m...)
	}
	return f, nil
}

func value(c Context, p *r4.Param, modifier, s string, f *store.Filter) ([]store.Match, error) {
	switch terms.KindOf(p) {
	case terms.Composite:
		return composite(c, p, s)
	case terms.Point:
		return near(p, s)
	case terms.Token:
		return token(p, modifier, s, f)
	case terms.Reference:
		return reference(c, p, modifier, s, f)
	case terms.String:
		switch modifier {
		case "":
			return []store.Match{{Op: store.Prefix, Key: terms.Fold(unescape(s))}}, nil
		case "contains":
			return []store.Match{{Op: store.Contains, Key: terms.Fold(unescape(s))}}, nil
		case "exact":
			return []store.Match{{Op: store.Exactly, Key: unescape(s)}}, nil
		}
	case terms.URI:
		op, ok := map[string]store.Op{"": store.Is, "below": store.Below, "above": store.Above}[modifier]
		if ok {
			return []store.Match{{Op: op, Key: unescape(s)}}, nil
		}
	default:
		if modifier == "" {
			return interval(p, s)
		}
	}
	return nil, wrongModifier(p, modifier)
}

func wrongModifier(p *r4.Param, modifier string) *Problem {
	b := bad("not-supported", "modifier %s is not supported for parameter %s of type %s; the CapabilityStatement says which are", Quote(modifier), Quote(p.Name), p.Type)
	b.modifier = true
	return b
}

// token reads "code", "system|code", "|code" or "system|".
func token(p *r4.Param, modifier, s string, f *store.Filter) ([]store.Match, error) {
	switch modifier {
	case "":
	case "not":
		f.Not = true
	case "text":
		f.Param = p.Name + ":text"
		return []store.Match{{Op: store.Prefix, Key: terms.Fold(unescape(s))}}, nil
	case "of-type":
		return ofType(p, s, f)
	case "above", "below":
		return hierarchy(p, modifier, s, f)
	default:
		return nil, wrongModifier(p, modifier)
	}
	return []store.Match{tokenValue(s)}, nil
}

func tokenValue(s string) store.Match {
	if parts := split(s, '|'); len(parts) == 2 {
		system := unescape(parts[0])
		return store.Match{System: &system, Key: unescape(parts[1])}
	}
	return store.Match{Key: unescape(s)}
}

// reference reads an id, "Type/id", or a URL. An id alone can mean a record of any type the parameter leads to.
func reference(c Context, p *r4.Param, modifier, s string, f *store.Filter) ([]store.Match, error) {
	switch canonical := isCanonical(p); {
	case canonical && modifier == "below": // of any version, or of the versions of one (R4 search, "References and Versions")
		return []store.Match{{Op: store.Versions, Key: unescape(s)}}, nil
	case modifier == "identifier" && !canonical:
		f.Param = p.Name + ":identifier"
		return []store.Match{tokenValue(s)}, nil
	case modifier != "" && (canonical || len(p.Targets) > 0 && !slices.Contains(p.Targets, modifier) || !r4.IsResource(modifier)):
		return nil, wrongModifier(p, modifier)
	}
	s = terms.Target(strings.TrimPrefix(unescape(s), c.Base+"/"))
	if strings.Contains(s, "/") || strings.Contains(s, ":") {
		if modifier != "" && !strings.HasPrefix(s, modifier+"/") {
			return nil, bad("value", "parameter %s: expected a reference to %s, got %s", Quote(p.Name+":"+modifier), modifier, Quote(s))
		}
		return []store.Match{{Key: s}}, nil
	}
	var out []store.Match
	all := p.Targets // a type that is not served has no records, but may be asked for
	if only := leadsOnlyTo(p); only != "" {
		all = []string{only}
	} else if len(all) == 0 {
		all = Types
	}
	for _, t := range all {
		if modifier == "" || modifier == t {
			out = append(out, store.Match{Key: t + "/" + s})
		}
	}
	if len(out) == 0 {
		return nil, wrongModifier(p, modifier)
	}
	return out, nil
}

// Targets lists the served types that a parameter can lead to.
func Targets(p *r4.Param) []string {
	if len(p.Targets) == 0 {
		return Types
	}
	var out []string
	for _, t := range p.Targets {
		if Served(t) && (leadsOnlyTo(p) == "" || leadsOnlyTo(p) == t) {
			out = append(out, t)
		}
	}
	return out
}

// leadsOnlyTo is the type that all paths of a parameter are narrowed to (patient, in most types), or "".
func leadsOnlyTo(p *r4.Param) string {
	only := p.Paths[0].Target
	if slices.ContainsFunc(p.Paths, func(path r4.Path) bool { return path.Target != only }) {
		return ""
	}
	return only
}

var prefixes = map[string]store.Op{
	"eq": store.Equal, "ne": store.NotEqual, "gt": store.Greater, "lt": store.Less, "ge": store.GreaterEqual,
	"le": store.LessEqual, "sa": store.After, "eb": store.Before, "ap": store.Around,
}

// interval reads a date or a quantity with its prefix.
func interval(p *r4.Param, s string) ([]store.Match, error) {
	m := store.Match{Op: store.Equal}
	rest := s
	if len(s) > 2 {
		if op, ok := prefixes[s[:2]]; ok {
			m.Op, rest = op, s[2:]
		}
	}
	if p.Type == "date" {
		span, ok := terms.Date(strings.ReplaceAll(rest, " ", "+")) // a plus in a query is a space, and callers forget to escape it
		if !ok {
			return nil, bad("value", "parameter %s: expected a date such as 2026-01-31 or ge2026-01, got %s", Quote(p.Name), Quote(s))
		}
		m.Lo, m.Hi = span.Lo, span.Hi
		return []store.Match{m}, nil
	}
	parts := split(rest, '|')
	v, err := strconv.ParseFloat(parts[0], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || len(parts) == 2 || len(parts) > 3 || p.Type == "number" && len(parts) > 1 {
		return nil, bad("value", "parameter %s: expected a number, or number|system|code, got %s", Quote(p.Name), Quote(s))
	}
	m.Lo, m.Hi = v, v
	if m.Op == store.Equal || m.Op == store.NotEqual {
		half := precision(parts[0]) / 2
		m.Lo, m.Hi = v-half, v+half
	}
	if len(parts) == 3 {
		if m.Key = unescape(parts[2]); parts[1] != "" {
			system := unescape(parts[1])
			m.System = &system
		}
	}
	return []store.Match{m}, nil
}

// precision is the worth of the last digit: 5.40 is anything from 5.395 to 5.405 (R4 search, "Number").
func precision(s string) float64 {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	e, _ := strconv.Atoi(exponent)
	if dot := strings.IndexByte(mantissa, '.'); dot >= 0 {
		e -= len(mantissa) - dot - 1
	}
	return math.Pow(10, float64(e))
}

// split splits at separators that are not escaped (R4 search, "Escaping Search Parameters").
func split(s string, at byte) []string {
	var out []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case at:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

// escaped tells whether each backslash stands before what may be escaped: "xx\xx is illegal".
func escaped(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			if i++; i == len(s) || !strings.ContainsRune(`$,|\`, rune(s[i])) {
				return false
			}
		}
	}
	return true
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
