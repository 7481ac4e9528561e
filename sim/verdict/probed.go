package verdict

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"thiefbox/sim/event"
)

// Answered is what came of one request to somebody's own API.
type Answered struct {
	event.Message
	Lost string // why no answer came; empty if one did
	// Handshake: it was lost because the server refused the connection.
	Handshake bool
}

// Probing is what is known of one try at somebody's own API. There is no log of that API's, and no canary: the facts are
// what it answered.
type Probing struct {
	// Honest are answers to right requests for the same thing. They are empty where nobody showed that there is such a thing.
	Honest []Answered
	// Bare is the answer to a request without a token, whose words are no secret.
	Bare Answered
	// Theft are the answers to the wrong requests, and After the answer to the right one that followed.
	Theft []Answered
	After Answered
	// Silent: answers have no body. Elsewhere: what was asked for is another record than the honest caller's own.
	Silent, Elsewhere bool
}

// How much of what honest answers have in common must come back for a record to have come back, and how little is none.
const (
	mostOfIt   = 0.5
	noneOfIt   = 0.2
	someWords  = 5 // fewer than this tell nothing by themselves
	wordLength = 3
)

// JudgeProbe judges one try. A thing that refuses the honest refuses everybody, and proves nothing. Which control it was
// that refused is not to be seen from outside, so the verdict names none.
func JudgeProbe(p Probing) Verdict {
	secret := p.secret()
	for _, a := range p.Theft {
		if fact := p.fact(a, secret); fact != "" {
			return Verdict{Outcome: Breached, Facts: []Fact{{Kind: Learnt, Text: fact}}, Reason: fact}
		}
	}
	if why := p.unsound(); why != "" {
		return Verdict{Outcome: Void, Reason: why}
	}
	for _, a := range p.Theft {
		if why := p.unclear(a, secret); why != "" {
			return Verdict{Outcome: Void, Reason: why}
		}
	}
	return Verdict{Outcome: Held, Reason: p.refused()}
}

// fact says what the thief got out of an answer; empty for nothing.
func (p Probing) fact(a Answered, secret map[string]bool) string {
	if a.Lost != "" || a.Status >= 500 {
		return ""
	}
	came, served := share(a.Body, secret), a.Status >= 200 && a.Status < 300
	whole := p.same(a.Body)
	switch {
	case served && p.Silent:
		return fmt.Sprintf("it was served (%d)", a.Status)
	case served && len(p.Honest) == 0 && len(a.Body) > 0:
		return fmt.Sprintf("it was served (%d), with %d bytes", a.Status, len(a.Body))
	case served && len(p.Honest) == 0:
		return fmt.Sprintf("it was served (%d)", a.Status)
	case served && whole:
		return fmt.Sprintf("it was served (%d), with the very bytes that the honest get", a.Status)
	case served && len(secret) == 0:
		return fmt.Sprintf("it was served (%d), as the honest are", a.Status)
	case served && came >= mostOfIt:
		return fmt.Sprintf("it was served (%d), with what the honest get", a.Status)
	case !served && len(secret) >= someWords && came >= mostOfIt:
		return fmt.Sprintf("it was refused (%d), and what the honest get came along", a.Status)
	}
	return ""
}

// unclear says why an answer without a fact is no refusal either; empty if it is one.
func (p Probing) unclear(a Answered, secret map[string]bool) string {
	served := a.Status >= 200 && a.Status < 300
	switch {
	case a.Handshake:
		return ""
	case a.Lost != "":
		return "no answer came: " + a.Lost
	case a.Status >= 500:
		return fmt.Sprintf("the API fell over it (%d): what refuses a request says so with a 4xx, and what falls over might next time not", a.Status)
	case a.Status == 429:
		return "the API asked for patience (429), which is no judgement of the request"
	case served && share(a.Body, secret) >= noneOfIt:
		return fmt.Sprintf("it was answered with %d and a part of what the honest get: look at it yourself", a.Status)
	}
	return ""
}

func (p Probing) unsound() string {
	switch {
	case len(p.Theft) == 0:
		return "the right request that goes before it was not served: " + p.After.words()
	case p.After.Lost != "" || p.After.Status < 200 || p.After.Status >= 300:
		return "the API did not serve the honest afterwards: " + p.After.words()
	}
	return ""
}

func (a Answered) words() string {
	if a.Lost != "" {
		return a.Lost
	}
	return fmt.Sprint("it answered ", a.Status)
}

// refused words how all were refused.
func (p Probing) refused() string {
	var how []string
	for _, a := range p.Theft {
		word := fmt.Sprint(a.Status)
		if a.Handshake {
			word = "in the TLS handshake"
		}
		if n := len(how); n == 0 || how[n-1] != word {
			how = append(how, word)
		}
	}
	reason := "it was refused (" + strings.Join(how, ", ") + ")"
	if last := p.Theft[len(p.Theft)-1]; last.Status >= 200 && last.Status < 300 {
		reason = fmt.Sprintf("it was answered with %d, and with nothing of what the honest get", last.Status)
	}
	if p.Elsewhere && len(p.Honest) == 0 {
		reason += "; whether anybody would have been served there was not seen"
	}
	return reason
}

// same tells whether a body is one that the honest got.
func (p Probing) same(body []byte) bool {
	for _, h := range p.Honest {
		if len(body) > 0 && bytes.Equal(h.Body, body) {
			return true
		}
	}
	return false
}

// secret are the words that all honest answers have in common, and a refusal has not: the record, without the time of day.
func (p Probing) secret() map[string]bool {
	if len(p.Honest) == 0 {
		return nil
	}
	common := wordsOf(p.Honest[0].Body)
	for _, h := range p.Honest[1:] {
		keep(common, wordsOf(h.Body), true)
	}
	if p.Bare.Status < 200 || p.Bare.Status >= 300 {
		keep(common, wordsOf(p.Bare.Body), false)
	}
	return common
}

// keep leaves in words those that others have, or those that others have not.
func keep(words, others map[string]bool, have bool) {
	for w := range words {
		if others[w] != have {
			delete(words, w)
		}
	}
}

func wordsOf(body []byte) map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(string(body), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) >= wordLength {
			words[w] = true
		}
	}
	return words
}

// share is how much of the secret a body has, from 0 to 1.
func share(body []byte, secret map[string]bool) float64 {
	if len(secret) == 0 {
		return 0
	}
	words, n := wordsOf(body), 0
	for w := range secret {
		if words[w] {
			n++
		}
	}
	return float64(n) / float64(len(secret))
}
