package serve

// How the suite's scripted browser goes through the sign-in pages. A page is known by the id of its
// buttons, since a browser that has signed in before meets the consent page at the first URL.

// suiteBrowser is what to do at a URL.
type suiteBrowser struct {
	Comment string `json:"comment,omitempty"`
	Match   string `json:"match"`
	// MatchLimit is how often it is done; 0 for always.
	MatchLimit int         `json:"match-limit,omitempty"`
	Tasks      []suiteTask `json:"tasks"`
}

type suiteTask struct {
	Name     string  `json:"task"`
	Match    string  `json:"match"`
	Optional bool    `json:"optional,omitempty"`
	Commands [][]any `json:"commands,omitempty"`
}

type suiteOverride struct {
	Browser []suiteBrowser `json:"browser"`
}

// The buttons of the consent page.
const (
	suiteAllow = "allow"
	suiteDeny  = "deny"
)

// suitePerson signs in. A doctor may read the record that is the suite's resource.
const suitePerson = "berg"

// suiteBrowser signs in, answers the consent page, and sees either the suite's callback or an error page,
// which it keeps in place of a screenshot.
func (i *Issuer) suiteBrowser(decision string) []suiteBrowser {
	page := i.URL + "/authorize*"
	return []suiteBrowser{{
		Match: page,
		Tasks: []suiteTask{
			{"Sign in", page, true, [][]any{
				{"click", "xpath", "//option[@value='" + suitePerson + "']", "optional"},
				{"click", "id", "pick", "optional"},
			}},
			{"Answer the consent page", page, true, [][]any{{"click", "id", decision, "optional"}}},
			{"Keep the error page", page, true, [][]any{{"wait", "id", "refusal", 10, ".*", "update-image-placeholder"}}},
			{"See the client", i.tenant.server.config.suiteRedirects()[0] + "*", true, [][]any{{"wait", "id", "submission_complete", 10}}},
		},
	}}
}

// suiteOverrides are the modules in which a person does something else.
func (i *Issuer) suiteOverrides() map[string]suiteOverride {
	page := i.URL + "/authorize*"
	const prefix = "fapi2-security-profile-final-"
	return map[string]suiteOverride{
		prefix + "user-rejects-authentication": {i.suiteBrowser(suiteDeny)},
		prefix + "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds": {append([]suiteBrowser{{
			Comment: "the first visit sees the sign-in page and goes away", Match: page, MatchLimit: 1,
			Tasks: []suiteTask{{"See the sign-in page", page, false, [][]any{{"wait", "id", "pick", 10}}}},
		}}, i.suiteBrowser(suiteAllow)...)},
	}
}
