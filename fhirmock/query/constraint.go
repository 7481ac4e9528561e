package query

import (
	"net/url"

	"thiefbox/fhirmock/store"
)

// Constraint reads conditions that are put on records beforehand, such as those behind a scope
// ("category=laboratory&status=final"). They are for a record by itself: what looks through other records (chains,
// _has) and what only says how results are shown is refused, and so is a constraint that has no condition.
func Constraint(c Context, resourceType, raw string) ([]store.Filter, error) {
	params, err := url.ParseQuery(raw)
	if err != nil {
		return nil, bad("invalid", "expected name=value pairs, got %s", Quote(raw))
	}
	c.Lenient = false
	var out []store.Filter
	for name, values := range params {
		for _, value := range values {
			f, err := parseFilter(c, resourceType, name, value, 0)
			if err != nil {
				return nil, err
			}
			if !f.plain() {
				return nil, bad("not-supported", "expected a condition on the record itself, got %s", Quote(name))
			}
			out = append(out, f.Filter)
		}
	}
	if len(out) == 0 {
		return nil, bad("required", "expected a condition, got none")
	}
	return out, nil
}
