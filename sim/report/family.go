package report

import "strings"

// FamilyOf is the family an attack belongs to: what its id begins with, before the dash.
func FamilyOf(id string) string {
	f, _, _ := strings.Cut(id, "-")
	return f
}

// FamilyTitle says what the attacks of a family are about, in a few words. It is empty for a family that
// nobody has named.
func FamilyTitle(family string) string {
	switch family {
	case "T":
		return "stolen access tokens"
	case "D":
		return "DPoP proofs and the tokens they go with"
	case "M":
		return "certificates and the tokens bound to them"
	case "C":
		return "codes, PKCE and the browser's session"
	case "X":
		return "servers, parties and tokens mistaken for each other"
	case "R":
		return "redirects, and pages that deceive people"
	case "P":
		return "pushed and signed requests, signed responses"
	case "K":
		return "how clients prove who they are"
	case "L":
		return "refresh tokens, revocation and introspection"
	case "J":
		return "how JWTs are read"
	case "S":
		return "registration of clients"
	case "SM":
		return "SMART app launch"
	case "F":
		return "the records API, with a token that is in order"
	case "E":
		return "people, devices and organisations taken over"
	case "CH":
		return "chains: several attacks, one after the other"
	}
	return ""
}

// FamilyHeading is a family as a heading has it: "D: DPoP proofs ..", or the letter alone.
func FamilyHeading(family string) string {
	if title := FamilyTitle(family); title != "" {
		return family + ": " + title
	}
	return family
}
