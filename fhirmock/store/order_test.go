package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/r4"
)

// someone has a name for three in four numbers, and a date of birth for two in three.
func someone(n int) (r *r4.Node, family, born string) {
	text := fmt.Sprintf(`{"resourceType":"Patient","id":"n%04d","gender":%q`, n, []string{"male", "female", "other"}[n*7%13%3])
	if n%4 > 0 {
		family = strings.Repeat(string(rune('a'+n*31%17)), 1+n%3)
		text += fmt.Sprintf(`,"name":[{"family":%q}]`, family)
	}
	if n%3 > 0 {
		born = fmt.Sprintf("%d-%02d-01", 1930+n*13%90, 1+n*7%12)
		text += fmt.Sprintf(`,"birthDate":%q`, born)
	}
	r, err := r4.Parse([]byte(text + "}"))
	if err != nil {
		panic(err)
	}
	return r, family, born
}

// Few results are put in order by themselves and many by that of their shelf: it is one order, on whatever pages it is
// read, with what was written on top of the base in its place.
func TestSortedSearchesOfAnySize(t *testing.T) {
	const people = 1200
	var all []*Record
	values := map[string][2]string{}
	for n := range people {
		r, family, born := someone(n)
		id := r.String("id")
		values[id] = [2]string{family, born}
		all = append(all, Prerendered("Patient", id, id, now, r.Append(nil), "{{canary}}"))
	}
	s := New(NewBase(all))
	for n := 5; n < people; n += 97 { // what is replaced keeps its place in time, and no value of before
		r, family, born := someone(n + 1)
		id := fmt.Sprintf("n%04d", n)
		r.Set("id", r4.Text(id))
		values[id] = [2]string{family, born}
		if err := s.Update(at(now), func(tx *Tx) error { tx.Put(r, "PUT"); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	yes := true
	filters := map[string][]Filter{
		"all": nil, "one in three": {{Param: "gender", Any: []Match{{Key: "female"}}}}, "not one in three": {{Param: "gender", Not: true, Any: []Match{{Key: "female"}}}},
		"few": family("aa"), "nobody": family("zz"), "unnamed": {{Param: "family", Missing: &yes}},
		"two conditions":               {{Param: "gender", Any: []Match{{Key: "male"}}}, {Param: "birthdate", Any: []Match{{Op: GreaterEqual, Lo: 0, Hi: 0}}}},
		"a condition and an exception": {{Param: "birthdate", Any: []Match{{Op: Less, Lo: 0, Hi: 0}}}, {Param: "family", Not: true, Any: []Match{{Op: Prefix, Key: "b"}}}},
	}
	names := []string{"all", "one in three", "not one in three", "few", "nobody", "unnamed", "two conditions", "a condition and an exception"}
	rapid.Check(t, func(t *rapid.T) {
		which := rapid.SampledFrom(names).Draw(t, "filter")
		sorts := []Sort{{"family", rapid.Bool().Draw(t, "down")}, {"birthdate", rapid.Bool().Draw(t, "down too")}}
		if rapid.Bool().Draw(t, "by birth first") {
			sorts[0], sorts[1] = sorts[1], sorts[0]
		}
		want := find(s.View(), filters[which])
		slices.SortStableFunc(want, func(a, b string) int {
			for _, by := range sorts {
				at := map[string]int{"family": 0, "birthdate": 1}[by.Param]
				x, y := values[a][at], values[b][at]
				c := cmp.Compare(x, y)
				switch {
				case (x == "") != (y == ""):
					return cmp.Compare(y, x) // without a value it comes last, either way
				case by.Down:
					c = -c
				}
				if c != 0 {
					return c
				}
			}
			return 0
		})
		page := rapid.IntRange(1, 400).Draw(t, "page")
		var got []string
		var after *Position
		for {
			search, n := s.View().Find("Patient", filters[which], sorts, after), 0
			for found := search.Next(); found != nil && n < page; found = search.Next() {
				at := search.At()
				got, after, n = append(got, found.ID()), &at, n+1
				if n == page {
					break
				}
			}
			if n == 0 {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s by %v: expected %d in order, got %d\n%v\n%v", which, sorts, len(want), len(got), want, got)
		}
	})
}
