package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"thiefbox/fhirmock/r4"
)

// item is a resource, and where it stands.
type item struct {
	where    string // "patient1.json, entry 12"
	url      string // fullUrl of its entry, or ""
	resource *r4.Node
}

// largest is how much one file of JSON, or one line of NDJSON, may hold.
const largest = 512 << 20

// each visits the files' resources: of a file of JSON one after the other, of NDJSON the lines as they stand.
func each(path string, whole func(name string, n *r4.Node), line func(where string, text []byte), wrong func(where string, err error)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	name := filepath.Base(path)
	if strings.EqualFold(filepath.Ext(path), ".ndjson") {
		return lines(f, name, line)
	}
	data, err := io.ReadAll(io.LimitReader(f, largest+1))
	if err != nil {
		return err
	}
	if len(data) > largest {
		return fmt.Errorf("%s: expected at most %d bytes, got more; NDJSON has no such bound", name, largest)
	}
	n, err := r4.Parse(data)
	if err != nil {
		wrong(name, err)
		return nil
	}
	whole(name, n)
	return nil
}

func lines(f io.Reader, name string, visit func(where string, text []byte)) error {
	s := bufio.NewScanner(f)
	s.Buffer(make([]byte, 0, 1<<20), largest)
	for line := 1; s.Scan(); line++ {
		if len(bytes.TrimSpace(s.Bytes())) > 0 {
			visit(fmt.Sprintf("%s, line %d", name, line), s.Bytes())
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// visitAll visits a resource, or what is in a bundle.
func visitAll(n *r4.Node, where string, visit func(item), wrong func(string, error)) {
	if n.Resource() == "" {
		wrong(where, errors.New("expected a FHIR resource, got something without resourceType"))
		return
	}
	if n.Resource() != "Bundle" {
		visit(item{where: where, resource: n})
		return
	}
	for i, e := range n.List("entry") {
		at := fmt.Sprintf("%s, entry %d", where, i)
		if r := e.Get("resource"); r != nil && r.Resource() != "" {
			visit(item{at, e.String("fullUrl"), r})
		} else {
			wrong(at, errors.New("expected a resource in the entry, got none"))
		}
	}
}
