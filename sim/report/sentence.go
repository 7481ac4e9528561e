package report

import (
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/event"
)

// requestSentence reads a request aloud: "mallory asks the FHIR API for Patient/p07 with the stolen
// token and no proof".
func (t *teller) requestSentence(r event.Request) string {
	who, to := t.name(r.From), t.name(r.To)
	if r.Message.Header.Get("Sec-Fetch-Dest") == "script" { // as browsers say of what a page loads (W3C Fetch Metadata)
		return "a page that " + who + " has open loads a script from " + to
	}
	switch t.actors[r.To].Role {
	case event.RoleResourceServer:
		return who + " " + askAPI(r.Message, to) + t.with(append(t.apiCredentials(r), inHeader(r.Message), inTheNameOf(r.Message)))
	case event.RoleAuthorizationServer:
		return who + " " + t.askServer(r, to)
	case event.RoleClient:
		return who + " " + t.askClient(r, to)
	}
	s := who + " sends " + r.Message.Method + " " + shortPath(r.Message.URL) + " to " + to
	return s + t.with([]string{carried(r.Message)})
}

func (t *teller) with(parts []string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	if len(said) == 0 {
		return ""
	}
	return " with " + list(said)
}

func askAPI(m event.Message, to string) string {
	resource := fhirPath(m)
	switch {
	case resource == "metadata" || strings.HasPrefix(resource, ".well-known"):
		return "reads the capabilities of " + to
	case inHeader(m) != "":
		return "sends " + m.Method + " " + resource + " to " + to
	case strings.Contains(resource, "?") || strings.Contains(resource, "_search"):
		return "searches " + to + " for " + resource
	case m.Method == "GET" || m.Method == "HEAD":
		if resource != "" && !strings.Contains(resource, "/") {
			return "searches " + to + " for every " + resource
		}
		return "asks " + to + " for " + resource
	}
	return "sends " + m.Method + " " + resource + " to " + to
}

// inHeader is the method that a header names in place of the request line's: "DELETE in a header".
func inHeader(m event.Message) string {
	for _, name := range []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"} {
		if method := m.Header.Get(name); method != "" {
			return method + " in a header"
		}
	}
	return ""
}

// inTheNameOf is the organisation that a request names as the one that asks.
func inTheNameOf(m event.Message) string {
	if number := m.Header.Get("X-Tenant-ID"); number != "" {
		return "the organisation " + number + " in a header"
	}
	return ""
}

// fhirPath is the interaction without the base: "Observation?patient=p07".
func fhirPath(m event.Message) string {
	u, err := url.Parse(m.URL)
	if err != nil {
		return m.URL
	}
	p := strings.TrimPrefix(shortPath(u.Scheme+"://"+u.Host+u.Path), "/")
	query := u.Query()
	query.Del("access_token") // said apart, and not to be shown
	if m.Method == http.MethodPost && strings.HasSuffix(p, "_search") {
		eachPair(string(m.Body), func(name, value string) {
			if secretFields[name] != kindAccessToken {
				query.Add(name, value)
			}
		})
		p = strings.TrimSuffix(p, "/_search")
	}
	if len(query) == 0 {
		return p
	}
	words, _ := url.QueryUnescape(query.Encode())
	return p + "?" + words
}

