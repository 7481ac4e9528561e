package drill

import (
	"slices"
	"strconv"
	"time"

	"thiefbox/sim/ecosystem"
)

// charge adds to the harm, with its receipt. Terms that come every minute are gathered into one receipt
// for each stretch of equal cause.
func (d *Drill) charge(term string, amount float64, why string, event int) {
	if amount == 0 {
		return
	}
	if n := len(d.receipts); n > 0 && event == 0 && term == "clinic_minutes" {
		for i := n - 1; i >= 0 && i >= n-8; i-- {
			if r := &d.receipts[i]; r.Term == term && r.Why == why {
				r.Amount += amount
				return
			}
		}
	}
	d.receipts = append(d.receipts, Receipt{d.now, term, amount, why, event})
}

// accrue adds what time costs while some are not served.
func (d *Drill) accrue(span time.Duration) {
	if d.broken.Clinics == 0 || span <= 0 {
		return
	}
	minutes := float64(d.broken.Clinics) * span.Minutes()
	d.clinicMinutes += minutes
	d.charge("clinic_minutes", minutes, strconv.Itoa(d.broken.Clinics)+" clinics not served since "+Clock(d.since()), 0)
}

// since is when the present number of clinics went dark.
func (d *Drill) since() time.Duration {
	at := d.now
	for i := len(d.history) - 1; i >= 0 && d.history[i].Clinics == d.broken.Clinics; i-- {
		at = d.history[i].At
	}
	return at
}

// reloginMinutes is what it costs a clinic that its people have to sign in again.
const reloginMinutes = 5

// relogins charges for people who must sign in again since an order, and did not before.
func (d *Drill) relogins(before []Service, o Order) {
	n := 0
	for i, s := range d.services {
		if s.State == Relogin && i < len(before) && before[i].State == Served && (i == 0 || d.services[i-1].Client != s.Client) {
			n += d.clinicsOf(s.Client)
		}
	}
	if n == 0 {
		return
	}
	if o.onePerson() { // her exemplar stands for all of the client, but nobody else had to
		n = 1
	}
	d.reloginVisits += n
	d.clinicMinutes += float64(n * reloginMinutes)
	d.charge("clinic_minutes", float64(n*reloginMinutes), signedInAgain(n), 0)
}

func signedInAgain(n int) string {
	if n == 1 {
		return "one clinic signed in again"
	}
	return strconv.Itoa(n) + " clinics signed in again"
}

func (d *Drill) clinicsOf(kind string) int {
	for i, k := range d.file.World.Clients {
		if k.Kind == kind {
			return d.pop.Of(i).Clinics
		}
	}
	return 0
}

// fare reckons how the population fares from how the exemplars do.
func (d *Drill) fare() {
	d.broken = d.fareUnder(d.services)
	if d.baseline < 0 {
		d.baseline = d.broken.Clients
	}
	d.moment()
}

// fareUnder counts the clients whose exemplar is broken at their API. The services come in the order of
// kinds and, within one, of APIs.
func (d *Drill) fareUnder(services []Service) ecosystem.Cell {
	apis := len(d.file.World.APIs)
	return d.pop.Count(func(kind, api int) bool {
		i := kind*apis + api
		return i < len(services) && services[i].State == Broken
	})
}

func (d *Drill) moment() {
	old, _ := d.onOldKeys()
	d.markEradicated()
	m := Moment{d.now, d.success(), d.records, d.broken.Clients, d.broken.Clinics, d.erad.met(withoutCause{d}), old}
	if n := len(d.history); n > 0 && d.history[n-1].At == d.now {
		d.history[n-1] = m
		return
	}
	d.history = append(d.history, m)
}

// success is the share of the APIs the thief turned to last at which he had his way.
func (d *Drill) success() float64 {
	n, won := 0, 0
	for i := len(d.tries) - 1; i >= 0 && d.tries[i].At == d.tries[len(d.tries)-1].At; i-- {
		if n++; d.tries[i].Won {
			won++
		}
	}
	if n == 0 {
		return 0
	}
	return float64(won) / float64(n)
}

// end closes the books.
func (d *Drill) end() {
	for _, o := range d.file.Law() {
		if !slices.Contains(d.file.Duties, o.ID) || d.aware < 0 {
			continue
		}
		due := d.aware + o.Within
		at, told := d.duties[o.ID]
		if !told {
			at = d.now
		}
		if late := at - due; late > 0 {
			d.charge("overdue_hours", late.Hours(), o.To+" were to be told by "+Clock(due), 0)
		}
	}
	for _, m := range d.inbox {
		if m.AnswerBy == 0 {
			continue
		}
		at, there := d.answered[m.ID]
		if !there {
			at = d.now
		}
		if late := at - m.AnswerBy; late > 0 {
			d.charge("overdue_hours", late.Hours(), m.From+" waited for an answer to "+m.ID+" since "+Clock(m.AnswerBy), 0)
		}
	}
	d.moment()
}
