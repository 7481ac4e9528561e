package store

import "slices"

// Page is a number of records that are made elsewhere and looked at like those of a store, such as a piece of a
// log. It never changes; what it costs to index is paid once, when its type is first searched: by all parameters, or
// if all of its records are Saying, by each parameter when it is first asked for.
type Page struct{ layer *layer }

// NewPage makes a page of records, no two of one name. They are the page's from then on; place says which place each has
// among those of its type, in ascending order and beyond all that a store gives out if it is at least PageSeq.
func NewPage(records []*Record, place func(i int) uint64) *Page {
	p := &Page{newLayer()}
	for i, r := range records {
		r.seq = place(i)
		s := p.layer.shelves[r.Type]
		if s == nil {
			s = &shelf{list: make([]*Record, 0, len(records)), byID: make(map[string]*Record, len(records))}
			p.layer.shelves[r.Type] = s
		}
		s.add(r)
	}
	p.layer.size = len(records)
	for _, s := range p.layer.shelves {
		s.says = !slices.ContainsFunc(s.list, func(r *Record) bool { return r.says == nil })
	}
	return p
}

// PageSeq is beyond the place of any record that a store keeps itself.
const PageSeq = 1 << 48

// With is the view with pages in it, oldest first. What was written into the store stands above them: it may
// replace or delete a record of a page.
func (v View) With(pages []*Page) View {
	layers := make([]*layer, 0, len(v.s.layers)+len(pages))
	layers = append(layers, v.s.layers[0])
	for _, p := range pages {
		layers = append(layers, p.layer)
	}
	v.s = &state{append(layers, v.s.layers[1:]...), v.s.committed}
	return v
}
