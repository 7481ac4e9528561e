package report

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"thiefbox/sim/event"
)

// responseSentence reads an answer aloud: "the FHIR API refuses, 401: it insists that the proof's key
// is the key the token is bound to (rs/dpop-binding)".
func (t *teller) responseSentence(x *Exchange, m event.Message) string {
	who := t.name(x.Request.To)
	if r, ok := lastWith(x.Rulings, outcomeRefused); ok {
		return t.refusal(who, x, r, m)
	}
	if r, ok := lastWith(x.Rulings, outcomeChallenged); ok && m.Status >= 400 {
		return who + " asks to try again, " + itoa(m.Status) + ": " + insists(r)
	}
	if m.Status >= 400 {
		return who + " answers " + itoa(m.Status) + detail(x, m)
	}
	switch t.actors[x.Request.To].Role {
	case event.RoleResourceServer:
		return who + " answers with " + served(x)
	case event.RoleAuthorizationServer:
		return who + " " + serverAnswer(x, m)
	}
	if to := m.Header.Get("Location"); to != "" {
		return who + " sends the browser of " + t.name(x.Request.From) + " on to " + destination(to)
	}
	return who + " answers " + itoa(m.Status)
}

func lastWith(rulings []event.Ruling, outcome string) (event.Ruling, bool) {
	for i := len(rulings) - 1; i >= 0; i-- {
		if rulings[i].Outcome == outcome {
			return rulings[i], true
		}
	}
	return event.Ruling{}, false
}

func insists(r event.Ruling) string { return "it insists that " + demand(r.Control) }

// refusal words an answer in which a control refused. One below 400 is a search that left something
// out, an error that travels by redirect, or a subscription that was stored and is not served.
func (t *teller) refusal(who string, x *Exchange, r event.Ruling, m event.Message) string {
	because := ": " + insists(r)
	switch {
	case m.Status >= 400:
		return who + " refuses, " + itoa(m.Status) + because
	case x.refusedLater():
		return who + " answers with " + served(x) + ", and sends nothing when it comes to that" + because
	case m.Header.Get("Location") != "":
		return who + " refuses, and says so by redirect" + because
	case t.actors[x.Request.To].Role == event.RoleResourceServer:
		return who + " answers with " + served(x) + " and leaves the rest out" + because
	}
	return who + " refuses, " + itoa(m.Status) + because
}

// refusedLater tells whether the last refusal came when the request was long answered.
func (x *Exchange) refusedLater() bool {
	for i := len(x.Rulings) - 1; i >= 0; i-- {
		if x.Rulings[i].Outcome == "refused" {
			return x.ResponseEvent > 0 && x.RulingEvents[i] > x.ResponseEvent
		}
	}
	return false
}

func detail(x *Exchange, m event.Message) string {
	if n := len(x.Refused); n > 0 {
		return ", " + x.Refused[n-1].Code + ": " + x.Refused[n-1].Detail
	}
	var body struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(m.Body, &body) == nil && body.Error != "" {
		return ", " + body.Error
	}
	return ""
}

// served names what the API gave: the resource, and whose record it touches.
func served(x *Exchange) string {
	if n := len(x.Written); n > 1 {
		return count(n, "record") + ", stored"
	} else if n == 1 {
		return x.Written[0].Resource + ", stored"
	}
	if len(x.Access) == 0 {
		return itoa(x.Response.Status)
	}
	a := x.Access[len(x.Access)-1]
	switch n := len(a.Patients); {
	case a.Interaction == "read":
		return a.Resource
	case n == 0:
		return a.Resource + ": nothing found"
	case n == 1:
		return a.Resource + ": the record of " + a.Patients[0]
	default:
		return a.Resource + ": records of " + count(n, "patient")
	}
}

func serverAnswer(x *Exchange, m event.Message) string {
	if to := m.Header.Get("Location"); to != "" {
		return "sends the browser on to " + destination(to)
	}
	if len(x.Withdrawn) > 0 {
		return "withdraws " + article(x.Withdrawn[0].Type)
	}
	if len(x.Disclosed) > 0 {
		if x.Disclosed[0].Type == "identity" {
			return "says who is behind a token of " + x.Disclosed[0].Owner
		}
		return "explains " + article(x.Disclosed[0].Type) + " of " + x.Disclosed[0].Owner
	}
	var issued []string
	for _, i := range x.Issued {
		word := article(i.Type)
		if i.Bound != "" {
			word += " bound to a key"
		}
		if i.Certificate != "" {
			word += " bound to a certificate"
		}
		issued = append(issued, word)
	}
	if len(issued) > 0 {
		return "issues " + list(issued)
	}
	switch {
	case bytes.Contains(m.Body, []byte(`id="sign-in"`)):
		return "asks for a sign-in"
	case bytes.Contains(m.Body, []byte(`id="consent"`)):
		return "asks for consent"
	}
	return "answers " + itoa(m.Status)
}

func article(credential string) string {
	word := strings.ReplaceAll(credential, "_", " ")
	switch credential {
	case kindRequestURI:
		word = credential
	case kindIDToken:
		word = "ID token"
	}
	if word != "" && strings.ContainsRune("aeiouAI", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

func destination(raw string) string {
	s := shortURL(raw)
	u, err := url.Parse(raw)
	if err != nil {
		return s
	}
	q := u.Query()
	switch {
	case q.Has("code"):
		return s + " with a code"
	case q.Has("error"):
		return s + " with the error " + q.Get("error")
	}
	return s
}
