package fhirmock

import (
	"net/http"
	"strings"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/r4"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// visit is one request on its way through the API: what the guards look at.
type visit struct {
	api     *API
	http    *http.Request
	now     time.Time
	dialect control.Dialect
	route   route

	credentials []credential
	used        *credential // the last one, which is the only one unless a control is off
	token       *fapi.JWT
	hash        string // of the token: its ath, and its name in caches
	claims      fapi.AccessToken
	key         keyFound
	standing    standing
	details     []patientDetail // of the token, where it has any that count here
	partial     bool            // some detail is for elements alone
	narrow      bool            // some scope of the token is for one patient, or narrowed by a query
	queries     map[string]*scopeQuery

	certificate *certificate // nil unless the token is bound to one, and one came

	proofs []string // DPoP headers
	proof  *fapi.ReceivedProof

	door    *door
	portion portion       // what leaves of a record, or is looked at
	need    need          // what the scope is asked for
	level   string        // the type of resource that a sign-in is asked for
	patient string        // whose record is being opened
	label   byte          // of the record that is being opened
	written *r4.Node      // what is about to be stored
	ofLog   bool          // the record is an entry of the log of accesses
	logged  []string      // the patients in an entry of the log of accesses
	changes interact.Kind // what is to be done to that log
	owner   string        // of the export or subscription that is asked about
	site    string        // where that subscription sends to
	sites   []string      // that are registered for its client
	ownPage bool          // the link to a further page that is followed was made for the caller
	purpose purpose       // what the request is for; no code if it does not say
	tenant  tenant        // the organisation that it names; no number if it names none
	way     way           // by which a record is opened behind broken glass
	// assigned are those who are responsible for a patient in whose record others are to be named.
	assigned []string
	// consenting is what a Consent is asked about, and author whoever writes one.
	consenting consenting
	author     author
	broke      string  // the patient whose record was
	needs      *StepUp // what a sign-in has to be, where that is not for a type of resource
	// known: the token was found good. admitted: token and proof were in order.
	known, admitted bool
	returns         string   // Prefer: return=
	speaks          []string // the Content-Type of answers; nil while nothing is agreed
	// wait is how long a caller who has asked too often has to wait.
	wait time.Duration
}

// credential is an access token as it came.
type credential struct {
	scheme string
	token  string
	place  string // header, query, form
}

// readCredentials collects every access token of the request: headers, then query, then form.
func (v *visit) readCredentials() *problem {
	for _, h := range v.http.Header.Values("Authorization") {
		c, ok := parseAuthorization(h)
		if !ok {
			return &problem{status: http.StatusUnauthorized, code: "invalid_token", safe: "the Authorization header cannot be read: expected DPoP or Bearer, a space and the access token",
				detail: "expected Authorization: DPoP <token> or Bearer <token>, got " + quoted(h)}
		}
		v.credentials = append(v.credentials, c)
	}
	for _, t := range v.route.queryTokens {
		v.credentials = append(v.credentials, credential{schemeBearer, t, "query"})
	}
	for _, t := range v.route.formTokens {
		v.credentials = append(v.credentials, credential{schemeBearer, t, "form"})
	}
	if len(v.credentials) == 0 {
		return &problem{status: http.StatusUnauthorized, code: "login", safe: "an access token is needed", detail: "expected an Authorization header, got nothing",
			fix: "send the access token as Authorization: DPoP, with a proof in the DPoP header, or as Authorization: Bearer where it is not bound to a key"}
	}
	v.used = &v.credentials[len(v.credentials)-1]
	return nil
}

// parseAuthorization reads "scheme token68" (RFC 9110 s11.4); schemes compare without case.
func parseAuthorization(h string) (credential, bool) {
	scheme, token, ok := strings.Cut(h, " ")
	token = strings.TrimLeft(token, " ")
	if !ok || token == "" || strings.IndexByte(token, ' ') >= 0 || strings.IndexByte(token, ',') >= 0 || strings.IndexByte(token, '\t') >= 0 {
		return credential{}, false
	}
	for _, known := range []string{schemeDPoP, schemeBearer} {
		if strings.EqualFold(scheme, known) {
			return credential{known, token, "header"}, true
		}
	}
	return credential{}, false
}

// readToken takes the access token apart.
func (v *visit) readToken() *problem {
	t, err := v.api.heard.read(v.used.token)
	if err != nil {
		return &problem{status: http.StatusUnauthorized, code: "invalid_token", safe: "the access token cannot be read", detail: err.Error(),
			fix: "send the whole access token as it was issued: a JWT of three parts"}
	}
	v.token, v.claims, v.hash = t.jwt, t.claims, t.hash
	v.readDetails()
	v.narrow = isNarrow(v.claims.Scope)
	return nil
}

// listProofs collects the DPoP headers. Headers joined with commas by a proxy count one by one (RFC 9110
// s5.3), an empty one is none.
func (v *visit) listProofs() {
	for _, h := range v.http.Header.Values("DPoP") {
		for p := range strings.SplitSeq(h, ",") {
			if p = strings.TrimSpace(p); p != "" {
				v.proofs = append(v.proofs, p)
			}
		}
	}
}

// maxProof is how long a proof may be. One with an RSA-4096 key and signature has 2,000 characters.
const maxProof = 8 << 10

// readProof takes the first proof apart, as whoever asks for "the" header would.
func (v *visit) readProof() *problem {
	if len(v.proofs) == 0 {
		return nil
	}
	if n := len(v.proofs[0]); n > maxProof {
		return badProofForm("expected a proof of at most 8192 characters, got more")
	}
	p, err := fapi.ParseProof(v.proofs[0])
	if err != nil {
		return badProofForm(err.Error())
	}
	v.proof = p
	return nil
}

func badProofForm(detail string) *problem {
	return &problem{status: http.StatusUnauthorized, code: "invalid_dpop_proof", safe: "the DPoP proof cannot be read", detail: detail,
		fix: "send one signed JWT with the header members typ, alg and jwk, and the claims jti, htm, htu, iat and ath"}
}

// caller is whom the token's subject stands for, or the organisation that the request names in place of him.
func (v *visit) caller() Caller {
	if v.tenant.taken {
		return Caller{Organization: v.tenant.organization}
	}
	return v.registered()
}

// registered is whom the token's subject stands for.
func (v *visit) registered() Caller {
	c, known := v.api.Callers[v.claims.Subject]
	if known || v.api.Registered == nil || v.claims.Subject != v.claims.ClientID {
		return c
	}
	return v.api.Registered(v.claims.ClientID)
}
