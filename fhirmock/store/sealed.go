package store

// Way is how a record is about to leave the store.
type Way uint8

// The ways out. Each record that leaves goes by one of them, and its Door is asked.
const (
	AsRead       Way = iota // read, the content of a Binary
	AsVersion               // vread: as it was once
	AsHistory               // a version in a history
	AsMatch                 // a match of a search, on its first page
	AsPage                  // a match of a search, on a further page
	AsCount                 // not shown, but one of the total
	AsInclude               // drawn along by _include
	AsRevInclude            // drawn along by _revinclude
	AsChain                 // not shown, but what it holds decides what is: subject.name=…
	AsHas                   // the same by _has
	AsEverything            // a part of $everything
	AsExport                // a line of an export
	AsTarget                // what a written record refers to: whether it is there is an answer too
	AsCondition             // what a conditional create, update or delete looks for
	AsEcho                  // the answer to a patch: all of a record of which the caller sent a part
	AsTest                  // what a patch compares or copies: whether it fits tells what stands there
	AsGraph                 // asked for by its id in a GraphQL query
	AsGraphLink             // what a reference leads to that such a query follows
	AsGraphMatch            // what a search in such a query finds
	AsGraphCount            // not shown, but one of its count
	AsNotice                // what a subscriber is sent because it was written
	AsChange                // what a write replaces or deletes, and what it puts there
)

func (w Way) String() string {
	return [...]string{"read", "version", "history", "match", "page", "count", "include", "revinclude", "chain", "has", "everything", "export", "reference", "condition", "echo", "test", "graph", "graph-link", "graph-match", "graph-count", "notice", "change"}[w]
}

// Door decides whether a record may leave. An error ends the whole request; false leaves this record out.
type Door interface {
	Opens(w Way, r *Record) (bool, error)
}

// Parting is a Door that shows some callers a part of a record: what leaves is what it makes of it. It is asked after
// Opens has let the record through.
type Parting interface {
	Part(w Way, r *Record) *Record
}

// Sealed is a record that was found. Whoever found it knows its name and no more: Open is the only way
// to its content. The index has looked at it already, so even leaving a record unopened can tell
// something: what decides about another record (a chain, a condition) must be opened too.
type Sealed struct{ r *Record }

func seal(r *Record) *Sealed {
	if r == nil {
		return nil
	}
	return &Sealed{r}
}

// Open asks the door and hands the record out, or nil if it may not be seen.
func (s *Sealed) Open(d Door, w Way) (*Record, error) {
	ok, err := d.Opens(w, s.r)
	if err != nil || !ok {
		return nil, err
	}
	if p, parts := d.(Parting); parts {
		return p.Part(w, s.r), nil
	}
	return s.r, nil
}

// Open asks about a record that was just written, or is known already.
func (r *Record) Open(d Door, w Way) (*Record, error) { return seal(r).Open(d, w) }

// Ref is the record's name, "Type/id". It is for bookkeeping, not for callers to see.
func (s *Sealed) Ref() string { return s.r.Type + "/" + s.r.ID }

// Leads lists what the record refers to under a search parameter. It is to narrow a search whose results are opened
// all the same, and tells callers nothing.
func (s *Sealed) Leads(param string) []string { return s.r.References(param) }

// ID is the record's id, for bookkeeping too.
func (s *Sealed) ID() string { return s.r.ID }

// Version is which version this is, for bookkeeping.
func (s *Sealed) Version() int { return s.r.Version }

// Same tells whether two are one version of one record.
func (s *Sealed) Same(o *Sealed) bool { return s.r.same(o.r) }

// Deleted tells whether this version is a deletion.
func (s *Sealed) Deleted() bool { return s.r.Deleted }
