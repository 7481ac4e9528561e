package idp

import (
	"strings"

	"thiefbox/sim/fapi"
)

// scopeWithin tells whether every scope that is asked for was granted: to the letter, or as a part of a SMART scope that
// was (user/Observation.r of user/*.rs). A scope narrowed by a query is a part of the same without the query, or with
// that query; which of two queries is the narrower is not for this server to say (SMART App Launch 2.2, "Scope
// Equivalence", "Finer-grained resource constraints").
func scopeWithin(asked, granted fapi.Scope) bool {
	if asked.Within(granted) {
		return true
	}
	for a := range strings.FieldsSeq(string(asked)) {
		if !granted.Has(a) && !isPart(a, granted) {
			return false
		}
	}
	return true
}

// isPart: the letters may be granted by several scopes together.
func isPart(asked string, granted fapi.Scope) bool {
	a, ok := readSMARTScope(asked)
	if !ok {
		return false
	}
	missing := a.verbs
	for v := range strings.FieldsSeq(string(granted)) {
		g, ok := readSMARTScope(v)
		if !ok || g.level != a.level || g.on != "*" && g.on != a.on || g.query != "" && g.query != a.query {
			continue
		}
		missing = strings.Map(func(c rune) rune {
			if strings.ContainsRune(g.verbs, c) {
				return -1
			}
			return c
		}, missing)
	}
	return missing == ""
}

// smartScope is a scope for records, taken apart.
type smartScope struct{ level, on, verbs, query string }

func readSMARTScope(s string) (smartScope, bool) {
	scope, query, narrowed := strings.Cut(s, "?")
	level, rest, ok1 := strings.Cut(scope, "/")
	on, verbs, ok2 := strings.Cut(rest, ".")
	if _, known := smartContexts[level]; !ok1 || !ok2 || !known || on == "" || narrowed && query == "" {
		return smartScope{}, false
	}
	switch verbs { // of version 1
	case "read":
		verbs = "rs"
	case "write":
		verbs = "cud"
	case "*":
		verbs = "cruds"
	}
	if verbs == "" || strings.ContainsFunc(verbs, func(c rune) bool { return !strings.ContainsRune("cruds", c) }) {
		return smartScope{}, false
	}
	return smartScope{level, on, verbs, query}, true
}
