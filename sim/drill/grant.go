package drill

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// byGrant is the revocation of one grant. A player points at a line of the logs whose token is of that grant.
const byGrant = "grant"

// lineNumber reads how people write a line of the logs: e1077.
func lineNumber(word string) (int, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(word, "e"))
	if err != nil || n < 1 {
		return 0, fmt.Errorf("expected a line of the logs such as e1077, got %q", word)
	}
	return n, nil
}

// findGrants turns the lines that a decision points at into tokens. It must be a line that can be read.
func (d *Drill) findGrants(w *work) error {
	for i := range w.orders {
		o := &w.orders[i]
		if o.Do != Revoke || o.What != byGrant {
			continue
		}
		n, err := lineNumber(o.On)
		if err != nil {
			return err
		}
		lines := d.Evidence(n)
		if len(lines) == 0 || lines[0].N != n || lines[0].Token == "" {
			return fmt.Errorf("expected a line of the logs that has a token, got e%d", n)
		}
		o.On, o.Token = lines[0].Client, lines[0].Token
	}
	return nil
}

// inCopy is an order as it goes to a copy of the world, where the same people have other tokens: her grant is
// the one she has there. A client that is not the drill's has nobody who works; then there is nothing to do.
func (d *Drill) inCopy(o Order) Order {
	if o.Token == "" {
		return o
	}
	kind := d.file.kindOf(o.On)
	if kind == "" {
		return Order{}
	}
	o.On, o.What, o.Token = kind, "subject", ""
	return o
}

// onePerson tells whether an order has one person sign in again, and not all who use the client.
func (o Order) onePerson() bool { return o.Do == Revoke && (o.What == byGrant || o.What == "subject") }

// kindOf is the kind of client that has a client_id; empty if none of the drill's has.
func (f *File) kindOf(id string) string {
	for _, k := range f.World.Clients {
		if Named[k.Kind] && k.Kind == id || !Named[k.Kind] && "client-"+k.Kind == id {
			return k.Kind
		}
	}
	return ""
}

// mostTokens are offered to choose from: those that were used last.
const mostTokens = 12

// tokenLines are the lines by which a grant can be named, one for each token.
func tokenLines(logs []Evidence) (out []Choice) {
	seen := map[string]bool{}
	for _, e := range slices.Backward(logs) {
		if e.Token == "" || seen[e.Token] || len(out) == mostTokens {
			continue
		}
		seen[e.Token] = true
		who := e.Client
		if e.Subject != "" {
			who += " for " + e.Subject
		}
		out = append(out, Choice{"e" + strconv.Itoa(e.N), "token " + short(e.Token) + " of " + who})
	}
	return out
}
