package detect

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// condition says whether a record is meant.
type condition func(Record) bool

// test says whether one value of a field is meant.
type test func(rec Record, value any) bool

var modifiers = []string{"contains", "startswith", "endswith", "re", "exists", "gt", "gte", "lt", "lte", "cidr", "fieldref", "all"}

// selection reads a search: a map, all of whose fields have to fit, or a list of maps, one of which has to.
func (r reader) selection(n ast.Node, name string) (condition, error) {
	if s, ok := n.(*ast.SequenceNode); ok {
		var any []condition
		for _, v := range s.Values {
			c, err := r.selection(v, name)
			if err != nil {
				return nil, err
			}
			any = append(any, c)
		}
		if len(any) == 0 {
			return nil, r.wrong(n, "%s: expected a selection, got an empty list", name)
		}
		return oneOf(any), nil
	}
	entries, err := r.mapping(n, name)
	if err != nil {
		return nil, err
	}
	var every []condition
	for _, e := range entries {
		c, err := r.field(e)
		if err != nil {
			return nil, err
		}
		every = append(every, c)
	}
	return allOf(every), nil
}

// field reads "name|modifier: value or values".
func (r reader) field(e entry) (condition, error) {
	words := strings.Split(e.key, "|")
	name, mods := words[0], words[1:]
	for _, m := range mods {
		if !slices.Contains(modifiers, m) {
			return nil, r.wrong(e.node, "%s: expected one of the modifiers %s, got %q, which this evaluator does not do", name, strings.Join(modifiers, ", "), m)
		}
	}
	every := slices.Contains(mods, "all")
	mods = slices.DeleteFunc(slices.Clone(mods), func(m string) bool { return m == "all" })
	if len(mods) > 1 || name == "" {
		return nil, r.wrong(e.node, "expected a field and at most one modifier beside all, got %q", e.key)
	}
	mod := ""
	if len(mods) == 1 {
		mod = mods[0]
	}
	var conditions []condition
	for _, n := range list(e.value) {
		want, err := r.scalar(n, e.key)
		if err != nil {
			return nil, err
		}
		if mod == "exists" {
			b, ok := want.(bool)
			if !ok {
				return nil, r.wrong(n, "%s: expected true or false, got %v", e.key, want)
			}
			conditions = append(conditions, func(rec Record) bool { return (rec.Get(name) != nil) == b })
			continue
		}
		t, err := r.test(n, mod, want)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, func(rec Record) bool { return anyValue(rec, name, t) })
	}
	if len(conditions) == 0 {
		return nil, r.wrong(e.node, "%s: expected a value, got an empty list", e.key)
	}
	if every {
		return allOf(conditions), nil
	}
	return oneOf(conditions), nil
}

// anyValue tells whether a value of a field fits; of a list, one of its members.
func anyValue(rec Record, name string, t test) bool {
	value := rec.Get(name)
	values, ok := value.([]string)
	if !ok {
		return t(rec, value)
	}
	return slices.ContainsFunc(values, func(s string) bool { return t(rec, s) })
}

func (r reader) test(n ast.Node, mod string, want any) (test, error) {
	switch mod {
	case "gt", "gte", "lt", "lte":
		limit, ok := want.(int)
		if !ok {
			return nil, r.wrong(n, "%s: expected a whole number, got %v", mod, want)
		}
		return func(_ Record, v any) bool { i, ok := v.(int); return ok && compare(mod, i, limit) }, nil
	case "":
		if s, ok := want.(string); ok {
			return glob(s, "", ""), nil
		}
		return func(_ Record, v any) bool { return v == want }, nil
	}
	s, ok := want.(string)
	if !ok {
		return nil, r.wrong(n, "%s: expected text, got %v", mod, want)
	}
	switch mod {
	case "contains":
		return glob(s, "*", "*"), nil
	case "startswith":
		return glob(s, "", "*"), nil
	case "endswith":
		return glob(s, "*", ""), nil
	case "re":
		re, err := regexp.Compile(s)
		if err != nil {
			return nil, r.wrong(n, "re: expected a regular expression, got %q: %v", s, err)
		}
		return func(_ Record, v any) bool { return v != nil && re.MatchString(textOf(v)) }, nil
	case "cidr":
		net, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, r.wrong(n, "cidr: expected a network, got %q", s)
		}
		return func(_ Record, v any) bool {
			ip, err := netip.ParseAddr(textOf(v))
			return err == nil && net.Contains(ip)
		}, nil
	default: // fieldref: another field of the same record
		return func(rec Record, v any) bool {
			other := rec.Get(s)
			return v != nil && other != nil && textOf(v) == textOf(other)
		}, nil
	}
}

func compare(how string, a, b int) bool {
	switch how {
	case "gt":
		return a > b
	case "gte":
		return a >= b
	case "lt":
		return a < b
	case "lte":
		return a <= b
	}
	return a == b
}

// glob is Sigma's text: without regard to case; * is any text and ? any character, a backslash takes their meaning.
func glob(pattern, before, after string) test {
	pattern = strings.ToValidUTF8(pattern, "\uFFFD")
	var b strings.Builder
	b.WriteString("(?is)^" + strings.ReplaceAll(before, "*", ".*"))
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern) && strings.ContainsRune(`*?\`, rune(pattern[i+1])):
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case c == '*':
			b.WriteString(".*")
		case c == '?':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	if before == "" && after == "" && !strings.ContainsAny(pattern, `*?\`) {
		return func(_ Record, v any) bool { return v != nil && strings.EqualFold(textOf(v), pattern) }
	}
	re := regexp.MustCompile(b.String() + strings.ReplaceAll(after, "*", ".*") + "$")
	return func(_ Record, v any) bool { return v != nil && re.MatchString(textOf(v)) }
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case []string:
		return strings.Join(v, " ")
	}
	return ""
}

func allOf(list []condition) condition {
	return func(rec Record) bool {
		return !slices.ContainsFunc(list, func(c condition) bool { return !c(rec) })
	}
}

func oneOf(list []condition) condition {
	return func(rec Record) bool { return slices.ContainsFunc(list, func(c condition) bool { return c(rec) }) }
}
