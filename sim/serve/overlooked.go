package serve

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"thiefbox/fhirmock"
	"thiefbox/sim/event"
)

// What was granted and will be of no use. A server may grant a scope for a type that no API of its serves (RFC 6749
// s3.3 lets it leave that out, and does not ask it to), and here it does: the mistake is then met at the API, an hour
// and a sign-in later, as a missing scope.

// overlooked says of the latest requests that were granted what their sender will want to know; a sentence each,
// the same one once.
func overlooked(events []event.Event) (told []string) {
	answered := map[int]int{}
	for _, e := range events {
		if b, ok := e.Body.(event.Response); ok {
			answered[e.Exchange] = b.Message.Status
		}
	}
	for _, e := range events {
		b, ok := e.Body.(event.Request)
		if status := answered[e.Exchange]; !ok || b.To != "as" || status == 0 || status >= 400 {
			continue
		}
		for scope := range strings.FieldsSeq(scopeAsked(b.Message)) {
			name := unservedType(scope)
			if name == "" {
				continue
			}
			said := fmt.Sprintf("%s asked for the scope %s and was not refused, but no %s is served here: expected a type as FHIR R4 spells it, such as Observation, or *",
				b.From, scope, name)
			if !slices.Contains(told, said) {
				told = append(told, said)
			}
		}
	}
	return told
}

// scopeAsked is the scope of a pushed or plain authorization request, or of a request for a token.
func scopeAsked(m event.Message) string {
	u, err := url.Parse(m.URL)
	if err != nil {
		return ""
	}
	form, err := url.ParseQuery(string(m.Body))
	if err != nil {
		form = url.Values{}
	}
	return firstOf(form.Get("scope"), u.Query().Get("scope"))
}

// unservedType is the resource type of a SMART scope, if there is none such here.
func unservedType(scope string) string {
	level, rest, _ := strings.Cut(scope, "/")
	name, _, dotted := strings.Cut(rest, ".")
	if !dotted || !slices.Contains([]string{"patient", "user", "system"}, level) || name == "*" || fhirmock.HasType(name) {
		return ""
	}
	return name
}
