package drill

import (
	"slices"
	"strings"
)

// factNames are the names a condition can use, and what the word in parentheses after each names.
var factNames = map[string]wordKind{
	"t": noWord, "records": noWord, "success": noWord, "rounds": noWord, "clients_broken": noWord, "clinics_dark": noWord, "relogins": noWord,
	"eradicated": noWord, "began": noWord, "believed_true": noWord, "rotated": noWord, "old_key": noWord,
	"done": aDecision, "ordered": aDecision, "rounds_since": aMark, "notified": anAudience, "acked": anInject, "fired": anInject, "said": aReply, "believe": aHypothesis, "shown": aHypothesis,
	"exposed": aClient, "broken": aClient, "probed": anAPI, "found": anAPI, "on": aControl, "rolled": aKey,
}

func factList() (names []string) {
	for n, word := range factNames {
		if word != noWord {
			n += "(…)"
		}
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// fact answers a condition. t is in seconds; exposed is how many clients are of a kind; done takes an action, ordered
// one that was decided and may still be under way; shown is an explanation that was held likely by evidence that
// bears on it; on('rs/dpop-jti@records') is a control at a place, as it stands, and without a place one that was
// deployed somewhere; rotated, that the server's first key is published no more; old_key, how many APIs that judge tokens themselves believe one that the server signs with no more; rolled('auth web-ehr'), that a
// client's first key is good no more.
func (d *Drill) fact(name, word string) float64 {
	switch name {
	case "t":
		return d.now.Seconds()
	case "records":
		return d.records
	case "success":
		return d.success()
	case "rounds":
		return float64(len(d.tries))
	case "rounds_since":
		return float64(d.roundsSince(word))
	case "clients_broken":
		return float64(d.broken.Clients - d.baseline)
	case "clinics_dark":
		return float64(d.broken.Clinics)
	case "relogins":
		return float64(d.reloginVisits)
	case "eradicated":
		return truth(d.erad.met(withoutCause{d}))
	case "began":
		return truth(d.begun)
	case "believed_true":
		return truth(d.has("believe-true"))
	case "exposed":
		for i, k := range d.file.World.Clients {
			if k.Kind == word {
				return float64(d.pop.Of(i).Clients)
			}
		}
		return 0
	case "on":
		return truth(d.isOn(word))
	case "old_key":
		n, _ := d.onOldKeys()
		return float64(n)
	case "rotated":
		return truth(d.rotated())
	case "rolled":
		return truth(d.rolled(word))
	case "broken":
		for _, s := range d.services {
			if s.Client == word && s.State == Broken {
				return 1
			}
		}
		return 0
	}
	return d.noted(name, word)
}

// noted answers whether something has happened.
func (d *Drill) noted(name, word string) float64 {
	switch name {
	case "notified":
		_, there := d.duties[word]
		return truth(there || d.has("done notify "+word))
	case "acked":
		_, there := d.answered[word]
		return truth(there)
	case "fired":
		i := slices.IndexFunc(d.file.Injects, func(in Inject) bool { return in.ID == word })
		return truth(i >= 0 && d.fired[i])
	}
	return truth(d.has(name + " " + word))
}

// withoutCause keeps a condition that speaks of eradication from asking itself.
type withoutCause struct{ d *Drill }

func (w withoutCause) fact(name, word string) float64 {
	if name == "eradicated" {
		return 0
	}
	return w.d.fact(name, word)
}

// look lets everybody look at the state: what happens when a condition is met happens now.
func (d *Drill) look() {
	f := d.file
	for i := range f.Injects {
		in := &f.Injects[i]
		if d.fired[i] || in.When == "" && d.now < in.At || in.When != "" && !in.when.met(d) {
			continue
		}
		d.fire(i)
	}
	for _, b := range d.beliefs {
		if h := f.hypothesis(b.Hypothesis); h != nil && h.True && b.Percent > 50 {
			d.note("believe-true")
		}
	}
	for i := range f.Objectives {
		o := &f.Objectives[i]
		if _, there := d.reached[o.ID]; !there && o.when.met(d) {
			d.reached[o.ID] = d.now
		}
	}
	for i := range f.Traps {
		if _, there := d.trapped[i]; !there && f.Traps[i].when.met(d) {
			d.trapped[i] = d.now
		}
	}
}

// fire has a message reach the players.
func (d *Drill) fire(i int) {
	in := &d.file.Injects[i]
	d.fired[i] = true
	d.note("fired " + in.ID)
	m := Message{At: d.now, ID: in.ID, Channel: in.Channel, From: in.From, Text: in.Text + d.attached(in)}
	if in.AnswerWithin > 0 {
		m.AnswerBy = d.now + in.AnswerWithin
	}
	for _, r := range in.Answers {
		m.Answers = append(m.Answers, Choice{r.ID, flat(r.Text)})
	}
	slices.SortFunc(m.Answers, func(a, b Choice) int { return strings.Compare(a.Word, b.Word) })
	d.inbox = append(d.inbox, m)
	if in.Aware && d.aware < 0 {
		d.aware = d.now
	}
}
