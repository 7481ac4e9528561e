package r4

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// primitive tells whether a type is a primitive: they alone begin with a small letter.
func primitive(name string) bool { return name[0] >= 'a' && name[0] <= 'z' }

// maxString is how long a string may be (R4 datatypes: 1 MB).
const maxString = 1 << 20

func (v *validator) primitive(n *Node, name string, e *element, at *place) {
	if want := kindOf(name); n.Kind != want {
		v.wrong(at, "structure", "expected "+want.String()+" ("+name+"), got "+n.Kind.String())
		return
	}
	if why := v.misread(n.Text, name); why != "" {
		v.wrong(at, "value", why)
		return
	}
	if at.name == "id" && at.parent != nil && name == "string" && isResourceID(at) && !ValidID(n.Text) {
		v.wrong(at, "value", "expected an id of letters, digits, hyphens and dots, at most 64, got "+strconv.Quote(cut(n.Text)))
	}
	if e.valueSet != "" {
		if _, ok := v.lib.codesOf(e.valueSet)["|"+n.Text]; !ok {
			v.wrong(at, "code-invalid", "expected a code of the value set "+e.valueSet+", got "+strconv.Quote(cut(n.Text)))
		}
	}
}

// isResourceID tells ids of resources from those of elements, which have another form.
func isResourceID(at *place) bool {
	return at.parent.parent == nil || at.parent.name == "contained" || at.parent.name == "resource"
}

func kindOf(name string) Kind {
	switch name {
	case "boolean":
		return Bool
	case "decimal", "integer", "positiveInt", "unsignedInt":
		return Number
	}
	return String
}

// misread says why a text is not a value of a primitive type; "" if it is.
func (v *validator) misread(s, name string) string {
	switch name {
	case "boolean":
		return ""
	case "string", "markdown":
		switch {
		case strings.TrimSpace(s) == "":
			return "expected a string with content, got none"
		case len(s) > maxString:
			return "expected at most 1 MiB, got more"
		case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\r' && r != '\n' && r != '\t' }):
			return "expected no control characters"
		}
		return ""
	case "base64Binary":
		if _, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), "")); err != nil || s == "" {
			return "expected base64"
		}
		return ""
	case "xhtml":
		if err := xhtml(s); err != nil {
			return err.Error()
		}
		return ""
	}
	t := v.lib.lookup(name)
	if t == nil || t.pattern == nil {
		return ""
	}
	if s == "" || !t.pattern.MatchString(s) || len(s) > 4096 {
		return "expected " + name + ", got " + strconv.Quote(cut(s))
	}
	return outOfRange(s, name)
}

// outOfRange finds what the patterns of the specification let pass: days that no calendar has, numbers
// beyond 32 bits.
func outOfRange(s, name string) string {
	switch name {
	case "date", "dateTime", "instant":
		if strings.HasPrefix(s, "0000") {
			return "expected a year from 0001, got " + strconv.Quote(cut(s))
		}
		if len(s) >= 10 {
			if _, err := time.Parse(time.DateOnly, s[:10]); err != nil {
				return "expected a day of the calendar, got " + strconv.Quote(s[:10])
			}
		}
	case "integer", "positiveInt", "unsignedInt":
		if _, err := strconv.ParseInt(s, 10, 32); err != nil {
			return "expected a number of 32 bits, got " + strconv.Quote(cut(s))
		}
	case "decimal":
		// A number of ten letters that takes gigabytes to write out has brought down who reads it exactly.
		if f, err := strconv.ParseFloat(s, 64); err != nil || f == 0 && strings.ContainsAny(mantissa(s), "123456789") {
			return "expected a number within the range of 64-bit floating point, got " + strconv.Quote(cut(s))
		}
	}
	return ""
}

func mantissa(s string) string {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return s[:i]
	}
	return s
}
