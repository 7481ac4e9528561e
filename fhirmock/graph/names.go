package graph

import (
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// rootType is the type of what a query of the whole system selects from.
const rootType = "Query"

const elementBase = "ElementBase"

// shown is the name of a type in GraphQL, which has no dots: PatientContact for Patient.contact.
func shown(typeName string) string {
	first, rest, part := strings.Cut(typeName, ".")
	if typeName == "Element" { // as in HL7's GraphQL definitions
		return elementBase
	}
	if !part {
		return typeName
	}
	var b strings.Builder
	b.WriteString(first)
	for word := range strings.SplitSeq(rest, ".") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// partOf is the part of a type that is shown by a name; "" for none.
func partOf(name string) string {
	for i := 1; i < len(name); i++ {
		if name[i] >= 'A' && name[i] <= 'Z' && r4.IsType(name[:i]) {
			if path := below(name[:i], name[i:]); path != "" {
				return path
			}
		}
	}
	return ""
}

func below(path, rest string) string {
	if rest == "" {
		return path
	}
	for i := 1; i <= len(rest); i++ {
		if i < len(rest) && (rest[i] < 'A' || rest[i] > 'Z') {
			continue
		}
		if next := path + "." + strings.ToLower(rest[:1]) + rest[1:i]; r4.IsType(next) {
			if whole := below(next, rest[i:]); whole != "" {
				return whole
			}
		}
	}
	return ""
}

// searched takes the type out of the name of a field that searches: PatientList, PatientConnection.
func searched(field string) (resourceType string, paged, ok bool) {
	if t, is := strings.CutSuffix(field, "List"); is && query.Served(t) {
		return t, false, true
	}
	if t, is := strings.CutSuffix(field, "Connection"); is && query.Served(t) {
		return t, true, true
	}
	return "", false, false
}

// connected tells whether a type is that of a page, or of an entry of one.
func connected(name string) bool {
	if t, entry := strings.CutSuffix(name, entryKind); entry {
		return query.Served(t)
	}
	_, paged, ok := searched(name)
	return ok && paged
}

// parameter is the search parameter that an argument stands for: names in GraphQL have no hyphens (R4 graphql,
// "Searching resources").
func parameter(argument string) string {
	if strings.HasPrefix(argument, "_") {
		return argument
	}
	return strings.ReplaceAll(argument, "_", "-")
}
