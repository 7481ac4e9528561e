package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// The meta pages of bbolt, which begin its files: page header, then magic, version, page size, flags,
// root bucket, free list, number of pages, transaction, checksum.
const (
	pageHeader  = 16
	metaLength  = 64
	magic       = 0xED0CDAED
	version     = 2
	smallest    = 1 << 10
	largestPage = 1 << 24
)

// preflight looks at a file before bbolt does, as far as that can be done without a lock. bbolt lays a database into an empty file, trusts the
// number of pages it reads, and on some systems cuts or grows a file to the size it wants; a file that
// is not a whole database of ours must not get that far.
func preflight(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening the history: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return fmt.Errorf("opening the history: %w", err)
	case !info.Mode().IsRegular():
		return foreignFile(path, "it is no ordinary file")
	case info.Size() == 0:
		return damagedFile(path, errors.New("it is empty"))
	}
	m, err := newestMeta(f, path)
	if err != nil {
		return err
	}
	if want := m.pages * uint64(m.pageSize); uint64(info.Size()) < want {
		return damagedFile(path, fmt.Errorf("it was cut short: expected at least %d bytes, got %d", want, info.Size()))
	}
	return nil
}

// inspect checks the pages of a file that nobody can change at the moment.
func inspect(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	m, err := newestMeta(f, path)
	if err != nil {
		return err
	}
	if err := walk(f, m); err != nil {
		return damagedFile(path, err)
	}
	return nil
}

// newestMeta reads both meta pages and returns the newer valid one.
func newestMeta(f io.ReaderAt, path string) (meta, error) {
	best, marked := readMeta(f, 0)
	sizes := []uint32{best.pageSize}
	if !best.valid { // the second page's place depends on a size that is not known
		sizes = nil
		for size := uint32(smallest); size <= largestPage; size *= 2 {
			sizes = append(sizes, size)
		}
	}
	for _, size := range sizes {
		second, m := readMeta(f, int64(size))
		marked = marked || m
		if second.valid && second.pageSize == size && (!best.valid || second.txid > best.txid) {
			best = second
		}
	}
	switch {
	case best.valid:
		return best, nil
	case marked:
		return meta{}, damagedFile(path, errors.New("neither of its two headers is whole"))
	}
	return meta{}, foreignFile(path, "it does not begin like a database")
}

type meta struct {
	valid          bool
	pageSize       uint32
	root, freelist uint64 // pages
	pages, txid    uint64
}

// readMeta reads the meta page at an offset. marked tells whether anything there looks like bbolt.
func readMeta(f io.ReaderAt, offset int64) (m meta, marked bool) {
	var page [pageHeader + metaLength]byte
	if _, err := f.ReadAt(page[:], offset); err != nil {
		return meta{}, false
	}
	b := page[pageHeader:]
	// bbolt writes the machine's byte order, which is little-endian wherever thiefbox is built for.
	u32, u64 := binary.LittleEndian.Uint32, binary.LittleEndian.Uint64
	if u32(b) != magic {
		return meta{}, false
	}
	m = meta{pageSize: u32(b[8:]), root: u64(b[16:]), freelist: u64(b[32:]), pages: u64(b[40:]), txid: u64(b[48:])}
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	m.valid = u32(b[4:]) == version && sum.Sum64() == u64(b[56:]) &&
		m.pageSize >= smallest && m.pageSize <= largestPage && m.pages < 1<<40
	return m, true
}
