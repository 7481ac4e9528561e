package fapi

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Distinguished names as people write them (RFC 4514): "CN=web-ehr,O=Granfjelldal,C=NO", the most
// specific part first. In a certificate the order is the reverse.

// attribute is one "type=value". Those joined by a plus make one relative name.
type attribute struct{ oid, value string }

type distinguishedName [][]attribute

var attributeTypes = map[string]string{
	"CN": "2.5.4.3", "SERIALNUMBER": "2.5.4.5", "C": "2.5.4.6", "L": "2.5.4.7", "ST": "2.5.4.8", "STREET": "2.5.4.9",
	"O": "2.5.4.10", "OU": "2.5.4.11", "POSTALCODE": "2.5.4.17", "ORGANIZATIONIDENTIFIER": "2.5.4.97",
	"DC": "0.9.2342.19200300.100.1.25", "UID": "0.9.2342.19200300.100.1.1", "EMAILADDRESS": "1.2.840.113549.1.9.1",
}

// parseDN reads a name. Spaces around separators are of no meaning.
func parseDN(text string) (distinguishedName, error) {
	var dn distinguishedName
	for _, part := range splitUnescaped(text, ',') {
		var relative []attribute
		for _, one := range splitUnescaped(part, '+') {
			name, value, ok := strings.Cut(one, "=")
			if !ok {
				return nil, fmt.Errorf("subject DN: expected type=value, got %q in %q", one, text)
			}
			name = strings.ToUpper(strings.TrimSpace(name))
			oid := attributeTypes[name]
			if oid == "" {
				if strings.Trim(name, "0123456789.") != "" || name == "" {
					return nil, fmt.Errorf("subject DN: expected an attribute type such as CN, O or C, got %q in %q", name, text)
				}
				oid = name
			}
			value, err := unescapeDN(trimDN(value))
			if err != nil {
				return nil, fmt.Errorf("subject DN %q: %w", text, err)
			}
			relative = append(relative, attribute{oid, value})
		}
		sortAttributes(relative)
		dn = append(dn, relative)
	}
	return dn, nil
}

// splitUnescaped splits at a separator that no backslash precedes.
func splitUnescaped(text string, separator byte) (parts []string) {
	start := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// trimDN takes spaces off that no backslash protects.
func trimDN(value string) string {
	value = strings.TrimLeft(value, " ")
	for strings.HasSuffix(value, " ") && !strings.HasSuffix(value, `\ `) {
		value = value[:len(value)-1]
	}
	return value
}

// unescapeDN undoes RFC 4514 s2.4: a backslash before a special character, or before two hex digits.
func unescapeDN(value string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' {
			b.WriteByte(value[i])
			continue
		}
		if i++; i == len(value) {
			return "", fmt.Errorf("expected a character after the backslash")
		}
		if strings.IndexByte(`,+"\<>;=# `, value[i]) >= 0 {
			b.WriteByte(value[i])
			continue
		}
		octet, err := hex.DecodeString(value[i:min(i+2, len(value))])
		if err != nil || len(octet) != 1 {
			return "", fmt.Errorf("expected a special character or two hex digits after the backslash, got %q", value[i:])
		}
		b.Write(octet)
		i++
	}
	return b.String(), nil
}

// equal compares with the subject of a certificate, in DER. Values are compared without case and with
// runs of spaces as one, as directories do (RFC 4518 s2.6.1).
func (dn distinguishedName) equal(rawSubject []byte) bool {
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(rawSubject, &sequence); err != nil || len(rest) > 0 || len(sequence) != len(dn) {
		return false
	}
	for i, set := range sequence {
		var relative []attribute
		for _, a := range set {
			relative = append(relative, attribute{a.Type.String(), fmt.Sprint(a.Value)})
		}
		sortAttributes(relative)
		if !slices.EqualFunc(relative, dn[len(dn)-1-i], sameAttribute) {
			return false
		}
	}
	return true
}

func (dn distinguishedName) canonical() string {
	var b strings.Builder
	for _, relative := range dn {
		for _, a := range relative {
			fmt.Fprintf(&b, "%s=%q+", a.oid, strings.ToLower(strings.Join(strings.Fields(a.value), " ")))
		}
		b.WriteByte(',')
	}
	return b.String()
}

func sameAttribute(a, b attribute) bool {
	fields := func(s string) []byte { return bytes.Join(bytes.Fields([]byte(s)), []byte(" ")) }
	return a.oid == b.oid && bytes.EqualFold(fields(a.value), fields(b.value))
}

func sortAttributes(as []attribute) {
	slices.SortFunc(as, func(a, b attribute) int { return strings.Compare(a.oid+a.value, b.oid+b.value) })
}
