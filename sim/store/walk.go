package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// walk goes through every page in use and checks that the pages make up a tree, and that none of them
// is also listed as free. bbolt checks little of this: a flipped bit in a page's header sends it in
// circles or makes it hand out pages that are in use. Contents are not looked at; recordings have
// their own checksum.
//
// It reads the beginning of each page, so it takes microseconds a run. The file must be locked.
func walk(f io.ReaderAt, m meta) error {
	w := &walker{f: f, meta: m, used: make([]byte, m.pages/8+1)}
	w.buf = make([]byte, m.pageSize)
	w.used[0] |= 3 // the two meta pages
	if err := w.tree(m.root, 0); err != nil {
		return err
	}
	if m.freelist == noFreelist {
		return nil
	}
	return w.free(m.freelist)
}

// Kinds of page, the flag of a leaf element that holds a bucket, the value for a missing free list.
const (
	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10
	bucketFlag   = 0x01
	noFreelist   = ^uint64(0)
	elementSize  = 16
	bucketHeader = 16
	// deepest is more levels than a history can have: a tree of depth 8 has billions of leaves, and
	// there is one bucket in another.
	deepest = 24
)

type walker struct {
	f io.ReaderAt
	meta
	used []byte // a bit a page
	buf  []byte
}

type page struct {
	id       uint64
	flags    uint16
	count    int
	at, size int64 // in the file, continuation pages included
}

// take reads a page's header and marks its pages as used.
func (w *walker) take(id uint64) (page, error) {
	if id >= w.pages {
		return page{}, fmt.Errorf("page %d does not exist", id)
	}
	p := page{id: id, at: int64(id) * int64(w.pageSize)}
	header, err := w.read(p.at, pageHeader)
	if err != nil {
		return page{}, err
	}
	if self := binary.LittleEndian.Uint64(header); self != id {
		return page{}, fmt.Errorf("expected page %d, got one that calls itself %d", id, self)
	}
	p.flags, p.count = binary.LittleEndian.Uint16(header[8:]), int(binary.LittleEndian.Uint16(header[10:]))
	more := uint64(binary.LittleEndian.Uint32(header[12:]))
	if id+more >= w.pages {
		return page{}, fmt.Errorf("page %d goes on beyond the end", id)
	}
	p.size = int64(more+1) * int64(w.pageSize)
	for n := id; n <= id+more; n++ {
		if !w.mark(n) {
			return page{}, fmt.Errorf("page %d is used twice", n)
		}
	}
	return p, nil
}

// mark reports false if the page was marked before.
func (w *walker) mark(n uint64) bool {
	bit := byte(1) << (n % 8)
	if w.used[n/8]&bit != 0 {
		return false
	}
	w.used[n/8] |= bit
	return true
}

func (w *walker) read(at int64, n int) ([]byte, error) {
	b := w.buf
	if n > len(b) {
		b = make([]byte, n)
	}
	_, err := w.f.ReadAt(b[:n], at)
	if errors.Is(err, io.EOF) {
		err = errors.New("it was cut short")
	}
	return b[:n], err
}

// tree checks a page and what hangs from it.
func (w *walker) tree(id uint64, depth int) error {
	if depth > deepest {
		return fmt.Errorf("page %d lies too deep", id)
	}
	p, err := w.take(id)
	if err != nil {
		return err
	}
	if p.flags != branchPage && p.flags != leafPage {
		return fmt.Errorf("page %d is of an unknown kind", id)
	}
	// A page may be full of elements: they are copied, since the buffer is needed for the next page.
	length := p.count * elementSize
	if int64(pageHeader+length) > p.size {
		return fmt.Errorf("page %d holds more than fits", id)
	}
	read, err := w.read(p.at+pageHeader, length)
	if err != nil {
		return err
	}
	elements := append([]byte(nil), read...)
	if p.flags == branchPage {
		return w.branch(p, elements, depth)
	}
	return w.leaf(p, elements, depth)
}

