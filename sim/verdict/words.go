package verdict

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"thiefbox/sim/event"
)

// thief is what to call him.
func (c *casefile) thief() string {
	if len(c.thieves) == 0 {
		return "the thief"
	}
	return c.thieves[0]
}

// name is what to call a party in a sentence: people by their id, machines by what they are.
func (c *casefile) name(party string) string {
	id, _, _ := strings.Cut(party, "/")
	a := c.actors[id]
	if a == nil || a.Name == "" || a.Role == event.RolePerson || a.Role == event.RoleThief {
		return id
	}
	return "the " + lower(a.Name)
}

// lower begins a description in the middle of a sentence: "Web EHR" becomes "web EHR", "FHIR API" stays.
func lower(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[size:]); !unicode.IsLower(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// breach sums the facts up: records first, since they are what the thief came for.
func (c *casefile) breach(facts []Fact) string {
	var records []string
	for _, f := range facts {
		if f.Kind == Learnt {
			records = append(records, f.Patient)
		}
	}
	switch n := len(records); {
	case n == 0 && len(facts) > 1:
		return fmt.Sprintf("%s (and %d more like it)", facts[0].Text, len(facts)-1)
	case n == 0:
		return facts[0].Text
	case n == 1:
		return c.thief() + " has the record of patient " + records[0] + ", which is not his to read"
	case n <= 3:
		return fmt.Sprintf("%s has the records of %d patients that are not his to read: %s", c.thief(), n, strings.Join(records, ", "))
	default:
		return fmt.Sprintf("%s has the records of %d patients that are not his to read: %s and others",
			c.thief(), n, strings.Join(records[:3], ", "))
	}
}

// defence words a refusal: who, and over what. The whole diagnosis is in the ruling.
func (c *casefile) defence(r event.Ruling) string {
	over := ""
	if r.What != "" {
		over = " over the " + r.What
	}
	verb := " stopped "
	if r.Outcome == "challenged" {
		verb = " demanded what he did not have, and so stopped "
	}
	return c.name(r.Party) + verb + c.thief() + over + " (" + r.Control + ")"
}

func article(credential string) string {
	word := strings.ReplaceAll(credential, "_", " ")
	if word != "" && strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

// path is a URL without its origin and its query, for a sentence.
func path(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			url = rest[i:]
		} else {
			url = "/"
		}
	}
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		url = url[:i]
	}
	return url
}
