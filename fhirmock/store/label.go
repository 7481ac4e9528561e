package store

import (
	"bytes"

	"thiefbox/fhirmock/r4"
)

// What a label says of who may see a record (v3-Confidentiality). A record without one, or with one below these, is
// of the ordinary kind.
const (
	Ordinary       byte = 0
	Restricted     byte = 'R'
	VeryRestricted byte = 'V'
)

const sysConfidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

// confidentialityOf reads the labels of a resource: the strictest counts.
func confidentialityOf(n *r4.Node) byte {
	strictest := Ordinary
	for _, c := range n.Get("meta").List("security") {
		if c.String("system") != sysConfidentiality {
			continue
		}
		switch code := c.String("code"); {
		case code == "V", code == "R" && strictest == Ordinary:
			strictest = code[0]
		}
	}
	return strictest
}

// confidentialityIn is confidentialityOf for a text, which is read only if it may have a label.
func confidentialityIn(text []byte) byte {
	if !bytes.Contains(text, []byte(sysConfidentiality)) {
		return Ordinary
	}
	n, err := r4.Parse(text)
	if err != nil {
		return VeryRestricted // what cannot be read is shown to as few as there are
	}
	return confidentialityOf(n)
}