// askServer words a request to an authorization server by its endpoint.
func (t *teller) askServer(r event.Request, to string) string {
	m := r.Message
	u, err := url.Parse(m.URL)
	if err != nil {
		return "sends " + m.Method + " to " + to
	}
	form := url.Values{}
	if m.Method == http.MethodPost {
		form, _ = url.ParseQuery(string(m.Body))
	}
	switch last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]; {
	case strings.Contains(u.Path, "/.well-known/"):
		return "reads the metadata of " + to
	case last == "jwks":
		return "fetches the keys of " + to
	case last == "par":
		if object := form.Get("request"); object != "" {
			return "pushes " + t.signedRequest(object, r.From) + " to " + to + t.with(t.clientCredentials(r, form))
		}
		return "pushes an authorization request to " + to + t.with(t.clientCredentials(r, form))
	case last == "token":
		return t.tokenRequest(r, form, to) + t.with(append(t.refreshToken(r, form), t.clientCredentials(r, form)...))
	case last == "introspect":
		return "asks " + to + " about " + t.held(kindAccessToken, form.Get("token"), r.From)
	case last == "revoke":
		return "asks " + to + " to revoke " + t.held(kindAccessToken, form.Get("token"), r.From) + t.with(t.clientCredentials(r, form))
	case form.Has("username") && form.Get("username") == r.From:
		return "signs in at " + to
	case form.Has("username"):
		return "signs in at " + to + " as " + form.Get("username")
	case form.Has("decision"):
		return "answers " + to + ": " + form.Get("decision")
	case last == "consent":
		return "opens the consent page of " + to
	case last == "authorize":
		if r := u.Query().Get("request_uri"); r != "" {
			return "opens the sign-in of " + to + " with a pushed request"
		}
		return "opens the sign-in of " + to
	}
	return "sends " + m.Method + " " + shortPath(m.URL) + " to " + to
}

func (t *teller) tokenRequest(r event.Request, form url.Values, to string) string {
	switch form.Get("grant_type") {
	case "authorization_code":
		return "redeems " + t.held(kindCode, form.Get("code"), r.From) + " at " + to
	case "refresh_token":
		return "asks " + to + " for a fresh token"
	case "client_credentials":
		return "asks " + to + " for a token in a client's own name"
	}
	return "asks " + to + " for a token"
}

func (t *teller) refreshToken(r event.Request, form url.Values) []string {
	if form.Get("grant_type") != "refresh_token" {
		return nil
	}
	return []string{t.held(kindRefreshToken, form.Get("refresh_token"), r.From)}
}

// askClient words what a browser does at an honest client.
func (t *teller) askClient(r event.Request, to string) string {
	m := r.Message
	u, err := url.Parse(m.URL)
	if err != nil {
		return "sends " + m.Method + " to " + to
	}
	q := u.Query()
	switch {
	case q.Has("response"):
		p, _ := peek(q.Get("response"))
		return "comes back to " + to + " with " + t.signedAnswer(q.Get("response"), p, r.From)
	case q.Has("code"):
		return "comes back to " + to + " with " + t.held(kindCode, q.Get("code"), r.From)
	case q.Has("error"):
		return "comes back to " + to + " with the error " + q.Get("error")
	case strings.HasSuffix(u.Path, "/login"):
		return "begins a sign-in at " + to
	case strings.Contains(u.Path, "/patients/"):
		return "opens " + u.Path[strings.Index(u.Path, "/patients/")+1:] + " at " + to
	case u.Path == "" || u.Path == "/":
		return "opens " + to
	}
	return "sends " + m.Method + " " + shortPath(m.URL) + " to " + to
}

// signedRequest words a request object, and whose it is if the thief pushes it.
func (t *teller) signedRequest(object, by string) string {
	if t.isThief(by) {
		return t.held(kindRequestObject, object, by)
	}
	return "a signed authorization request"
}

// signedAnswer words an authorization response that is a JWT (JARM).
func (t *teller) signedAnswer(compact string, p peeked, by string) string {
	what := "the error " + p.claim("error")
	if code := p.claim("code"); code != "" {
		what = t.held(kindCode, code, by)
	}
	if strings.EqualFold(p.Alg, "none") {
		return what + ", in an answer that nobody has signed"
	}
	if _, seen := t.first[compact]; seen && t.isThief(by) {
		return what + ", in the signed answer that he has"
	}
	return what + ", in a signed answer"
}

// minor tells requests that are machinery to a reader who wants the story.
func (t *teller) minor(r event.Request) bool {
	u, err := url.Parse(r.Message.URL)
	if err != nil {
		return false
	}
	if strings.HasSuffix(u.Path, "/introspect") {
		return !t.isThief(r.From)
	}
	return strings.Contains(u.Path, "/.well-known/") || strings.HasSuffix(u.Path, "/jwks") || strings.HasSuffix(u.Path, "/metadata")
}
