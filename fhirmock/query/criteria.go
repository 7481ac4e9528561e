package query

import (
	"net/url"
	"strings"

	"thiefbox/fhirmock/store"
)

// mostCriteria is how long the criteria of a subscription may be.
const mostCriteria = 4 << 10

// Criteria reads what a subscription waits for: a type, and conditions on a record by itself, as they stand behind the
// base of the API ("Observation?code=…"; R4 subscription, "criteria"). Without conditions every record of the type meets
// them. What would look through other records is refused, and so is what only says how results are shown.
func Criteria(c Context, raw string) (resourceType string, filters []store.Filter, err error) {
	if len(raw) > mostCriteria {
		return "", nil, bad("too-long", "expected criteria of at most %d characters, got %d", mostCriteria, len(raw))
	}
	resourceType, conditions, _ := strings.Cut(strings.TrimPrefix(raw, "/"), "?")
	switch {
	case !Served(resourceType):
		return "", nil, bad("not-supported", "expected criteria that begin with a type which is served, such as Observation?code=…, got %s%s", Quote(raw), DidYouMean(resourceType, Types))
	case resourceType == "Subscription" || resourceType == "AuditEvent":
		return "", nil, bad("not-supported", "expected criteria about records of patients, professionals or places, got %s: of subscriptions and of the log nobody is notified", resourceType)
	}
	params, err := url.ParseQuery(conditions)
	if err != nil {
		return "", nil, bad("invalid", "expected criteria with name=value pairs behind the question mark, got %s", Quote(raw))
	}
	total := 0
	for _, values := range params {
		total += len(values)
	}
	switch {
	case total > mostParameters:
		return "", nil, bad("too-costly", "expected at most %d parameters, got %d", mostParameters, total)
	case total == 0:
		return resourceType, nil, nil
	}
	filters, err = Constraint(c, resourceType, conditions)
	return resourceType, filters, err
}
