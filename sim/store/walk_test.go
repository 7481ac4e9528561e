package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"thiefbox/sim/report"
)

// pages is the bytes of a history, to be spoilt a field at a time.
type pages struct {
	t *testing.T
	b []byte
	m meta
}

// grown makes a history whose tree has a branch, with a bucket that is small enough to stand inline.
func grown(t *testing.T) *pages {
	t.Helper()
	path := place(t)
	s := open(t, path, Options{})
	runs := make([]report.Run, 60)
	for i := range runs {
		runs[i] = aRun("T-01", 20)
	}
	for range 2 { // the second leaves free pages behind
		if _, err := s.SaveAll(runs); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	p := &pages{t: t, b: read(t, path)}
	m, err := newestMeta(bytes.NewReader(p.b), path)
	if err != nil {
		t.Fatal(err)
	}
	p.m = m
	if err := walk(bytes.NewReader(p.b), m); err != nil {
		t.Fatalf("a whole history must pass: %v", err)
	}
	return p
}

func (p *pages) at(id uint64) []byte { return p.b[id*uint64(p.m.pageSize):] }

// page finds a page in use by its kind.
func (p *pages) page(kind uint16) uint64 {
	w := &walker{f: bytes.NewReader(p.b), meta: p.m, used: make([]byte, p.m.pages/8+1), buf: make([]byte, p.m.pageSize)}
	w.used[0] |= 3
	if err := w.tree(p.m.root, 0); err != nil {
		p.t.Fatal(err)
	}
	for id := uint64(2); id < p.m.pages; id++ {
		head := p.at(id)
		if !w.mark(id) && binary.LittleEndian.Uint64(head) == id && binary.LittleEndian.Uint16(head[8:]) == kind {
			return id
		}
	}
	p.t.Fatalf("the history has no page of the kind %d", kind)
	return 0
}

// inline finds a small bucket by its key on the root page, and returns its bytes.
func (p *pages) inline() []byte {
	root := p.at(p.m.root)
	at := bytes.Index(root[:p.m.pageSize], bucketMeta)
	return root[at+len(bucketMeta)+bucketHeader:]
}

func TestWalkFindsDamage(t *testing.T) {
	u16, u32, u64 := binary.LittleEndian.PutUint16, binary.LittleEndian.PutUint32, binary.LittleEndian.PutUint64
	const id, flags, count, overflow, elements = 0, 8, 10, 12, pageHeader
	tests := []struct {
		name  string
		spoil func(*pages)
		says  string
	}{
		{"a page with another's number", func(p *pages) { u64(p.at(p.m.root)[id:], 99) }, "calls itself 99"},
		{"a page of no kind", func(p *pages) { u16(p.at(p.m.root)[flags:], 3) }, "unknown kind"},
		{"a page that goes on and on", func(p *pages) { u32(p.at(p.m.root)[overflow:], 1<<31) }, "goes on beyond the end"},
		{"a page with too many elements", func(p *pages) { u16(p.at(p.m.root)[count:], 0xFFFF) }, "more than fits"},
		{"a value beyond the page", func(p *pages) { u32(p.at(p.page(leafPage))[elements+12:], 1<<30) }, "a value beyond its end"},
		{"a key beyond the page", func(p *pages) { u32(p.at(p.page(branchPage))[elements+4:], 1<<30) }, "a key beyond its end"},
		{"a branch that leads nowhere", func(p *pages) { u16(p.at(p.page(branchPage))[count:], 0) }, "leads nowhere"},
		{"a branch that leads to itself", func(p *pages) { b := p.page(branchPage); u64(p.at(b)[elements+8:], b) }, "used twice"},
		{"a branch that leads out of the file", func(p *pages) { u64(p.at(p.page(branchPage))[elements+8:], 1<<40) }, "does not exist"},
		{"a bucket without a header", func(p *pages) { u32(p.at(p.m.root)[elements+12:], 3) }, "has no header"},
		{"a small bucket that is cut short", func(p *pages) { u32(p.lastRootElement()[12:], bucketHeader+3) }, "cut short"},
		{"a small bucket of another kind", func(p *pages) { u16(p.inline()[flags:], branchPage) }, "small bucket is damaged"},
		{"a small bucket with a long value", func(p *pages) { u32(p.inline()[elements+12:], 1<<20) }, "small bucket is damaged"},
		{"free pages that are none", func(p *pages) { u16(p.at(p.m.freelist)[flags:], leafPage) }, "not the list of free pages"},
		{"more free pages than fit", func(p *pages) { u16(p.at(p.m.freelist)[count:], 0xFFFE) }, "longer than fits"},
		{"absurdly many free pages", func(p *pages) { u16(p.at(p.m.freelist)[count:], 0xFFFF); u64(p.at(p.m.freelist)[elements:], 1<<62) }, "longer than fits"},
		{"a free page that is in use", func(p *pages) { u64(p.at(p.m.freelist)[elements:], p.m.root) }, "listed as free and is not"},
		{"a free page that is listed twice", func(p *pages) {
			list := p.at(p.m.freelist)[elements:]
			u64(list[8:], binary.LittleEndian.Uint64(list))
		}, "listed as free and is not"},
		{"a free page that is a header", func(p *pages) { u64(p.at(p.m.freelist)[elements:], 1) }, "listed as free and is not"},
		{"a free list that is a page in use", func(p *pages) { p.m.freelist = p.m.root }, "used twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := grown(t)
			tt.spoil(p)
			if err := walk(bytes.NewReader(p.b), p.m); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("expected %q, got %v", tt.says, err)
			}
		})
	}
}

// lastRootElement is the element of the root page for the bucket that comes last by name: thiefbox.
func (p *pages) lastRootElement() []byte {
	root := p.at(p.m.root)
	n := int(binary.LittleEndian.Uint16(root[10:]))
	return root[pageHeader+(n-1)*elementSize:]
}

func TestWalkOfAnOddFile(t *testing.T) {
	p := grown(t)
	p.m.freelist = noFreelist // bbolt can be told not to write one
	if err := walk(bytes.NewReader(p.b), p.m); err != nil {
		t.Errorf("expected a file without a free list to pass, got %v", err)
	}
	if err := walk(bytes.NewReader(p.b[:3*p.m.pageSize]), p.m); err == nil {
		t.Error("expected a short file not to pass")
	}
	w := &walker{meta: p.m}
	if err := w.tree(p.m.root, deepest+1); err == nil {
		t.Error("expected a bottomless tree not to pass")
	}
}

// A list of more than 65534 free pages keeps its length in the first entry.
func TestWalkOfALongFreeList(t *testing.T) {
	p := grown(t)
	head := p.at(p.m.freelist)
	n := binary.LittleEndian.Uint16(head[10:])
	binary.LittleEndian.PutUint16(head[10:], 0xFFFF)
	binary.LittleEndian.PutUint64(head[pageHeader:], uint64(n)-1) // in place of the first free page
	if err := walk(bytes.NewReader(p.b), p.m); err != nil {
		t.Errorf("expected it to pass, got %v", err)
	}
}

func TestGuardedTurnsAPanicIntoDamage(t *testing.T) {
	s := &Store{path: "history.db"}
	if err := s.guarded(func() error { panic("page 7 already freed") }); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "page 7") {
		t.Errorf("expected ErrDamaged, got %v", err)
	}
}
