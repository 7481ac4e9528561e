package drill

import (
	"fmt"
	"slices"
	"strings"

	"thiefbox/sim/ecosystem"
)

// Preview is whom an action would break, found by doing it to a copy of the world.
type Preview struct {
	Action   Action
	Breaks   ecosystem.Cell // clients and clinics served now, and not after
	Mends    ecosystem.Cell // the other way round
	Relogins int            // clinics whose people would have to sign in again
	Who      []string       // kinds of client, and what they would meet
	Error    string         // why it cannot be done
	Tried    bool           // there was something to try: words change no machine
	Dated    bool           // it has a date: what was tried is that day, with the clients of now
}

// Preview tries a decision on a copy of the world under the configuration as it stands.
func (d *Drill) Preview(one Decision) (Preview, error) {
	w, err := d.file.order(one)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Action: *w.action}
	p.Action.Lead = w.lead
	if err := d.findGrants(&w); err != nil {
		return p, err
	}
	orders := w.orders
	if one.Do == "deadline" {
		orders, p.Dated = []Order{{Do: Deploy, On: placeServer, What: refusedBy[one.Args[0]]}}, true
	}
	if len(orders) == 0 {
		return p, nil
	}
	p.Tried = true
	copied, err := d.make(d.file.World, Thief{}, d.tape.Seed)
	if err != nil {
		return p, err
	}
	defer copied.Close()
	copied.At(d.now)
	for _, o := range d.carried {
		_, _ = copied.Carry(o.Order) // what did not work then does not work now
	}
	copied.Probe() // people sign in again, where they had to
	before := copied.Probe()
	for _, o := range orders {
		if o = d.inCopy(o); o.Do == "" {
			continue
		}
		if _, err := copied.Carry(o); err != nil {
			p.Error = err.Error()
			return p, nil
		}
	}
	after := copied.Probe()
	for _, span := range later { // what lives on tokens does not stop at once
		copied.At(d.now + span)
		for i, s := range copied.Probe() {
			if s.State == Broken {
				after[i] = s
			}
		}
	}
	d.compare(&p, before, after)
	if p.Relogins > 0 && !slices.ContainsFunc(orders, func(o Order) bool { return !o.onePerson() }) {
		p.Relogins = 1
	}
	return p, nil
}

func (d *Drill) compare(p *Preview, before, after []Service) {
	apis := len(d.file.World.APIs)
	p.Breaks = d.pop.Count(func(kind, api int) bool {
		i := kind*apis + api
		return before[i].State != Broken && after[i].State == Broken
	})
	p.Mends = d.pop.Count(func(kind, api int) bool {
		i := kind*apis + api
		return before[i].State == Broken && after[i].State != Broken
	})
	var met []Service // by client, those that meet the same as one
	for i, s := range after {
		if s.State == before[i].State {
			continue
		}
		if s.State == Relogin && i%apis == 0 {
			p.Relogins += d.clinicsOf(s.Client)
		}
		if s.State == Served {
			continue
		}
		if j := slices.IndexFunc(met, func(m Service) bool { return m.API == s.API && m.State == s.State && m.Why == s.Why }); j >= 0 {
			met[j].Client += ", " + s.Client
		} else {
			met = append(met, s)
		}
	}
	for _, s := range met {
		p.Who = append(p.Who, s.String())
	}
}

// String is the preview in a sentence.
func (p Preview) String() string {
	if p.Error != "" {
		return "It cannot be done: " + p.Error + "."
	}
	if !p.Tried {
		return "It takes " + Span(p.Action.Lead) + " of an operator, and changes no machine."
	}
	var s []string
	if p.Breaks.Clients > 0 {
		s = append(s, fmt.Sprintf("breaks %s, on which %s stand", clients(p.Breaks.Clients), clinics(p.Breaks.Clinics)))
	}
	if p.Relogins == 1 {
		s = append(s, "has one person sign in again")
	} else if p.Relogins > 1 {
		s = append(s, fmt.Sprintf("has the people of %s sign in again", clinics(p.Relogins)))
	}
	if p.Mends.Clients > 0 {
		s = append(s, fmt.Sprintf("gives %s back their service, and %s", clients(p.Mends.Clients), clinics(p.Mends.Clinics)))
	}
	if len(s) == 0 {
		s = append(s, "breaks nobody that was tried")
	}
	takes := "It takes " + Span(p.Action.Lead) + " of an operator"
	if p.Dated {
		return takes + ". If the date were today, it " + strings.Join(s, "; ") + "."
	}
	return takes + ", and " + strings.Join(s, "; ") + "."
}

// String says how a client fares and what it met, without what only its own URLs know: a code, a state.
func (s Service) String() string {
	text := s.Client + " at " + s.API + ": " + s.State.String()
	var why []string
	for _, word := range strings.Fields(s.Why) {
		if strings.Contains(word, "://") {
			word, _, _ = strings.Cut(word, "?")
		}
		why = append(why, word)
	}
	if len(why) > 0 {
		text += ", " + strings.Join(why, " ")
	}
	return text
}

func clients(n int) string { return some(n, "client") }
func clinics(n int) string { return some(n, "clinic") }

func some(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
