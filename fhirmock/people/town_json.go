package people

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"sync"
	"time"

	"thiefbox/fhirmock/store"
)

// o is a JSON object, name and value in turn, in the order in which they are written. It is what the many
// records of a town are made of: a chart is written in the time it takes to append it.
type o []any

// num is a number as it was measured.
type num string

// list is a JSON array.
type list []any

func appendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendText(dst, v)
	case num:
		return append(dst, v...)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case bool:
		return strconv.AppendBool(dst, v)
	case o:
		dst = append(dst, '{')
		for i := 0; i+1 < len(v); i += 2 {
			if i > 0 {
				dst = append(dst, ',')
			}
			name, _ := v[i].(string)
			dst = append(appendText(dst, name), ':')
			dst = appendJSON(dst, v[i+1])
		}
		return append(dst, '}')
	case list:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, item)
		}
		return append(dst, ']')
	}
	panic("people: a value that is no JSON")
}

// appendText writes a string. What these records say holds no control characters but line feeds.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

var htest = o{"system", "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code", "HTEST", "display", "test health data"}

// loaded is when the records of a town came into the store: all at once.
var (
	loaded     = registered
	loadedText = registered.Format(time.RFC3339)
)

// page makes a record of a patient: the head that all have, with a canary in an extension and another in the
// narrative, and then the body.
func page(resourceType, id, patient, profile, summary string, body o, labels ...coding) *Record {
	meta := o{"versionId", "1", "lastUpdated", loadedText}
	if profile != "" {
		meta = append(meta, "profile", list{profile})
	}
	meta = append(meta, "security", labelled(labels))
	head := o{"resourceType", resourceType, "id", id, "meta", meta}
	if resourceType == "Binary" { // no DomainResource: neither narrative nor extension
		mark := list{o{"url", CanaryURL, "valueString", CanaryMark}}
		head[5] = append(o{"extension", mark}, meta...)
	} else {
		if patient != "" {
			summary += " (" + CanaryMark + ")"
		}
		head = append(head, "text", o{"status", "generated", "div", `<div xmlns="http://www.w3.org/1999/xhtml">` + summary + `</div>`})
		if patient != "" {
			head = append(head, "extension", list{o{"url", CanaryURL, "valueString", CanaryMark}})
		}
	}
	sheet, _ := sheets.Get().(*[]byte)
	*sheet = appendJSON((*sheet)[:0], append(head, body...))
	defer sheets.Put(sheet)
	return store.Labelled(resourceType, id, patient, loaded, bytes.Clone(*sheet), CanaryMark, confidentiality(labels)) // no longer than it is: charts are kept
}

// sheets are to write on.
var sheets = sync.Pool{New: func() any { return new([]byte) }}

func ref(target string) o { return o{"reference", target} }

func code(system, code string) o { return o{"coding", list{o{"system", system, "code", code}}} }

func codeText(system, value, text string) o {
	return o{"coding", list{o{"system", system, "code", value}}, "text", text}
}

func hl7(system, value string) o { return code(sysHL7+system, value) }

func measured(value float64, m *measurement) o {
	return o{"value", num(strconv.FormatFloat(value, 'f', m.decimals, 64)), "unit", m.unit, "system", sysUCUM, "code", m.ucum}
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
