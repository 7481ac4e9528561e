package store

import (
	"cmp"
	"slices"
	"strings"

	"thiefbox/fhirmock/terms"
)

// column gathers the terms of one parameter, in the order of places, until an index is made of them.
type column struct {
	kind  terms.Kind
	words []word
	last  []int32         // by word: the latest place that has it
	known map[word]uint32 // by word: its number; nil while there are few
	rows  []row
	spans []span
	// parts are the columns of a composite, in which tuples take the places of records.
	parts  []*column
	tuples []int32 // by tuple: the place it is of
}

// word is what tokens, references, URIs and strings are found by: a key, and beside it the system of a
// token, or a string as it was written.
type word struct{ key, other string }

type row struct {
	place int32
	word  uint32
}

// fewWords is up to how many words a scan finds one sooner than a map.
const fewWords = 8

func (c *column) number(w word) uint32 {
	if c.known == nil {
		for i := range c.words {
			if c.words[i] == w {
				return uint32(i) //nolint:gosec // few
			}
		}
	} else if n, is := c.known[w]; is {
		return n
	}
	w = word{strings.Clone(w.key), strings.Clone(w.other)} // or it would hold the text of which it is a piece
	n := uint32(len(c.words))                              //nolint:gosec // a shelf has fewer words than that
	c.words, c.last = append(c.words, w), append(c.last, -1)
	switch {
	case c.known != nil:
		c.known[w] = n
	case n == fewWords:
		c.known = make(map[word]uint32, 4*fewWords)
		for i, w := range c.words {
			c.known[w] = uint32(i) //nolint:gosec // few
		}
	}
	return n
}

func (c *column) add(place int32, t *terms.Term) {
	switch {
	case t.Parts != nil:
		c.tuple(place, t)
	case t.Kind == terms.Interval || t.Kind == terms.Point:
		n := c.number(word{t.Key + unitMark + t.Exact, t.System})
		c.spans = append(c.spans, span{place, n, t.Lo, t.Hi})
	case t.Kind == terms.String:
		c.put(place, word{t.Key, t.Exact})
	default:
		c.put(place, word{t.Key, t.System})
	}
}

func (c *column) put(place int32, w word) {
	n := c.number(w)
	if c.last[n] != place {
		c.last[n] = place
		c.rows = append(c.rows, row{place, n})
	}
}

// tuple gives each combination of the parts' values a place of its own: they are true of it together.
func (c *column) tuple(place int32, t *terms.Term) {
	if c.parts == nil {
		c.parts = make([]*column, len(t.Parts))
		for i := range c.parts {
			c.parts[i] = &column{}
		}
	}
	n := int32(len(c.tuples)) //nolint:gosec // a shelf has fewer tuples than that
	c.tuples = append(c.tuples, place)
	for i, values := range t.Parts {
		for j := range values {
			c.parts[i].kind = values[j].Kind
			c.parts[i].add(n, &values[j])
		}
	}
}

// join takes what another column has of later places.
func (c *column) join(o *column) {
	numbers := make([]uint32, len(o.words))
	for i, w := range o.words {
		numbers[i] = c.number(w)
	}
	for _, r := range o.rows {
		c.rows = append(c.rows, row{r.place, numbers[r.word]})
	}
	for _, s := range o.spans {
		s.unit = numbers[s.unit]
		c.spans = append(c.spans, s)
	}
	if c.parts == nil {
		c.parts, c.tuples = o.parts, o.tuples
		return
	}
	for i := range o.parts {
		o.parts[i].moved(int32(len(c.tuples))) //nolint:gosec // see tuple
		c.parts[i].join(o.parts[i])
	}
	c.tuples = append(c.tuples, o.tuples...)
}

func (c *column) moved(by int32) {
	for i := range c.rows {
		c.rows[i].place += by
	}
	for i := range c.spans {
		c.spans[i].place += by
	}
}

// index makes the index of what was gathered.
func (c *column) index() *index {
	x := &index{kind: c.kind, tuples: c.tuples}
	for _, p := range c.parts {
		x.parts = append(x.parts, p.index())
	}
	if len(c.spans) > 0 {
		x.spans = newSpans(c)
	}
	if len(c.rows) > 0 {
		x.words = newWords(c)
	}
	return x
}

// newWords puts the words in order, and the places behind each.
func newWords(c *column) *words {
	order := make([]uint32, len(c.words))
	size := 0
	for i := range order {
		order[i] = uint32(i) //nolint:gosec // see number
		size += len(c.words[i].key)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(strings.Compare(c.words[a].key, c.words[b].key), strings.Compare(c.words[a].other, c.words[b].other))
	})
	w := &words{ends: make([]uint32, len(order)), other: make([]uint32, len(order)), from: make([]uint32, len(order)+1), places: make([]int32, len(c.rows))}
	var text strings.Builder
	text.Grow(size)
	others := map[string]uint32{}
	rank := make([]uint32, len(order))
	for at, n := range order {
		rank[n] = uint32(at) //nolint:gosec // see number
		text.WriteString(c.words[n].key)
		w.ends[at] = uint32(text.Len()) //nolint:gosec // the words of a shelf are shorter than four gigabytes
		known, is := others[c.words[n].other]
		if !is {
			known = uint32(len(w.others)) //nolint:gosec // see number
			others[c.words[n].other] = known
			w.others = append(w.others, strings.Clone(c.words[n].other))
		}
		w.other[at] = known
	}
	w.text = text.String()
	for _, r := range c.rows {
		w.from[rank[r.word]+1]++
	}
	for i := range order {
		w.from[i+1] += w.from[i]
	}
	next := slices.Clone(w.from)
	for _, r := range c.rows {
		at := rank[r.word]
		w.places[next[at]] = r.place
		next[at]++
	}
	return w
}
