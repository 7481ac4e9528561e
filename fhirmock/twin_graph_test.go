package fhirmock

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// What twins are asked by GraphQL: records by id, lists and pages of searches, from there on by references and back.

// queries is one query, of the system or of an instance.
func (tw *twins) queries(t *rapid.T) ask {
	kind := tw.kind(t)
	a := ask{method: "POST", kind: graphType, headers: map[string]string{}}
	if rapid.IntRange(0, 2).Draw(t, "instance") == 0 {
		a.target, a.body = "/"+kind+"/"+tw.id(t, kind)+"/$graphql", tw.selects(t, kind, 2)
		return a
	}
	a.target = "/$graphql"
	if rapid.IntRange(0, 2).Draw(t, "by id") == 0 {
		a.body = fmt.Sprintf("{ %s(id: %q) %s }", kind, tw.id(t, kind), tw.selects(t, kind, 2))
		return a
	}
	a.body = "{ " + tw.searches(t, kind, "", 2) + " }"
	return a
}

// searches is a list or a page, of what refers back if it is said by which parameter.
func (tw *twins) searches(t *rapid.T, kind, back string, deep int) string {
	var args []string
	if back != "" {
		args = append(args, "_reference: "+strings.ReplaceAll(back, "-", "_"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "arguments") {
		p := rapid.SampledFrom(r4.Params(kind)).Draw(t, "argument")
		name, value := tw.condition(t, kind, p)
		name = strings.ReplaceAll(name, "-", "_")
		if strings.Contains(name, ":") || back != "" && name == "_id" || slices.ContainsFunc(args, func(s string) bool { return strings.HasPrefix(s, name+":") }) {
			continue
		}
		args = append(args, name+": "+strconv.QuoteToASCII(value))
	}
	if n := rapid.SampledFrom([]string{"", "1", "5", "40", "250"}).Draw(t, "count"); n != "" {
		args = append(args, "_count: "+n)
	}
	if rapid.IntRange(0, 2).Draw(t, "sorted") == 0 && kind != "AuditEvent" {
		args = append(args, `_sort: "`+rapid.SampledFrom([]string{"_id", "-_lastUpdated"}).Draw(t, "sort")+`"`)
	}
	given := ""
	if len(args) > 0 {
		given = "(" + strings.Join(args, ", ") + ")"
	}
	if rapid.IntRange(0, 1).Draw(t, "paged") == 0 {
		return kind + "List" + given + " " + tw.selects(t, kind, deep-1)
	}
	return kind + "Connection" + given + " { count next offset edges { mode resource " + tw.selects(t, kind, deep-1) + " } }"
}

// selects is what is selected of a type: its id, a reference that is followed, what refers back.
func (tw *twins) selects(t *rapid.T, kind string, deep int) string {
	parts := []string{"id", "meta { versionId security { code } }"}
	if deep > 0 {
		if refs := links[kind]; refs != "" && rapid.IntRange(0, 1).Draw(t, "follows") == 0 {
			optional := rapid.SampledFrom([]string{"", "(optional: true)"}).Draw(t, "optional")
			parts = append(parts, refs+" { reference resource"+optional+" { resourceType id ... on Patient { birthDate } ... on Practitioner "+tw.selects(t, "Practitioner", deep-1)+" } }")
		}
		if from := back(kind); len(from) > 0 && rapid.IntRange(0, 1).Draw(t, "back") == 0 {
			source, param, _ := strings.Cut(rapid.SampledFrom(from).Draw(t, "way"), ":")
			if query.Served(source) {
				parts = append(parts, tw.searches(t, source, param, deep))
			}
		}
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

// links are elements that are references.
var links = map[string]string{"Patient": "generalPractitioner", "Observation": "subject", "Condition": "subject", "Encounter": "subject", "MedicationRequest": "requester", "Provenance": "target", "PractitionerRole": "practitioner"}
