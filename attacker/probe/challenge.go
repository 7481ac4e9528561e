package probe

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"thiefbox/sim/event"
)

// refusal is how a wrong request should be refused: a status, and a code of RFC 6750 s3.1 or RFC 9449 s12.2 in the
// WWW-Authenticate header. Another way to say no is still no: what differs is noted, for clients that go by it.
type refusal struct {
	status int // 0 if no specification says
	codes  []string
	clause string
}

var (
	asBadToken    = refusal{http.StatusUnauthorized, []string{"invalid_token"}, "RFC 6750 s3.1"}
	asBadProof    = refusal{http.StatusUnauthorized, []string{"invalid_dpop_proof", "invalid_token", "use_dpop_nonce"}, "RFC 9449 s7.1"}
	asNoNonce     = refusal{http.StatusUnauthorized, []string{"use_dpop_nonce"}, "RFC 9449 s9"}
	asNarrow      = refusal{http.StatusForbidden, []string{"insufficient_scope"}, "RFC 6750 s3.1"}
	asBadRequest  = refusal{http.StatusBadRequest, []string{"invalid_request", "invalid_token", "invalid_dpop_proof"}, "RFC 6750 s3.1"}
	asUnannounced = refusal{http.StatusUnauthorized, nil, "RFC 6750 s3.1"}
	asYouLike     = refusal{}
)

var errorCode = regexp.MustCompile(`\berror="?([a-z_]+)`)

// notes says what is unusual about refusals.
func (want refusal) notes(kind Kind, theft []Exchange) (notes []string) {
	add := func(format string, args ...any) {
		if note := fmt.Sprintf(format, args...); !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	for _, x := range theft {
		m := x.Answer
		if want.status == 0 || m.Status < 300 || m.Status >= 500 || m.Status == http.StatusTooManyRequests {
			continue
		}
		if m.Status < 400 {
			add("refused by a redirect (%d), which programs do not follow: answer %d (%s)", m.Status, want.status, want.clause)
			continue
		}
		if m.Status != want.status && (want.codes == nil || m.Status != http.StatusUnauthorized && m.Status != http.StatusBadRequest || want.status == http.StatusForbidden) {
			add("refused with %d, where clients expect %d (%s)", m.Status, want.status, want.clause)
		}
		want.challenge(kind, m, add)
	}
	return notes
}

// challenge looks at the header that says why.
func (want refusal) challenge(kind Kind, m event.Message, add func(string, ...any)) {
	challenge := strings.Join(m.Header.Values("WWW-Authenticate"), ", ")
	if challenge == "" {
		if m.Status == http.StatusUnauthorized {
			add("401 without WWW-Authenticate (RFC 9110 s11.6.1): clients are not told what to do")
		}
		return
	}
	if kind == DPoP && m.Status == http.StatusUnauthorized && !strings.Contains(strings.ToLower(challenge), "dpop") {
		add("WWW-Authenticate names no scheme DPoP (RFC 9449 s7.1)")
	}
	got := ""
	if found := errorCode.FindStringSubmatch(challenge); found != nil {
		got = found[1]
	}
	switch {
	case want.codes == nil && got != "":
		add("error %q for a request without a token; there should be none (RFC 6750 s3.1)", got)
	case want.codes != nil && got == "":
		add("WWW-Authenticate has no error; expected %s (%s)", want.codes[0], want.clause)
	case want.codes != nil && !slices.Contains(want.codes, got):
		add("error %q, where clients expect %s (%s)", got, want.codes[0], want.clause)
	}
}
