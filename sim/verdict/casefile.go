package verdict

import (
	"fmt"

	"thiefbox/sim/event"
)

// casefile is a log, read once.
type casefile struct {
	events   []event.Event
	actors   map[string]*event.Actor
	canaries map[string]string // to patient
	marks    map[string]string // to the actor who writes them

	// Several thieves are judged as one: what reaches one reaches all.
	thieves []string
	rights  []string // patients whose records are theirs to read
	names   []string // sub and client_id values that are theirs
	// allowance is how many records a minute of their work takes; 0 where nobody has said.
	allowance int

	// Where facts can be: what carried bytes to somebody, and what a server did. Most of a log is rulings.
	carried, done []int

	exchanges []exchange // by number; 0 is nobody's
	attack    int        // index of the event that opened the attack, -1 if there was none
	ended     *event.Ended
	failed    *event.Journey // the first honest journey that failed
	broken    string         // why the log cannot be trusted to be whole
}

// exchange is what the judge needs of one request. Places in the log are indexes, -1 if there is none.
type exchange struct {
	from, to, method, url string
	cause                 int
	opened, answered      int
	status                int
	refused, challenged   int // the last such ruling

	tainted bool // the thief's doing
	root    int  // the exchange by which he set it going
}

func open(events []event.Event) *casefile {
	c := &casefile{events: events, actors: make(map[string]*event.Actor, 16), attack: -1}
	c.number()
	for i := range events {
		c.read(i)
	}
	for n := 1; n < len(c.exchanges); n++ {
		c.taint(n)
	}
	return c
}

// number makes room for the exchanges, and checks that no event is missing: a log with a hole could
// hide a fact.
func (c *casefile) number() {
	last := 0
	for i := range c.events {
		if c.events[i].N != i+1 && c.broken == "" {
			c.broken = fmt.Sprintf("event %d is numbered %d", i+1, c.events[i].N)
		}
		last = max(last, c.events[i].Exchange)
	}
	// Nearly each exchange leaves some trace, so a number far beyond was not counted by a log.
	if limit := 4*len(c.events) + 64; last > limit {
		c.broken, last = fmt.Sprintf("it speaks of exchange %d", last), limit
	}
	c.exchanges = make([]exchange, last+1)
	c.carried = make([]int, 0, 2*last)
	for n := range c.exchanges {
		c.exchanges[n] = exchange{opened: -1, answered: -1, refused: -1, challenged: -1}
	}
}

// at finds the exchange of an event, nil if it happened in none.
func (c *casefile) at(i int) *exchange {
	if n := c.events[i].Exchange; n > 0 && n < len(c.exchanges) {
		return &c.exchanges[n]
	}
	return nil
}

func (c *casefile) read(i int) {
	switch b := c.events[i].Body.(type) {
	case event.Actor:
		c.introduce(b)
	case event.Protected:
		for mark, actor := range b.Marks {
			if c.marks == nil {
				c.marks = map[string]string{}
			}
			c.marks[mark] = actor
		}
		if c.canaries == nil {
			c.canaries = b.Canaries
			break
		}
		both := make(map[string]string, len(c.canaries)+len(b.Canaries))
		for _, m := range []map[string]string{c.canaries, b.Canaries} {
			for canary, patient := range m {
				both[canary] = patient
			}
		}
		c.canaries = both
	case event.Phase:
		if b.Name == event.PhaseAttack && c.attack < 0 {
			c.attack = i
		}
	case event.Overheard, event.Granted:
		c.carried = append(c.carried, i)
	case event.Access, event.Written, event.Withdrawn, event.Disclosed, event.SignedIn:
		c.done = append(c.done, i)
	case event.Request:
		c.carried = append(c.carried, i)
		if x := c.at(i); x != nil {
			x.from, x.to, x.method, x.url = b.From, b.To, b.Message.Method, b.Message.URL
			x.cause, x.opened = b.Cause, i
		}
	case event.Response:
		c.carried = append(c.carried, i)
		if x := c.at(i); x != nil {
			x.answered, x.status = i, b.Message.Status
		}
	case event.Lured:
		if x := c.at(i); x != nil {
			x.tainted, x.opened = true, i
		}
	case event.Ruling:
		c.ruling(i, b.Outcome)
	case event.Journey:
		if !b.OK && c.failed == nil {
			c.failed = &b
		}
	case event.Ended:
		c.ended = &b
	}
}

func (c *casefile) introduce(a event.Actor) {
	c.actors[a.ID] = &a
	if a.Role == event.RoleThief {
		c.thieves = append(c.thieves, a.ID)
		c.rights = append(c.rights, a.Rights...)
		c.names = append(c.names, a.Names...)
		c.allowance += a.Allowance
	}
}

func (c *casefile) ruling(i int, outcome string) {
	x := c.at(i)
	switch {
	case x == nil:
	case outcome == "refused":
		x.refused = i
	case outcome == "challenged":
		x.challenged = i
	}
}

// taint decides whether an exchange is the thief's doing: he sent it or answered it, lured somebody
// into it, or it was caused by one that is. A cause is always an earlier exchange.
func (c *casefile) taint(n int) {
	x := &c.exchanges[n]
	x.root = n
	if x.cause > 0 && x.cause < n && c.exchanges[x.cause].tainted {
		x.tainted, x.root = true, c.exchanges[x.cause].root
		return
	}
	x.tainted = x.tainted || c.isThief(x.from) || c.isThief(x.to)
}

func (c *casefile) isThief(actor string) bool { return contains(c.thieves, actor) }

// mayRead tells whether a patient's record is the thief's to read.
func (c *casefile) mayRead(patient string) bool { return contains(c.rights, patient) }

// isHis tells whether an identity at a server is one of the thief's own.
func (c *casefile) isHis(name string) bool { return contains(c.names, name) }

func contains(list []string, s string) bool {
	for i := range list {
		if list[i] == s {
			return true
		}
	}
	return false
}

// underAttack tells whether event i belongs to the attack.
func (c *casefile) underAttack(i int) bool { return c.attack >= 0 && i > c.attack }

// sentByThief tells whether event i happened while a request of the thief's was served, in the attack.
func (c *casefile) sentByThief(i int) bool {
	x := c.at(i)
	return x != nil && c.underAttack(i) && c.isThief(x.from)
}
