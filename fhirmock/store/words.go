package store

import (
	"sort"
	"strings"
)

// words are the words of an index in order, each with the places that have it, packed: most words are
// shorter than the header of a string.
type words struct {
	text   string   // all keys, one after the other
	ends   []uint32 // by word: where its key ends in text
	other  []uint32 // by word: which of others stands beside it
	others []string
	from   []uint32 // by word: where its places begin; one more for the end
	places []int32  // those of each word in order
}

func (w *words) len() int { return len(w.ends) }

func (w *words) key(i int) string {
	if i == 0 {
		return w.text[:w.ends[0]]
	}
	return w.text[w.ends[i-1]:w.ends[i]]
}

// of lists the places of words that follow one another.
func (w *words) of(from, to int) []int32 { return w.places[w.from[from]:w.from[to]] }

// equal is the stretch of the words with a key.
func (w *words) equal(key string) (from, to int) {
	from = sort.Search(w.len(), func(i int) bool { return w.key(i) >= key })
	for to = from; to < w.len() && w.key(to) == key; to++ {
	}
	return from, to
}

// begin is the stretch of the words whose key begins so.
func (w *words) begin(key string) (from, to int) {
	from = sort.Search(w.len(), func(i int) bool { return w.key(i) >= key })
	return from, from + sort.Search(w.len()-from, func(i int) bool { return !strings.HasPrefix(w.key(from+i), key) })
}

// hits are lists of places that match.
type hits struct {
	lists [][]int32
	mixed bool // some list is of several words, and so not in order
}

func (h *hits) take(w *words, from, to int) {
	if from < to {
		h.lists = append(h.lists, w.of(from, to))
		h.mixed = h.mixed || to-from > 1
	}
}

// takeBeside takes those of a stretch that have a text beside them.
func (h *hits) takeBeside(w *words, from, to int, other string) {
	for i := from; i < to; i++ {
		if w.others[w.other[i]] == other {
			h.take(w, i, i+1)
		}
	}
}

// find lists what matches a value.
func (w *words) find(m *Match, h *hits) {
	from, to := 0, w.len()
	switch m.Op {
	case Prefix:
		from, to = w.begin(m.Key)
		h.take(w, from, to)
	case Contains:
		for i := range w.len() {
			if strings.Contains(w.key(i), m.Key) {
				h.take(w, i, i+1)
			}
		}
	case Exactly:
		from, to = w.equal(m.folded())
		h.takeBeside(w, from, to, m.Key)
	case Below:
		from, to = w.equal(m.Key)
		h.take(w, from, to)
		from, to = w.begin(strings.TrimSuffix(m.Key, "/") + "/")
		h.take(w, from, to)
	case Above:
		w.above(m.Key, h)
	case Versions: // "url|1" is a version of "url", and "url|1.1" one of "url|1"
		mark := "|"
		if strings.Contains(m.Key, mark) {
			mark = "."
		}
		from, to = w.equal(m.Key)
		h.take(w, from, to)
		from, to = w.begin(m.Key + mark)
		h.take(w, from, to)
	default:
		switch {
		case m.Fits != nil:
			for i := range w.len() {
				if w.others[w.other[i]] == *m.System && m.Fits(w.key(i)) {
					h.take(w, i, i+1)
				}
			}
			return
		case m.System == nil:
			from, to = w.equal(m.Key)
			h.take(w, from, to)
			return
		case m.Key != "": // "system|" alone asks for any code of it
			from, to = w.equal(m.Key)
		}
		h.takeBeside(w, from, to, *m.System)
	}
}

// above takes the URIs that one lies under, and itself.
func (w *words) above(uri string, h *hits) {
	from, to := w.equal(uri)
	h.take(w, from, to)
	for i := range len(uri) - 1 {
		if uri[i] == '/' {
			for _, end := range []int{i, i + 1} {
				from, to = w.equal(uri[:end])
				h.take(w, from, to)
			}
		}
	}
}

// ranks says by place which word it is sorted by: the first that it has, or the last. -1 stands for none. Words
// of one key have one rank.
func (w *words) ranks(size int, down bool) []int32 {
	out := make([]int32, size)
	for i := range out {
		out[i] = -1
	}
	rank := 0
	for i := range w.len() {
		if w.key(i) != w.key(rank) {
			rank = i
		}
		for _, place := range w.of(i, i+1) {
			if down || out[place] < 0 {
				out[place] = int32(rank) //nolint:gosec // see column.number
			}
		}
	}
	return out
}
