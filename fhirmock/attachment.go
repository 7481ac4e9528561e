package fhirmock

import "bytes"

// attached is how an attachment leads to a Binary of this API. In JSON without blanks it can be nothing else: a quotation
// mark within a string has a backslash, and no other url of a resource begins so.
var attached = []byte(`"url":"Binary/`)

// leadHere makes the addresses of attachments in a line of an export absolute (Bulk Data 2.0, "Attachments": they SHALL
// be): who reads a file need not know which server it is relative to.
func leadHere(line []byte, base string) []byte {
	if !bytes.Contains(line, attached) {
		return line
	}
	return bytes.ReplaceAll(line, attached, []byte(`"url":"`+base+`/Binary/`))
}
