package drill

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// planner works a decision out against a drill: what it orders, and whether it makes sense.
type planner struct {
	file   *File
	args   []string
	orders []Order
	lead   time.Duration // if it depends on what was said
}

// work is a decision that was understood.
type work struct {
	Decision
	n      int // of the decision on the tape, from 1
	action *Action
	orders []Order
	lead   time.Duration
	crew   int           // the operator who has it
	starts time.Duration // when he takes it up, or took it up
	ends   time.Duration
}

// order understands a decision, or says what is wrong with it.
func (f *File) order(d Decision) (work, error) {
	a := actionOf(d.Do)
	if a == nil {
		return work{}, fmt.Errorf("no action is called %q", d.Do)
	}
	p := &planner{file: f, args: d.Args}
	if err := a.plan(p); err != nil {
		return work{}, fmt.Errorf("%s %s: %w", a.ID, a.Usage, err)
	}
	return work{Decision: d, action: a, orders: p.orders, lead: max(a.Lead, p.lead)}, nil
}

// ParseLine reads a decision as it is typed: "revoke client web-ehr", or "@anna revoke client web-ehr" if it is Anna's.
func ParseLine(line string) Decision { return parseLine(line) }

func parseLine(line string) Decision {
	var one Decision
	words := strings.Fields(line)
	if len(words) > 0 && words[0][0] == '@' {
		one.By, words = words[0][1:], words[1:]
	}
	if len(words) > 0 {
		one.Do, one.Args = words[0], words[1:]
	}
	return one
}

func (p *planner) want(least, most int) error {
	switch n := len(p.args); {
	case n >= least && n <= most:
		return nil
	case least == most:
		return fmt.Errorf("expected %s after it, got %d", some(least, "word"), n)
	default:
		return fmt.Errorf("expected %d to %d words after it, got %d", least, most, n)
	}
}

func (p *planner) client(name string) error {
	if p.file.kind(name) == nil {
		return fmt.Errorf("expected a client of this drill (%s), got %q: one that only the logs name is reached by revoke-grant or block", p.file.clientNames(), name)
	}
	return nil
}

func (f *File) clientNames() string {
	var names []string
	for _, k := range f.World.Clients {
		names = append(names, k.Kind)
	}
	return strings.Join(names, ", ")
}

func (p *planner) api(name string) error {
	if p.file.api(name) == nil {
		var names []string
		for _, a := range p.file.World.APIs {
			names = append(names, a.Kind)
		}
		return fmt.Errorf("expected an API of this drill (%s), got %q", strings.Join(names, ", "), name)
	}
	return nil
}

func onClient(do string) func(*planner) error {
	return func(p *planner) error {
		if err := p.want(1, 1); err != nil {
			return err
		}
		p.orders = []Order{{Do: do, On: p.args[0]}}
		return p.client(p.args[0])
	}
}

func onAPI(do string) func(*planner) error {
	return func(p *planner) error {
		if err := p.want(1, 1); err != nil {
			return err
		}
		p.orders = []Order{{Do: do, On: p.args[0]}}
		return p.api(p.args[0])
	}
}

func onAddress(do string) func(*planner) error {
	return func(p *planner) error {
		if err := p.want(1, 1); err != nil {
			return err
		}
		if _, err := netip.ParseAddr(p.args[0]); err != nil {
			return fmt.Errorf("expected an address, got %q", p.args[0])
		}
		p.orders = []Order{{Do: do, On: p.args[0]}}
		return nil
	}
}

// deployed makes the plan that switches controls on: atServer if that is the place or there is no other,
// and the others at an API. Without atServer the place must be an API, without others none is named.
func deployed(atServer string, atAPI ...string) func(*planner) error {
	return func(p *planner) error {
		place, controls := placeServer, []string{atServer}
		if len(atAPI) == 0 {
			if err := p.want(0, 0); err != nil {
				return err
			}
		} else {
			if err := p.want(1, 1); err != nil {
				return err
			}
			if place = p.args[0]; place != placeServer || atServer == "" {
				controls = atAPI
				if err := p.api(place); err != nil {
					return err
				}
			}
		}
		for _, c := range controls {
			p.orders = append(p.orders, Order{Do: Deploy, On: place, What: c})
		}
		return nil
	}
}

func (p *planner) deploy() error   { return p.anyControl(Deploy) }
func (p *planner) withdraw() error { return p.anyControl(Withdraw) }

func (p *planner) anyControl(do string) error {
	if err := p.want(2, 2); err != nil {
		return err
	}
	if err := knownControl(p.args[0]); err != nil {
		return err
	}
	if !p.file.place(p.args[1]) {
		return fmt.Errorf("expected a place of this drill, got %q", p.args[1])
	}
	p.orders = []Order{{Do: do, On: p.args[1], What: p.args[0]}}
	return nil
}

func (p *planner) revoke() error {
	if err := p.want(2, 2); err != nil {
		return err
	}
	if !slices.Contains([]string{"client", "subject", "key"}, p.args[0]) {
		return fmt.Errorf("expected client, subject or key, got %q", p.args[0])
	}
	p.orders = []Order{{Do: Revoke, On: p.args[1], What: p.args[0]}}
	return p.client(p.args[1])
}

// revokeGrant names a line of the logs. Which token that is, the drill knows (grant.go).
func (p *planner) revokeGrant() error {
	if err := p.want(1, 1); err != nil {
		return err
	}
	if _, err := lineNumber(p.args[0]); err != nil {
		return err
	}
	p.orders = []Order{{Do: Revoke, On: p.args[0], What: byGrant}}
	return nil
}

