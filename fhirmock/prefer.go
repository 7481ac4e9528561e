package fhirmock

import "strings"

// readPreferences reads how the caller wants it done (RFC 7240 s2, R4 http, "Managing Return Content"). Names compare
// without case, values may be quoted and have parameters; of a preference that comes twice the first counts, and what is
// not understood is passed over.
func (v *visit) readPreferences() {
	r := v.route.Request
	seen := map[string]bool{}
	for _, line := range v.http.Header.Values("Prefer") {
		for _, item := range preferences(line) {
			name, value, _ := strings.Cut(item, "=")
			name, value = strings.ToLower(strings.TrimSpace(name)), strings.Trim(strings.TrimSpace(value), `"`)
			if seen[name] {
				continue
			}
			seen[name] = true
			switch name {
			case "handling":
				r.Lenient = value == "lenient"
			case "return":
				v.returns, r.Returns = value, value
			case "respond-async":
				r.Async = true
			}
		}
	}
}

// preferences splits a list at commas. Semicolons count as such: clients write them, and no preference that is read here
// has parameters.
func preferences(line string) []string {
	quoted := false
	return strings.FieldsFunc(line, func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return !quoted && (c == ',' || c == ';')
	})
}
