package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
)

// profileDoc is what `explain --json` prints about a profile.
type profileDoc struct {
	report.Profile
	Dialect control.Dialect `json:"dialect"`
	// Before is how it differs from the profile before it (or from the one its name extends); nil for the first.
	Before *differenceDoc `json:"differs_from,omitempty"`
}

// differenceDoc is what one profile has that another has not.
type differenceDoc struct {
	Profile string   `json:"profile"`
	Dialect []string `json:"dialect"` // members of the dialect that differ
	Added   []string `json:"added"`   // controls
	Removed []string `json:"removed"`
}

func describeProfile(p control.Profile) profileDoc {
	doc := profileDoc{Profile: sim.DescribeProfile(p), Dialect: p.Dialect}
	if before, ok := profileBefore(p); ok {
		doc.Before = &differenceDoc{
			Profile: before.Name, Dialect: differingMembers(before.Dialect, p.Dialect),
			Added: idsOf(controlsBeyond(p, before)), Removed: idsOf(controlsBeyond(before, p)),
		}
	}
	return doc
}

// profileBefore is the one a profile is best compared with: what stands before the plus in its name, or
// else the one listed before it.
func profileBefore(p control.Profile) (control.Profile, bool) {
	all := control.Profiles()
	if base, _, more := strings.Cut(p.Name, "+"); more {
		if before, err := control.ProfileNamed(base); err == nil {
			return before, true
		}
	}
	i := slices.IndexFunc(all, func(other control.Profile) bool { return other.Name == p.Name })
	// The nearest that binds tokens in the same way, or else the nearest.
	for before := i - 1; before >= 0; before-- {
		if all[before].Dialect.Constraint == p.Dialect.Constraint {
			return all[before], true
		}
	}
	if i < 1 {
		return control.Profile{}, false
	}
	return all[i-1], true
}

// controlsBeyond are those of p that other has not.
func controlsBeyond(p, other control.Profile) []*control.Control {
	return slices.DeleteFunc(p.Controls.Controls(), func(c *control.Control) bool {
		return slices.Contains(other.Controls.Controls(), c)
	})
}

func idsOf(cs []*control.Control) []string {
	ids := make([]string, len(cs))
	for i, c := range cs {
		ids[i] = c.ID
	}
	return ids
}

// differingMembers names the members of two dialects' JSON that differ, sorted.
func differingMembers(a, b control.Dialect) []string {
	x, y := members(a), members(b)
	differing := []string{}
	for name := range y {
		if x[name] != y[name] {
			differing = append(differing, name)
		}
	}
	for name := range x {
		if _, both := y[name]; !both {
			differing = append(differing, name)
		}
	}
	slices.Sort(differing)
	return differing
}

func members(d control.Dialect) map[string]any {
	out := map[string]any{}
	if b, err := json.Marshal(d); err == nil {
		_ = json.Unmarshal(b, &out) // what was just written can be read
	}
	return out
}

func explainProfile(w page, p control.Profile) {
	fmt.Fprintf(w, "%s\n%s\n", p.Name, p.Title)
	section(w, "How honest parties speak", dialectWords(p.Dialect)...)
	if before, ok := profileBefore(p); ok {
		section(w, "What differs from "+before.Name, differenceWords(before, p)...)
	}
	byOwner := map[control.Party][]string{}
	for _, c := range p.Controls.Controls() {
		byOwner[c.Owner] = append(byOwner[c.Owner], c.ID+": "+c.Title)
	}
	for _, owner := range []control.Party{control.AS, control.RS, control.Client} {
		section(w, fmt.Sprintf("What %s checks (%d of %d controls)", ownerWords[owner], len(byOwner[owner]), p.Controls.Len()), byOwner[owner]...)
	}
	section(w, "Run it", "thiefbox matrix --profile "+p.Name)
}

// dialectWords is a dialect in sentences. Each stands for itself, so that two dialects can be compared
// line by line.
func dialectWords(d control.Dialect) []string {
	lines := []string{
		"clients authenticate by " + string(d.ClientAuth) + assertionWords(d),
		"access tokens are " + constraintWords[d.Constraint],
		"access tokens live " + span(d.AccessTokenLifetime) + " and are signed with " + d.TokenAlg,
		"authorization requests are " + requestWords[d.Request] + " and carry " + ifElse(d.PKCE, "a PKCE challenge", "no PKCE challenge"),
		"each token is for " + ifElse(d.PerAPITokens, "one API", "every API at once"),
		"APIs " + ifElse(d.Introspection, "ask the authorization server about each token", "judge tokens on their own"),
	}
	if d.Response == control.JWTResponse {
		lines = append(lines, "authorization responses are signed (JARM)")
	}
	if d.SignedIntrospection {
		lines = append(lines, "what the authorization server says about a token is signed (RFC 9701)")
	}
	if d.ClientAlgs == "national" {
		lines = append(lines, "clients sign with RS, PS or ES, with 256, 384 or 512")
	}
	if d.Shape == control.ShapeHelseID {
		lines = append(lines, "access tokens have the claims and forms of HelseID, whose structures may come inside client assertions")
	}
	if d.RefreshRotation {
		lines = append(lines, "each refresh brings a new refresh token")
	}
	if d.CodeBinding {
		lines = append(lines, "authorization codes are bound to the client's DPoP key")
	}
	return lines
}

// assertionWords says what a client writes into its assertions, if it makes any.
func assertionWords(d control.Dialect) string {
	if d.ClientAuth != control.PrivateKeyJWT {
		return ""
	}
	s := ", for " + ifElse(d.AssertionAudience == control.AudienceIssuer, "the issuer", "the token endpoint")
	if d.AssertionLifetime > 0 {
		s += ", good for " + span(d.AssertionLifetime)
	}
	if d.AssertionTyp != "" {
		s += ", with the typ " + d.AssertionTyp
	}
	return s
}

// differenceWords says what changed from one profile to the next.
func differenceWords(before, p control.Profile) []string {
	var lines []string
	old := dialectWords(before.Dialect)
	for _, l := range dialectWords(p.Dialect) {
		if !slices.Contains(old, l) {
			lines = append(lines, "now "+l)
		}
	}
	if before.Dialect.CodeBinding && !p.Dialect.CodeBinding {
		lines = append(lines, "authorization codes are no longer bound to the client's DPoP key")
	}
	if before.Dialect.Response == control.JWTResponse && p.Dialect.Response != control.JWTResponse {
		lines = append(lines, "authorization responses and answers about tokens are no longer signed")
	}
	if added := idsOf(controlsBeyond(p, before)); len(added) > 0 {
		lines = append(lines, fmt.Sprintf("%d more: %s", len(added), words(added, "and")))
	}
	if removed := idsOf(controlsBeyond(before, p)); len(removed) > 0 {
		lines = append(lines, fmt.Sprintf("%d fewer: %s", len(removed), words(removed, "and")))
	}
	return lines
}

var constraintWords = map[control.Constraint]string{
	control.Bearer: "bearer tokens, good for whoever holds them", control.DPoP: "bound to the client's DPoP key",
	control.MTLS: "bound to the client's TLS certificate (RFC 8705)",
}

var requestWords = map[control.Request]string{
	control.PlainRequest: "plain, in the browser's address bar", control.PushedRequest: "pushed (RFC 9126)",
	control.SignedRequest: "pushed as signed request objects (RFC 9126, RFC 9101)",
}
