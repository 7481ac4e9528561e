package detect

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// correlation is several records that mean something together.
type correlation struct {
	kind    string
	names   []string
	rules   []*Rule
	groupBy []string
	span    time.Duration
	field   string // value_count: whose values are counted
	limits  []limit
}

type limit struct {
	how string
	n   int
}

var (
	kinds = []string{"event_count", "value_count", "temporal", "temporal_ordered"}
	spans = regexp.MustCompile(`^([1-9][0-9]{0,5})([smhd])$`)
	units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
)

func (r reader) correlation(n ast.Node) (*correlation, error) {
	entries, err := r.mapping(n, "correlation", "type", "rules", "group-by", "timespan", "condition")
	if err != nil {
		return nil, err
	}
	c := &correlation{}
	for _, e := range entries {
		switch e.key {
		case "type":
			c.kind, err = r.among(e, kinds)
		case "rules":
			c.names, err = r.texts(e.value, e.key)
		case "group-by":
			c.groupBy, err = r.texts(e.value, e.key)
		case "timespan":
			c.span, err = r.timespan(e)
		case "condition":
			err = r.limits(c, e.value)
		}
		if err != nil {
			return nil, err
		}
	}
	counts := strings.HasSuffix(c.kind, "_count")
	switch {
	case c.kind == "" || len(c.names) == 0 || c.span == 0 || len(c.groupBy) == 0:
		return nil, r.wrong(n, "correlation: expected type, rules, group-by and timespan")
	case counts && len(c.limits) == 0:
		return nil, r.wrong(n, "correlation: expected %s to have a condition with gt, gte, lt, lte or eq", c.kind)
	case !counts && (len(c.limits) > 0 || len(c.names) < 2):
		return nil, r.wrong(n, "correlation: expected %s to name two rules or more, and no condition", c.kind)
	case (c.kind == "value_count") != (c.field != ""):
		return nil, r.wrong(n, "correlation: a field is counted by value_count, and by nothing else")
	}
	return c, nil
}

func (r reader) timespan(e entry) (time.Duration, error) {
	s, err := r.text(e.value, e.key)
	if err != nil {
		return 0, err
	}
	m := spans.FindStringSubmatch(s)
	if m == nil {
		return 0, r.wrong(e.value, "timespan: expected a number and s, m, h or d, got %q", s)
	}
	n, _ := strconv.Atoi(m[1])
	return time.Duration(n) * units[m[2]], nil
}

func (r reader) limits(c *correlation, n ast.Node) error {
	entries, err := r.mapping(n, "condition", "gt", "gte", "lt", "lte", "eq", "field")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.key == "field" {
			if c.field, err = r.text(e.value, e.key); err != nil {
				return err
			}
			continue
		}
		v, err := r.scalar(e.value, e.key)
		if err != nil {
			return err
		}
		i, ok := v.(int)
		if !ok {
			return r.wrong(e.value, "%s: expected a whole number, got %v", e.key, v)
		}
		c.limits = append(c.limits, limit{e.key, i})
	}
	return nil
}

// hit is a record that one of the rules found.
type hit struct {
	rec  Record
	rule int
}

// evaluate returns the records at which the correlation holds: the last of the span it needs.
func (c *correlation) evaluate(matches map[*Rule][]Record) (out []Record) {
	groups := map[string][]hit{}
	for i, r := range c.rules {
		found := matches[r]
		if found == nil {
			continue
		}
		for _, rec := range found {
			if key, ok := c.key(rec); ok {
				groups[key] = append(groups[key], hit{rec, i})
			}
		}
	}
	for _, hits := range groups {
		slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Or(a.rec.At.Compare(b.rec.At), a.rec.N-b.rec.N) })
		first := 0
		for last := range hits {
			for hits[last].rec.At.Sub(hits[first].rec.At) > c.span {
				first++
			}
			if c.holds(hits[first : last+1]) {
				out = append(out, hits[last].rec)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Record) int { return cmp.Or(a.At.Compare(b.At), a.N-b.N) })
	return out
}

// key is the group of a record. A record without one of the fields belongs to none.
func (c *correlation) key(rec Record) (string, bool) {
	var b strings.Builder
	for _, name := range c.groupBy {
		v := rec.Get(name)
		if v == nil {
			return "", false
		}
		b.WriteString(strconv.Quote(textOf(v)))
	}
	return b.String(), true
}

func (c *correlation) holds(hits []hit) bool {
	switch c.kind {
	case "temporal":
		seen := map[int]bool{}
		for _, h := range hits {
			seen[h.rule] = true
		}
		return len(seen) == len(c.rules)
	case "temporal_ordered":
		next := 0
		for _, h := range hits {
			if next < len(c.rules) && h.rule == next {
				next++
			}
		}
		return next == len(c.rules)
	case "value_count":
		values := map[string]bool{}
		for _, h := range hits {
			if v := h.rec.Get(c.field); v != nil {
				values[textOf(v)] = true
			}
		}
		return c.within(len(values))
	}
	return c.within(len(hits))
}

func (c *correlation) within(n int) bool {
	return !slices.ContainsFunc(c.limits, func(l limit) bool { return !compare(l.how, n, l.n) })
}
