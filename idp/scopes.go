package idp

import "strings"

// scopeLine is one scope as the page shows it.
type scopeLine struct{ Value, Text string }

// describe puts scopes into words: OpenID Connect's, and SMART on FHIR's ("user/Observation.rs": on
// whose behalf, which records, which interactions). What it does not know is shown as it is.
func describe(scopes []string) []scopeLine {
	lines := make([]scopeLine, 0, len(scopes))
	for _, scope := range scopes {
		lines = append(lines, scopeLine{scope, describeScope(scope)})
	}
	return lines
}

func describeScope(scope string) string {
	switch scope {
	case "openid":
		return "know who you are"
	case "profile":
		return "know your name"
	case "offline_access":
		return "keep its access when you are not there"
	}
	whose, rest, ok1 := strings.Cut(scope, "/")
	what, how, ok2 := strings.Cut(rest, ".")
	text, known := smartContexts[whose]
	if !ok1 || !ok2 || !known {
		return ""
	}
	if what == "*" {
		what = "every kind of record"
	}
	switch changes := strings.ContainsAny(how, "cud"); {
	case how == "read", how != "write" && how != "*" && !changes:
		return "read " + what + text
	}
	return "read and change " + what + text
}

var smartContexts = map[string]string{
	"patient": " of one patient", "user": " that you may open", "system": " in its own name",
}
