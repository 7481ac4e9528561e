package ecosystem

import (
	"math"
	"slices"
	"time"

	"thiefbox/sim/dice"
)

// Mix says what a population is made of.
type Mix struct {
	Suppliers, Clients, Clinics int
	// Kinds share out the clients that are not Single; what they leave over is of the first kind. Single
	// kinds are one client each, with a number of clinics.
	Kinds []KindShare
	APIs  []int // how many APIs of each kind there are
}

// KindShare is how many clients are of a kind.
type KindShare struct {
	Share   float64
	Single  bool
	Clinics int // of a single one
}

// Population is suppliers, clients and clinics at one moment of a drill. It is for one goroutine; equal
// mixes and dice give equal populations with equal futures.
type Population struct {
	params Params
	scale  float64 // of all times to a release: below 1 where a fix is a setting

	// By client. A client calls one kind of API.
	supplier []uint16
	kind     []uint8
	api      []uint8
	clinics  []int32

	tier     []uint8 // by supplier
	notified []bool
	held     []bool // by client: it is held to the new rule, and cannot fall back

	cells [][]Cell // by kind, by API
	due   queue
	rng   *dice.Fast
	fixed int
}

// Cell is how many clients of a kind call a kind of API, and the clinics that stand on them.
type Cell struct{ Clients, Clinics int }

// New makes a population. scale multiplies every time to a release.
func New(m Mix, p Params, scale float64, d *dice.Dice) *Population {
	q := &Population{params: p, scale: scale, rng: d.Fork("population").Fast()}
	q.makeSuppliers(m)
	q.makeClients(m)
	q.makeClinics(m)
	q.count(m)
	return q
}

func (p *Population) makeSuppliers(m Mix) {
	p.tier, p.notified = make([]uint8, m.Suppliers), make([]bool, m.Suppliers)
	for i := range p.tier {
		p.tier[i] = pickTier(p.params.Tiers, p.rng.Float())
	}
}

func pickTier(tiers []Tier, u float64) uint8 {
	for i, t := range tiers {
		if u -= t.Share; u < 0 {
			return uint8(i)
		}
	}
	return uint8(len(tiers) - 1)
}

// sizes shares n things out by Zipf's law, each owner getting one at least.
func sizes(owners, n int, exponent float64) []int {
	weights, total := make([]float64, owners), 0.0
	for i := range weights {
		weights[i] = math.Pow(float64(i+1), -exponent)
		total += weights[i]
	}
	out, given := make([]int, owners), 0
	for i := range out {
		out[i] = 1 + int(weights[i]/total*float64(n-owners))
		given += out[i]
	}
	for i := 0; given < n; i = (i + 1) % owners {
		out[i]++
		given++
	}
	return out
}

func (p *Population) makeClients(m Mix) {
	p.supplier, p.kind = make([]uint16, 0, m.Clients), make([]uint8, m.Clients)
	for s, n := range sizes(m.Suppliers, m.Clients, p.params.Zipf) {
		for range n {
			p.supplier = append(p.supplier, uint16(s))
		}
	}
	p.api, p.held = make([]uint8, m.Clients), make([]bool, m.Clients)
	apis := 0
	for _, n := range m.APIs {
		apis += n
	}
	// Each share is met to the client, whatever the dice say about which.
	order := p.shuffled(m.Clients)
	for k, i := 0, 0; k < len(m.Kinds); k++ {
		n := int(math.Round(m.Kinds[k].Share * float64(m.Clients)))
		if m.Kinds[k].Single {
			n = 1
		} else if k == 0 {
			n = 0 // the first takes the rest, which is what the zero value says
		}
		for ; n > 0 && i < m.Clients; n, i = n-1, i+1 {
			p.kind[order[i]] = uint8(k)
		}
	}
	for j, c := range p.shuffled(m.Clients) {
		at := j % apis // the APIs are called by equally many
		for a, n := range m.APIs {
			if at -= n; at < 0 {
				p.api[c] = uint8(a)
				break
			}
		}
	}
	for c := range p.kind {
		if m.Kinds[p.kind[c]].Single {
			p.api[c] = 0
		}
	}
}

func (p *Population) shuffled(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := int(p.rng.Uint64() % uint64(i+1))
		out[i], out[j] = out[j], out[i]
	}
	return out
}

func (p *Population) makeClinics(m Mix) {
	p.clinics = make([]int32, m.Clients)
	left, others := m.Clinics, 0
	for c, k := range p.kind {
		if one := m.Kinds[k]; one.Single {
			p.clinics[c] = int32(one.Clinics)
			left -= one.Clinics
		} else {
			others++
		}
	}
	if others == 0 {
		return
	}
	share := sizes(others, max(left, others), 0.6)
	order := p.shuffled(others)
	i := 0
	for c := range p.clinics {
		if !m.Kinds[p.kind[c]].Single {
			p.clinics[c] = int32(share[order[i]])
			i++
		}
	}
}

func (p *Population) count(m Mix) {
	p.cells = make([][]Cell, len(m.Kinds))
	for k := range p.cells {
		p.cells[k] = make([]Cell, len(m.APIs))
	}
	for c := range p.kind {
		p.move(c, p.kind[c])
	}
}

