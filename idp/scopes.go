package idp

import (
	"slices"
	"strings"
)

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

// describeClaims lists what is asked for by name and not by scope (OIDC Core s5.5). What stands in every
// answer is not worth a line.
func (d *demands) describeClaims() []scopeLine {
	var names []string
	for _, wishes := range []map[string]*claimWish{d.claims.Userinfo, d.claims.IDToken} {
		for name := range wishes {
			if slices.Contains(askedAbout, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	var lines []scopeLine
	for _, name := range slices.Compact(names) {
		lines = append(lines, scopeLine{name, "know your " + strings.ReplaceAll(name, "_", " ")})
	}
	return lines
}

var askedAbout = slices.Concat(scopeClaims["profile"], scopeClaims["email"], scopeClaims["phone"], scopeClaims["address"])

func describeScope(scope string) string {
	switch scope {
	case "openid":
		return "know who you are"
	case "profile":
		return "know your name, date of birth and language"
	case "email":
		return "know your e-mail address"
	case "phone":
		return "know your telephone number"
	case "address":
		return "know your postal address"
	case "offline_access":
		return "keep its access when you are not there"
	case "online_access":
		return "keep its access for as long as you are signed in"
	case "fhirUser":
		return "know which record here is your own, or which professional you are"
	case "launch":
		return "know what you opened it on"
	case "launch/patient":
		return "know whose record you choose"
	case "launch/encounter":
		return "know which encounter you choose"
	}
	if about := nationalScopes[scope]; about != nil {
		return "know what the register says of you: " + strings.Join(about, ", ")
	}
	whose, rest, ok1 := strings.Cut(scope, "/")
	rest, query, narrowed := strings.Cut(rest, "?")
	what, how, ok2 := strings.Cut(rest, ".")
	text, known := smartContexts[whose]
	if !ok1 || !ok2 || !known {
		return ""
	}
	if what == "*" {
		what = "every kind of record"
	}
	if narrowed {
		text = " where " + strings.NewReplacer("=", " is ", "&", " and ").Replace(query) + text
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