func (w *walker) branch(p page, elements []byte, depth int) error {
	if p.count == 0 {
		return fmt.Errorf("page %d leads nowhere", p.id)
	}
	for i := 0; i < len(elements); i += elementSize {
		e := elements[i:]
		end := int64(pageHeader+i) + int64(binary.LittleEndian.Uint32(e)) + int64(binary.LittleEndian.Uint32(e[4:]))
		if end > p.size {
			return fmt.Errorf("page %d has a key beyond its end", p.id)
		}
		if err := w.tree(binary.LittleEndian.Uint64(e[8:]), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) leaf(p page, elements []byte, depth int) error {
	for i := 0; i < len(elements); i += elementSize {
		e := elements[i:]
		key := int64(pageHeader+i) + int64(binary.LittleEndian.Uint32(e[4:]))
		value := key + int64(binary.LittleEndian.Uint32(e[8:]))
		size := int64(binary.LittleEndian.Uint32(e[12:]))
		if value+size > p.size {
			return fmt.Errorf("page %d has a value beyond its end", p.id)
		}
		if binary.LittleEndian.Uint32(e)&bucketFlag == 0 {
			continue
		}
		if err := w.bucket(p.at+value, size, depth); err != nil {
			return fmt.Errorf("page %d: %w", p.id, err)
		}
	}
	return nil
}

// bucket checks a bucket by its header: one that is small stands in its header's own page.
func (w *walker) bucket(at, size int64, depth int) error {
	if size < bucketHeader {
		return errors.New("a bucket has no header")
	}
	header, err := w.read(at, bucketHeader)
	if err != nil {
		return err
	}
	if root := binary.LittleEndian.Uint64(header); root != 0 {
		return w.tree(root, depth+1)
	}
	return w.inline(at+bucketHeader, size-bucketHeader)
}

func (w *walker) inline(at, size int64) error {
	if size < pageHeader {
		return errors.New("a small bucket is cut short")
	}
	header, err := w.read(at, pageHeader)
	if err != nil {
		return err
	}
	flags, count := binary.LittleEndian.Uint16(header[8:]), int(binary.LittleEndian.Uint16(header[10:]))
	if flags != leafPage || int64(pageHeader+count*elementSize) > size {
		return errors.New("a small bucket is damaged")
	}
	elements, err := w.read(at+pageHeader, count*elementSize)
	if err != nil {
		return err
	}
	for i := 0; i < len(elements); i += elementSize {
		e := elements[i:]
		end := int64(pageHeader+i) + int64(binary.LittleEndian.Uint32(e[4:])) +
			int64(binary.LittleEndian.Uint32(e[8:])) + int64(binary.LittleEndian.Uint32(e[12:]))
		if end > size || binary.LittleEndian.Uint32(e)&bucketFlag != 0 {
			return errors.New("a small bucket is damaged")
		}
	}
	return nil
}

// free checks the list of free pages. Its count stands in the first entry if it is too great for the header.
func (w *walker) free(id uint64) error {
	p, err := w.take(id)
	if err != nil {
		return err
	}
	if p.flags != freelistPage {
		return fmt.Errorf("page %d is not the list of free pages", id)
	}
	first, count := int64(0), uint64(p.count)
	if p.count == 0xFFFF {
		b, err := w.read(p.at+pageHeader, 8)
		if err != nil {
			return err
		}
		first, count = 8, binary.LittleEndian.Uint64(b)
	}
	if count > w.pages || pageHeader+first+int64(count)*8 > p.size {
		return errors.New("the list of free pages is longer than fits")
	}
	list, err := w.read(p.at+pageHeader+first, int(count)*8)
	if err != nil {
		return err
	}
	for ; len(list) > 0; list = list[8:] {
		n := binary.LittleEndian.Uint64(list)
		if n >= w.pages || !w.mark(n) {
			return fmt.Errorf("page %d is listed as free and is not", n)
		}
	}
	return nil
}