func (p *planner) rollKey() error {
	if err := p.want(2, 3); err != nil {
		return err
	}
	o := Order{Do: RollKeys, On: p.args[1], What: p.args[0]}
	if o.What != "auth" && o.What != "proof" {
		return fmt.Errorf("expected auth or proof, got %q", o.What)
	}
	var err error
	if len(p.args) == 3 {
		if o.For, err = span(p.args[2]); err != nil {
			return err
		}
	}
	p.orders = []Order{o}
	return p.client(p.args[1])
}

func span(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > 365*24*hour {
		return 0, fmt.Errorf("expected a duration such as 30s or 48h, got %q", text)
	}
	return d, nil
}

func (p *planner) rotate() error {
	if err := p.want(0, 1); err != nil {
		return err
	}
	o := Order{Do: RotateServer}
	if len(p.args) == 1 {
		var err error
		if o.For, err = span(p.args[0]); err != nil {
			return err
		}
	}
	p.orders = []Order{o}
	return nil
}

func (p *planner) window() error {
	if err := p.want(2, 2); err != nil {
		return err
	}
	d, err := span(p.args[1])
	if err != nil {
		return err
	}
	p.orders = []Order{{Do: ProofWindow, On: p.args[0], For: d}}
	return p.api(p.args[0])
}

func (p *planner) tokenLife() error {
	if err := p.want(1, 1); err != nil {
		return err
	}
	d, err := span(p.args[0])
	p.orders = []Order{{Do: TokenLife, For: d}}
	return err
}

const audienceControl = "as/assertion-audience-issuer"

func (p *planner) audienceRule() error {
	if err := p.want(1, 1); err != nil {
		return err
	}
	if p.args[0] == "all" {
		p.orders = []Order{{Do: Deploy, On: placeServer, What: audienceControl}}
		return nil
	}
	p.orders = []Order{{Do: Oblige, On: p.args[0], What: audienceControl}}
	return p.client(p.args[0])
}

// refusedBy is the control that refuses the old form of a kind, and so what a deadline switches on.
var refusedBy = map[string]string{
	"token-url": audienceControl, "audience-array": audienceControl, "no-nonce": "as/dpop-nonce",
	"shared-secret": "as/client-auth-asymmetric", "no-par": "as/par-required",
}

func (p *planner) oldKind(name string) error {
	if err := p.client(name); err != nil {
		return err
	}
	if refusedBy[name] == "" {
		return fmt.Errorf("expected a kind of client that has something to put right, got %q", name)
	}
	return nil
}

// ratchet holds the clients that have moved, whose exemplar is the first kind, to the rule that the others
// would break. It goes client by client, so it is for rules about how a client authenticates.
func (p *planner) ratchet() error {
	if err := p.want(1, 1); err != nil {
		return err
	}
	if err := p.oldKind(p.args[0]); err != nil {
		return err
	}
	rule := refusedBy[p.args[0]]
	if rule != audienceControl && rule != "as/client-auth-asymmetric" {
		return fmt.Errorf("expected a kind whose rule can be held against single clients, got %q", p.args[0])
	}
	p.orders = []Order{{Do: Oblige, On: p.file.World.Clients[0].Kind, What: rule}}
	return nil
}

func (p *planner) notify() error {
	if err := p.want(1, 1); err != nil {
		return err
	}
	p.orders = []Order{{Do: Notify, On: p.args[0], What: "the change, with the lines that differ"}}
	if p.args[0] == "all" {
		return nil
	}
	return p.oldKind(p.args[0])
}

func (p *planner) deadline() error {
	if err := p.want(2, 2); err != nil {
		return err
	}
	if _, err := span(p.args[1]); err != nil {
		return err
	}
	return p.oldKind(p.args[0])
}

func (p *planner) oneAPI() error {
	if err := p.want(1, 1); err != nil {
		return err
	}
	return p.api(p.args[0])
}

func (p *planner) probe() error { return p.oneAPI() }
func (p *planner) logs() error  { return p.oneAPI() }

func (p *planner) warn() error {
	if err := p.want(1, 1); err != nil {
		return err
	}
	law := p.file.Law()
	if !slices.ContainsFunc(law, func(o Obligation) bool { return o.ID == p.args[0] }) {
		var names []string
		for _, o := range law {
			names = append(names, o.ID)
		}
		return fmt.Errorf("expected one of %s, got %q", strings.Join(names, ", "), p.args[0])
	}
	return nil
}

func (p *planner) inject() error {
	if err := p.want(1, 1); err != nil {
		return err
	}
	if p.file.inject(p.args[0]) == nil {
		return fmt.Errorf("expected a message of this drill, got %q", p.args[0])
	}
	return nil
}

// answer says which message, and what, where the drill has several things to say.
func (p *planner) answer() error {
	if len(p.args) == 0 {
		return p.want(1, 2)
	}
	in := p.file.inject(p.args[0])
	switch {
	case in == nil:
		return fmt.Errorf("expected a message of this drill, got %q", p.args[0])
	case len(in.Answers) == 0 && len(p.args) > 1:
		return fmt.Errorf("expected answer %s and nothing more, got %d words: what is said is said in the room", in.ID, len(p.args))
	case len(in.Answers) == 0:
		return nil
	case len(p.args) == 2 && in.reply(p.args[1]) != nil:
		return nil
	}
	var ids []string
	for _, r := range in.Answers {
		ids = append(ids, r.ID)
	}
	return fmt.Errorf("expected what to say to %s (%s), got %q", in.ID, strings.Join(ids, ", "), strings.Join(p.args[1:], " "))
}
