// Package intake reads patients that somebody else has made: a folder of FHIR R4 bundles as Synthea writes
// them, of NDJSON as a Bulk Data export gives it, or one such file. What it returns lies below an API's store
// like the invented population, each record of a patient with a place for his canary.
//
// Begin with Read. It goes through the files twice: first to learn what is called how, since a bundle's
// entries refer to each other by its own URLs (urn:uuid) or by a search (Practitioner?identifier=…), then to
// hold each resource against HL7's definitions, on as many processors as there are (load.go). Either everything that is served can be loaded, or nothing
// is and the error says what is wrong, with file, entry or line, and path; unless told to leave out what is wrong.
//
// It changes identifiers, texts and dates of nobody: that the patients are made up is for the caller to know.
package intake

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"thiefbox/fhirmock/store"
)

// Options say how to read.
type Options struct {
	SkipInvalid bool // leave out what is wrong, and tell
	// Taken tells whether a name is given already; nil if none is.
	Taken func(resourceType, id string) bool
	// Served tells which types are wanted; the others are counted and left out.
	Served func(resourceType string) bool
	// CanaryURL is the extension that carries a patient's canary, and Mark what stands for it in a record.
	CanaryURL, Mark string
}

// Result is what was read.
type Result struct {
	Records []*store.Record
	Loaded  map[string]int // by type
	Unknown map[string]int // types that are not served
	// Repeated counts professionals and places that further bundles bring along: Synthea gives each patient's bundle the
	// hospital that others have been to as well. The first counts.
	Repeated map[string]int
	Refused  int
	// Problems are the first of what was wrong: "patient1.json, entry 12, Observation.status: expected …".
	Problems []string
}

// mostProblems is how many are told one by one.
const mostProblems = 20

// String is what was read in a few lines.
func (r *Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "loaded %d resources: %s", len(r.Records), counts(r.Loaded))
	if len(r.Unknown) > 0 {
		fmt.Fprintf(&b, "\nnot served, left out: %s", counts(r.Unknown))
	}
	if len(r.Repeated) > 0 {
		fmt.Fprintf(&b, "\nin several bundles, loaded once: %s", counts(r.Repeated))
	}
	if r.Refused > 0 {
		fmt.Fprintf(&b, "\nrefused %d:\n  %s", r.Refused, strings.Join(r.Problems, "\n  "))
		if more := r.Refused - len(r.Problems); more > 0 {
			fmt.Fprintf(&b, "\n  and %d more", more)
		}
	}
	return b.String()
}

func counts(of map[string]int) string {
	var out []string
	for name, n := range of {
		out = append(out, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// Read reads a file or a folder. With an error nothing is to be loaded; the result says what was wrong.
func Read(path string, o Options) (*Result, error) {
	files, err := filesAt(path)
	if err != nil {
		return nil, err
	}
	x := newReader(o)
	for _, pass := range []func(file string) error{x.look, x.learnLines, x.takeFile} {
		for _, file := range files {
			if err := pass(file); err != nil {
				return nil, err
			}
		}
	}
	x.settle()
	if x.Refused > 0 && !o.SkipInvalid {
		return &x.Result, fmt.Errorf("%s: expected resources that HL7's definitions accept, got %d that they do not, so nothing was loaded:\n  %s",
			path, x.Refused, strings.Join(x.Problems, "\n  "))
	}
	if len(x.Records) == 0 {
		return &x.Result, fmt.Errorf("%s: expected FHIR R4 bundles or NDJSON with resources that are served, got none", path)
	}
	return &x.Result, nil
}

// filesAt lists the bundles and NDJSON files at a path, in order of name.
func filesAt(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if ext := strings.ToLower(filepath.Ext(e.Name())); !e.IsDir() && (ext == ".json" || ext == ".ndjson") {
			out = append(out, filepath.Join(path, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: expected files that end in .json or .ndjson, got none", path)
	}
	return out, nil
}
