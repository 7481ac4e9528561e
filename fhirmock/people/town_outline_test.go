package people

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// general spells the terms of a record as an outline has them: what is its own as that, dates by how far they are from when it
// was, and quantities by which of its values they are.
func general(p *People, n int, r *Record, at *store.Outline) string {
	out := ""
	var spell func(t *terms.Term)
	spell = func(t *terms.Term) {
		key, lo, hi := t.Key, fmt.Sprint(t.Lo), fmt.Sprint(t.Hi)
		for part := range store.Roles {
			if p.town.Role(n, part) == key {
				key = fmt.Sprint("role ", part)
				break
			}
		}
		if kind, id, _ := cutLast(key); kind != "" {
			if _, charted := p.town.Owner(id); charted {
				key = kind + " of the chart"
			}
		}
		if key == r.ID {
			key = "its id"
		}
		for i := range int(at.Shape.Measured) {
			if t.Kind == terms.Interval && t.Lo == float64(at.Values[i])/100 && t.Lo == t.Hi {
				lo, hi = fmt.Sprint("value ", i), ""
			}
		}
		if t.Lo > 1e10 && t.Param != "_lastUpdated" {
			lo, hi = since(t.Lo, at.When), since(t.Hi+1, at.When)
		}
		if line := fmt.Sprintf("%s %d %q %q %q %s %s\n", t.Param, t.Kind, key, t.System, t.Exact, lo, hi); !strings.HasSuffix(out, line) {
			out += line // into the chart it may lead more than once
		}
		for _, part := range t.Parts {
			for i := range part {
				spell(&part[i])
			}
		}
	}
	of := terms.Of(r.Node("canary-0123456789abcdef"))
	for i := range of {
		spell(&of[i])
	}
	return out + string(rune(r.Confidentiality))
}

func cutLast(ref string) (kind, id string, is bool) {
	for i := range len(ref) {
		if ref[i] == '/' {
			return ref[:i], ref[i+1:], true
		}
	}
	return "", "", false
}

func since(ms float64, when time.Time) string {
	if math.IsInf(ms, 0) {
		return "never"
	}
	t := time.UnixMilli(int64(ms)).UTC()
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return fmt.Sprint("day ", t.Sub(when.Truncate(24*time.Hour)))
	}
	return fmt.Sprint(t.Sub(when))
}

// Records of one shape can be found by the same, and an outline is of the record that has its number.
func TestWhatOutlinesSayIsWhatTheRecordsSay(t *testing.T) {
	p := newTown(t, 900)
	said := map[string]string{}
	kinds := map[string]bool{}
	for n := range p.town.Len() {
		made, counts := p.town.Chart(n, ""), map[string]int{}
		i := 0
		p.town.Outline(n, func(o *store.Outline) {
			if i == len(made) {
				t.Fatalf("patient %d: more outlines than records", n)
			}
			r := made[i]
			i++
			if id := p.town.RecordID(o.Type, n, counts[o.Type]); r.Type != o.Type || r.ID != id {
				t.Fatalf("patient %d: expected %s/%s, got %s/%s", n, o.Type, id, r.Type, r.ID)
			}
			if number, is := p.town.Number(r.Type, r.ID); !is || number != counts[o.Type] {
				t.Fatalf("%s: expected number %d, got %d", r.ID, counts[o.Type], number)
			}
			counts[o.Type]++
			kinds[o.Type] = true
			shape, says := fmt.Sprintf("%s %+v", o.Type, o.Shape), general(p, n, r, o)
			if before, seen := said[shape]; seen && before != says {
				t.Fatalf("%s is of shape %s, and says\n%s\nwhere another says\n%s", r.ID, shape, says, before)
			}
			said[shape] = says
			if !o.When.Equal(o.When.Truncate(time.Minute)) {
				t.Errorf("%s: expected a time to the minute, got %s", r.ID, o.When)
			}
		})
		if i != len(made) {
			t.Fatalf("patient %d: %d outlines of %d records", n, i, len(made))
		}
	}
	if len(kinds) != len(prefixes) || len(said) < 150 || len(said) > 1000 {
		t.Errorf("expected some hundred shapes of %d types, got %d of %d", len(prefixes), len(said), len(kinds))
	}
}

func BenchmarkOutline(b *testing.B) {
	p := newTown(b, 10_000)
	n := 0
	for b.Loop() {
		n = (n + 1) % 10_000
		p.town.Outline(n, func(*store.Outline) {})
	}
}
