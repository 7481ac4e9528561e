package serve

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// Diagnosis is why a request was refused: what the OAuth error never says, since a thief reads that too.
type Diagnosis struct {
	At          time.Time `json:"at"`
	Exchange    int       `json:"exchange"`
	Interaction string    `json:"interaction,omitempty"` // its x-fapi-interaction-id
	From        string    `json:"from"`
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	Status      int       `json:"status,omitempty"`
	// Control is the rule that refused, with its title, clause and reason; empty for a request that
	// could not be read or asked for what is not there.
	Control string `json:"control,omitempty"`
	Title   string `json:"title,omitempty"`
	Clause  string `json:"clause,omitempty"`
	Why     string `json:"why,omitempty"`
	// Challenge marks a refusal that asks for another try, with a nonce.
	Challenge bool `json:"challenge,omitempty"`
	// Fault is the name of a fault that was asked for, and did this: nothing is wrong with the request.
	Fault string `json:"fault,omitempty"`
	What  string `json:"what,omitempty"`
	Want  string `json:"expected,omitempty"`
	Got   string `json:"got,omitempty"`
	Fix   string `json:"fix,omitempty"`
	Cause string `json:"cause"` // the whole sentence
}

// Diagnoses explains the latest refusals, oldest first.
func (i *Issuer) Diagnoses() []Diagnosis { return diagnose(i.Events()) }

func diagnose(events []event.Event) []Diagnosis {
	found := []Diagnosis{}
	requests, responses := map[int]event.Request{}, map[int]event.Message{}
	for _, e := range events {
		switch b := e.Body.(type) {
		case event.Request:
			requests[e.Exchange] = b
		case event.Response:
			responses[e.Exchange] = b.Message
		case event.Ruling:
			if d, ok := ofRuling(b); ok {
				found = append(found, at(e, d))
			}
		case event.Refused:
			found = append(found, at(e, ofRefused(b)))
		case event.Struck:
			found = append(found, at(e, Diagnosis{Fault: b.Fault, Cause: b.Text}))
		}
	}
	for n := range found {
		d := &found[n]
		request, response := requests[d.Exchange], responses[d.Exchange]
		d.From, d.Method, d.URL = request.From, request.Message.Method, request.Message.URL
		d.Interaction = response.Header.Get(interactionHeader)
		if response.Status != 0 {
			d.Status = response.Status
		}
	}
	return found
}

func at(e event.Event, d Diagnosis) Diagnosis {
	d.At, d.Exchange = e.At, e.Exchange
	return d
}

func ofRuling(b event.Ruling) (Diagnosis, bool) {
	if b.Outcome != string(control.Refused) && b.Outcome != string(control.Challenged) {
		return Diagnosis{}, false
	}
	d := Diagnosis{Control: b.Control, Challenge: b.Outcome == string(control.Challenged),
		What: b.What, Want: b.Want, Got: b.Got, Fix: b.Fix, Cause: b.Cause}
	if c, err := control.Lookup(b.Control); err == nil {
		d.Title, d.Clause, d.Why = c.Title, c.Clause, c.Why
	}
	return d, true
}

// ofRefused is the diagnosis of what no control refused. Such a detail reads "what: expected this, got that; do so",
// or parts of it.
func ofRefused(b event.Refused) Diagnosis {
	d := Diagnosis{Status: b.Status, Cause: b.Detail, Clause: b.Clause, Fix: b.Fix}
	text := strings.TrimPrefix(strings.TrimSuffix(b.Detail, "; "+b.Fix), b.Code+": ")
	what, rest, found := strings.Cut(text, ": expected ")
	if after, first := strings.CutPrefix(text, "expected "); first {
		what, rest, found = "", after, true
	}
	want, got, both := strings.Cut(rest, ", got ")
	if found && both {
		d.What, d.Want, d.Got = what, want, got
	}
	return d
}

// mostTold is how many refusals are told at once.
const mostTold = 20

// serveWhy tells the latest refusals: as text with the newest last, where a terminal ends, as a page with the newest
// first, or as JSON.
// interaction=ID keeps those of one call.
func (i *Issuer) serveWhy(w http.ResponseWriter, r *http.Request) {
	events := i.Events()
	if id := r.URL.Query().Get("interaction"); id != "" {
		events = within(events, interaction(events, id))
	}
	told := diagnose(events)
	told = told[max(0, len(told)-mostTold):]
	if wants(r, "application/json") {
		answerJSON(w, http.StatusOK, told)
		return
	}
	if wants(r, "text/html") { // a page begins where a terminal ends
		slices.Reverse(told)
	}
	var b strings.Builder
	if len(told) == 0 {
		b.WriteString("nothing was refused lately\n")
	}
	for n, d := range told {
		if n > 0 {
			b.WriteByte('\n')
		}
		d.write(&b)
	}
	for _, said := range overlooked(events) {
		b.WriteString("\ngranted, but " + said + "\n")
	}
	i.tenant.server.show(w, r, "Why at "+i.Name, b.String())
}

func (d Diagnosis) write(b *strings.Builder) {
	fmt.Fprintf(b, "%s  %s %s -> %d  from %s\n", d.At.Format("15:04:05"), d.Method, d.URL, d.Status, d.From)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(b, "  %-12s%s\n", name, text)
		}
	}
	switch {
	case d.Fault != "":
		line("asked for", d.Fault+": "+d.Cause)
	case d.Control == "" && d.Want == "":
		line("refused", strings.TrimSuffix(d.Cause, "; "+d.Fix))
	case d.Control == "":
		line("refused", "the request cannot be read, or asks for what is not there")
	case d.Challenge:
		line("asked again", d.Control+": "+d.Title)
	default:
		line("refused by", d.Control+": "+d.Title)
	}
	if d.What == "" && d.Control != "" {
		line("because", d.Cause)
	}
	line("looked at", d.What)
	line("expected", d.Want)
	line("got", d.Got)
	line("fix", d.Fix)
	line("clause", d.Clause)
	line("without it", d.Why)
	line("call", d.Interaction)
}
