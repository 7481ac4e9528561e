package fhirmock

import (
	"net/http"
	"strings"

	"thiefbox/fhirmock/interact"
	"thiefbox/sim/control"
)

// A method in a header. Clients behind old proxies could send nothing but GET and POST, and so came to say in a header
// which method a POST stands for; frameworks still honour it, of a POST alone. What looks at the request line has judged a
// POST by then: the scope was asked for a creation, the proof was for POST (RFC 9449 s4.3-8), and what is carried out
// is a deletion. A header that names the method of the request line says nothing new, and is passed over.

// overrides are the headers that frameworks read, the first of them first.
var overrides = []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"}

// overrideGuards stand before requests that name another method in a header, and before no others.
var overrideGuards = []control.Guard[visit]{
	{Control: control.RSMethodOverride, Check: checkMethodOverride, Answer: control.Answer{
		Status: http.StatusBadRequest, Code: "not-supported", Safe: "the method of a request stands in its request line, and in no header"}},
}

// overridden is the method that a header names in place of the request line's, or "".
func overridden(line string, h http.Header) string {
	for _, name := range overrides {
		values := h[name]
		if len(values) == 0 {
			continue
		}
		if m := strings.ToUpper(strings.TrimSpace(values[0])); m != "" {
			if m == line {
				return ""
			}
			return m
		}
	}
	return ""
}

// MethodOf is the method that a request asks to have carried out: the request line's, unless that is POST and a header
// names another.
func MethodOf(line string, h http.Header) string {
	if m := overridden(line, h); m != "" && line == http.MethodPost {
		return m
	}
	return line
}

// asLined is the interaction that the request line asks for, by which whatever stands before the application goes.
func (v *visit) asLined() interact.Kind {
	if v.route.override != "" && v.http.Method == http.MethodPost {
		return interact.Create
	}
	return v.route.Kind
}

// checkMethodOverride: SP 5.3.4-4, RFC 9110 s9.1. What a token and a proof were held against is what is carried out.
func checkMethodOverride(v *visit) (string, error) {
	return v.route.override, control.ExpectedFix("method", v.http.Method+" as in the request line", quoted(v.route.override)+" in a header",
		"send the request with that method, and have proxies and frameworks drop "+overrides[0]+" and its like")
}
