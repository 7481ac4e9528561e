package intake

import (
	"bytes"
	"runtime"
	"sync"
	"sync/atomic"

	"thiefbox/fhirmock/r4"
)

// What costs is taking a text apart and holding it against the definitions. That is done with a load of resources or
// lines at a time, on all processors; what came of each is taken in the order of the files, so that the result is the
// same however many there are.

// aLoad is how many are read before they are held.
const aLoad = 2048

// load is what was read of the files and not yet held: resources, or lines that are still text.
type load struct {
	items []raw
	texts []byte // of the lines, one behind the other
}

type raw struct {
	item
	from, to int // of a line: its place among the texts
}

// look learns what the entries of bundles are called, and whether anything is referred to by a search.
func (x *reader) look(file string) error {
	return each(file, func(name string, n *r4.Node) {
		visitAll(n, name, x.learn, ignore)
		x.searches = true // a bundle of Synthea's does
	}, func(_ string, text []byte) {
		x.searches = x.searches || bytes.Contains(text, []byte("?identifier=")) || bytes.Contains(text, []byte(`\u003`))
	}, ignore)
}

// learnLines learns what the identifiers of NDJSON mean, if anything is referred to by one.
func (x *reader) learnLines(file string) error {
	if !x.searches {
		return nil
	}
	return each(file, func(string, *r4.Node) {}, func(where string, text []byte) {
		if n, err := r4.Parse(text); err == nil {
			visitAll(n, where, x.learn, ignore)
		}
	}, ignore)
}

func ignore(string, error) {}

// takeFile takes the resources of a file.
func (x *reader) takeFile(file string) error {
	unreadable := func(where string, err error) { x.flush(); x.refuse(*wrong(where, "%v", err)) }
	err := each(file, func(name string, n *r4.Node) {
		visitAll(n, name, func(i item) { x.add(raw{item: i}) }, unreadable)
	}, func(where string, text []byte) {
		from := len(x.loads.texts)
		x.loads.texts = append(x.loads.texts, text...)
		x.add(raw{item{where: where}, from, len(x.loads.texts)})
	}, unreadable)
	x.flush()
	return err
}

func (x *reader) add(r raw) {
	x.loads.items = append(x.loads.items, r)
	if len(x.loads.items) == aLoad || len(x.loads.texts) > 16<<20 {
		x.flush()
	}
}

// flush holds what was read, and takes it.
func (x *reader) flush() {
	l := &x.loads
	results := make([][]taken, len(l.items))
	var next atomic.Int64
	work := func() {
		var scratch []byte
		for {
			n := int(next.Add(1)) - 1
			if n >= len(l.items) {
				return
			}
			results[n] = x.holdRaw(l.items[n], &scratch)
		}
	}
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(l.items)) - 1 {
		all.Go(work)
	}
	work()
	all.Wait()
	for _, each := range results {
		for _, t := range each {
			if t.kind == "" {
				x.refuse(*t.wrong)
				continue
			}
			x.take(t)
		}
	}
	clear(l.items) // or their resources would be kept
	l.items, l.texts = l.items[:0], l.texts[:0]
}

// holdRaw holds a resource, or those of a line.
func (x *reader) holdRaw(r raw, scratch *[]byte) (out []taken) {
	if r.resource != nil {
		return []taken{x.hold(r.item, scratch)}
	}
	refused := func(where string, err error) { out = append(out, taken{wrong: wrong(where, "%v", err)}) }
	n, err := r4.Parse(x.loads.texts[r.from:r.to])
	if err != nil {
		refused(r.where, err)
		return out
	}
	visitAll(n, r.where, func(i item) { out = append(out, x.hold(i, scratch)) }, refused)
	return out
}