// move counts a client under a kind. On the first call it is counted under none yet.
func (p *Population) move(c int, kind uint8) {
	cell := &p.cells[kind][p.api[c]]
	cell.Clients++
	cell.Clinics += int(p.clinics[c])
	p.kind[c] = kind
}

func (p *Population) leave(c int) {
	cell := &p.cells[p.kind[c]][p.api[c]]
	cell.Clients--
	cell.Clinics -= int(p.clinics[c])
}

// Cells are the clients by kind and API. The slices are the population's own.
func (p *Population) Cells() [][]Cell { return p.cells }

// Of is how many clients are of a kind.
func (p *Population) Of(kind int) (n Cell) {
	for _, c := range p.cells[kind] {
		n.Clients += c.Clients
		n.Clinics += c.Clinics
	}
	return n
}

// Count adds up the cells a rule picks.
func (p *Population) Count(rule func(kind, api int) bool) (n Cell) {
	for k := range p.cells {
		for a, c := range p.cells[k] {
			if rule(k, a) {
				n.Clients += c.Clients
				n.Clinics += c.Clinics
			}
		}
	}
	return n
}

// Fixed is how many clients were put right so far.
func (p *Population) Fixed() int { return p.fixed }

// event is a client that changes its kind.
type event struct {
	at     time.Duration
	client int
	to     uint8
	back   bool // it falls back
}

// queue is what is to come, soonest first.
type queue []event

func (q *queue) add(e event) {
	i, _ := slices.BinarySearchFunc(*q, e, func(a, b event) int {
		if a.at != b.at {
			return int(min(max(a.at-b.at, -1), 1))
		}
		return a.client - b.client
	})
	*q = slices.Insert(*q, i, e)
}

// Push is what makes suppliers faster.
type Push struct {
	Told     bool // somebody wrote to them, with the exact change
	Deadline bool // there is a date after which the old form is refused
}

// PutRight starts suppliers on putting their clients of a kind right. Those that work on it already are
// not made any slower, and with a stronger push faster. It returns how many suppliers were reached.
func (p *Population) PutRight(now time.Duration, kind int, push Push) int {
	factor := 1.0
	if push.Deadline {
		factor *= p.params.Mandate
	}
	shock := math.Exp(p.params.Shock * p.rng.Normal())
	reached := 0
	releases := make([]time.Duration, len(p.tier))
	has := p.having(kind)
	for s := range p.tier {
		f, told := factor, push.Told && p.rng.Float() < p.params.Reach
		if told {
			f *= p.params.Notified
		}
		t := p.params.Tiers[p.tier[s]]
		days := t.Median * shock * math.Exp(t.Spread*p.rng.Normal()) * p.scale / f
		never := p.rng.Float() < t.Never
		if !has[s] {
			continue
		}
		if told {
			reached++
			p.notified[s] = true
		}
		releases[s] = -1
		if !never && (told || push.Deadline) {
			releases[s] = now + day(days)
		}
	}
	p.schedule(kind, releases)
	return reached
}

func (p *Population) having(kind int) []bool {
	has := make([]bool, len(p.tier))
	for c, k := range p.kind {
		if int(k) == kind {
			has[p.supplier[c]] = true
		}
	}
	return has
}

// schedule plans the clients of a kind, each at its own pace after its supplier's release. What was
// planned before stands if it is sooner.
func (p *Population) schedule(kind int, releases []time.Duration) {
	planned := map[int]time.Duration{}
	for _, e := range p.due {
		planned[e.client] = e.at
	}
	for c, k := range p.kind {
		u := p.rng.Normal()
		if int(k) != kind {
			continue
		}
		release := releases[p.supplier[c]]
		if release < 0 {
			continue
		}
		at := release + day(p.params.Rollout*math.Exp(p.params.RollSpread*u)*p.scale)
		if before, there := planned[c]; there {
			if before <= at {
				continue
			}
			p.due = slices.DeleteFunc(p.due, func(e event) bool { return e.client == c })
		}
		p.due.add(event{at: at, client: c})
	}
}

// Hold keeps clients of the first kind from falling back: those that are, and those that will be.
func (p *Population) Hold() {
	for c := range p.held {
		p.held[c] = true
	}
}

// Next is when something happens next.
func (p *Population) Next() (time.Duration, bool) {
	if len(p.due) == 0 {
		return 0, false
	}
	return p.due[0].at, true
}

// Advance lets everything happen that is due, and returns how many clients changed.
func (p *Population) Advance(now time.Duration) (changed int) {
	for len(p.due) > 0 && p.due[0].at <= now {
		e := p.due[0]
		p.due = p.due[1:]
		if e.back && p.held[e.client] {
			continue
		}
		was := p.kind[e.client]
		p.leave(e.client)
		p.move(e.client, e.to)
		changed++
		if e.back {
			continue
		}
		p.fixed++
		if p.rng.Float() < p.params.Regress {
			p.due.add(event{at: e.at + day(p.params.Again*math.Exp(p.rng.Normal()*0.5)*p.scale), client: e.client, to: was, back: true})
		}
	}
	return changed
}

func day(days float64) time.Duration {
	return time.Duration(min(days, 36500) * 24 * float64(time.Hour))
}
