package ecosystem

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Numbers of the model and policies as people write them: "reach=0.8", "45,notify,ratchet".

// numbers are those that can be set by name, in the order in which List has them.
func (p *Params) numbers() (names []string, at map[string]*float64) {
	at = map[string]*float64{}
	add := func(name string, v *float64) { names, at[name] = append(names, name), v }
	for i := range p.Tiers {
		t := &p.Tiers[i]
		add(t.Name+".share", &t.Share)
		add(t.Name+".median", &t.Median)
		add(t.Name+".spread", &t.Spread)
		add(t.Name+".never", &t.Never)
	}
	add("zipf", &p.Zipf)
	add("shock", &p.Shock)
	add("rollout", &p.Rollout)
	add("roll_spread", &p.RollSpread)
	add("notified", &p.Notified)
	add("reach", &p.Reach)
	add("mandate", &p.Mandate)
	add("regress", &p.Regress)
	add("again", &p.Again)
	add("api", &p.API)
	add("api_spread", &p.APISpread)
	add("api_never", &p.APINever)
	return names, at
}

// Names are those of the numbers that Set and With take.
func (p Params) Names() []string {
	names, _ := p.numbers()
	return names
}

// Get is a number by its name; 0 if there is none of that name.
func (p Params) Get(name string) float64 {
	if _, at := p.numbers(); at[name] != nil {
		return *at[name]
	}
	return 0
}

// With are the same numbers with one of them changed. Whether they make sense, Check says.
func (p Params) With(name string, value float64) (Params, error) {
	p.Tiers = slices.Clone(p.Tiers)
	names, at := p.numbers()
	if at[name] == nil {
		return p, fmt.Errorf("expected one of %s, got %q", strings.Join(names, ", "), name)
	}
	*at[name] = value
	return p, nil
}

// Known finds the range and the source of a number by its name.
func (p Params) Known(name string) Param {
	if i := slices.Index(p.Names(), name); i >= 0 {
		return p.List()[i]
	}
	return Param{Name: name}
}

// Changes are the numbers in which p differs from other, as they can be set: "reach=0.8".
func (p Params) Changes(other Params) (out []string) {
	names, at := p.numbers()
	for _, name := range names {
		if v := *at[name]; v != other.Get(name) {
			out = append(out, name+"="+strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	return out
}

// Own is a policy of somebody's own, named after what it does.
func Own(p Policy) Policy {
	p.Name = "yours: " + strings.ReplaceAll(p.Spec(), ",", ", ")
	return p
}

// Spec writes a policy as ParsePolicy reads it: "45,notify,ratchet".
func (p Policy) Spec() string {
	day := func(d float64) string { return strconv.FormatFloat(d, 'g', -1, 64) }
	words := []string{"no date"}
	if p.Deadline > 0 {
		words[0] = day(p.Deadline) + " d"
	}
	if len(p.Phased) > 0 {
		var days []string
		for _, d := range p.Phased {
			days = append(days, day(d))
		}
		words[0] = strings.Join(days, "/") + " d"
	}
	if p.Notify {
		words = append(words, "notify")
	}
	if p.Ratchet {
		words = append(words, "ratchet")
	}
	return strings.Join(words, ",")
}

// ParsePolicy reads a policy: days until the old form is refused (several, with /, for each tier its own), and the
// words notify and ratchet, with commas between them. "no date" is a word too.
func ParsePolicy(text string) (Policy, error) {
	var p Policy
	for word := range strings.SplitSeq(text, ",") {
		switch word = strings.TrimSpace(word); word {
		case "notify":
			p.Notify = true
		case "ratchet":
			p.Ratchet = true
		case "no date":
		default:
			days, err := parseDays(strings.TrimSpace(strings.TrimSuffix(word, "d")))
			if err != nil {
				return p, fmt.Errorf("expected days such as 45 or 30/60/120, and the words notify, ratchet or no date, got %q", word)
			}
			if p.Deadline, p.Phased = days[0], nil; len(days) > 1 {
				p.Deadline, p.Phased = 0, days
			}
		}
	}
	return Own(p), nil
}

func parseDays(text string) (days []float64, err error) {
	for one := range strings.SplitSeq(text, "/") {
		d, err := strconv.ParseFloat(one, 64)
		if err != nil || !(d > 0) || d > 3650 {
			return nil, fmt.Errorf("expected a number of days, got %q", one)
		}
		days = append(days, d)
	}
	return days, nil
}
