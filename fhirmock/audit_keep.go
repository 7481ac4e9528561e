package fhirmock

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// auditFile is the log in a file, a line of JSON an entry, which is only ever added to. A line is handed to the
// operating system before the request it is about is answered, so that a process that is killed loses none; it is
// not forced to the disk, so that a machine that loses its power may lose the last seconds. The file holds all
// entries; of an old one the latest are read back, and the others counted.
type auditFile struct {
	mu sync.Mutex
	f  *os.File
}

// KeepAudit has the log of accesses kept in a file, and reads what an earlier start has left there. It is called
// before anything is served. A last line that was not written to its end is cut off; any other that cannot be read
// is an error, since a log with a hole in it is no log.
func (r *Records) KeepAudit(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	whole, err := r.audit.readBack(f)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w; move it away to begin anew", path, err), f.Close())
	}
	file := &auditFile{f: f}
	r.audit.mu.Lock()
	defer r.audit.mu.Unlock()
	r.audit.file = file
	return file, nil
}

// readBack reads the entries of a file, and tells how long it is up to the end of the last whole line.
func (l *auditLog) readBack(f io.Reader) (whole int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := bufio.NewReaderSize(f, 1<<16)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		var e auditEntry
		if err := json.Unmarshal(bytes.TrimSpace(line), &e); err != nil || e.N <= l.last {
			return whole, fmt.Errorf("line %d: expected an entry of the log of accesses with a number above %d, got %.60q", n, l.last, line)
		}
		l.last = e.N
		l.place(e)
		whole += int64(len(line))
	}
}

func (f *auditFile) add(e auditEntry) error {
	b, err := json.Marshal(e)
	if err != nil {
		panic("fhirmock: " + err.Error()) // strings always marshal
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err = f.f.Write(append(b, '\n'))
	return err
}

// Close lets go of the file. What happens later is kept in memory alone.
func (f *auditFile) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.f.Close()
}
