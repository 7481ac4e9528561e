package report

import (
	"slices"
	"strings"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/verdict"
)

// Step is one thing a reader steps through.
type Step struct {
	Event    int             `json:"event"` // number of the event it shows
	At       time.Time       `json:"at"`    // the world's time
	Phase    event.PhaseName `json:"phase,omitempty"`
	Kind     StepKind        `json:"kind"`
	From     string          `json:"from,omitempty"` // actor
	To       string          `json:"to,omitempty"`   // actor; empty if it has no direction
	Label    string          `json:"label"`          // for an arrow: "GET /Patient/p07", "401"
	Sentence string          `json:"sentence"`
	Exchange int             `json:"exchange,omitempty"`
	// Thief: he is at one end of it, or it reaches him.
	Thief bool `json:"thief,omitempty"`
	// Minor: machinery (metadata, keys, introspection) that a reader in a hurry skips.
	Minor bool `json:"minor,omitempty"`
	// Rulings are the controls asked in this exchange, on the step that answers it.
	Rulings []event.Ruling `json:"rulings,omitempty"`
	Outcome string         `json:"outcome,omitempty"` // Leak, Stop or empty
}

// What a step can show.
const (
	Leak = "LEAK" // a fact of the verdict
	Stop = "stop" // a control refused
)

// StepKind is the kind of a step.
type StepKind string

// Kinds of step.
const (
	StepPhase     StepKind = "phase"
	StepStory     StepKind = "story"
	StepRequest   StepKind = "request"
	StepResponse  StepKind = "response"
	StepLost      StepKind = "lost"
	StepOverheard StepKind = "overheard"
	StepGranted   StepKind = "granted"
	StepLure      StepKind = "lure"
	StepSignedIn  StepKind = "signed in"
	StepJourney   StepKind = "journey"
	StepFault     StepKind = "fault" // the technique could not even try
)

// Steps tells a recording as steps, oldest first. Facts of v that a step does not show itself (what an
// API served, what was withdrawn) stand on the step that answers their exchange.
func Steps(rec event.Recording, v verdict.Verdict) []Step {
	return StepsOf(Run{Recording: rec, Verdict: v})
}

// StepsOf tells a run as steps. Unlike a recording alone, it knows what the attack is called.
func StepsOf(run Run) []Step {
	t := newTeller(run.Recording.Events, run.Verdict)
	t.title = run.Attack.Title
	for _, e := range run.Recording.Events {
		t.tell(e)
	}
	return t.steps
}

// teller turns events into steps. It remembers who had which secret first, since that is what makes
// one stolen.
type teller struct {
	cast
	title     string   // of the attack, if it is known
	has       []string // what the thief was granted, in words
	phase     event.PhaseName
	exchanges map[int]*Exchange
	facts     map[int][]verdict.Fact // by the event whose step shows them
	decisive  int
	first     map[string]string // secret to the actor who had it first
	steps     []Step
}

func newTeller(events []event.Event, v verdict.Verdict) *teller {
	t := &teller{
		cast: castOf(events), exchanges: exchanges(events), decisive: v.Decisive,
		facts: map[int][]verdict.Fact{}, first: map[string]string{}, steps: make([]Step, 0, len(events)/3),
	}
	byNumber := make(map[int]event.Event, len(v.Facts))
	for _, f := range v.Facts {
		byNumber[f.Event] = event.Event{}
	}
	for _, e := range events {
		if _, wanted := byNumber[e.N]; wanted {
			byNumber[e.N] = e
		}
	}
	for _, f := range v.Facts {
		n := t.shownAt(byNumber[f.Event])
		t.facts[n] = append(t.facts[n], f)
	}
	return t
}

// shownAt is the event whose step shows what e proves.
func (t *teller) shownAt(e event.Event) int {
	switch e.Body.(type) {
	case event.Access, event.Written, event.Withdrawn, event.Disclosed:
		x := t.exchanges[e.Exchange]
		if x != nil && x.ResponseEvent != 0 {
			return x.ResponseEvent
		}
		if x != nil && x.RequestEvent != 0 {
			return x.RequestEvent
		}
	}
	return e.N
}

func (t *teller) tell(e event.Event) {
	s := Step{Event: e.N, At: e.At, Exchange: e.Exchange}
	switch b := e.Body.(type) {
	case event.Phase:
		t.phase = b.Name
		s.Kind, s.Label, s.Sentence = StepPhase, string(b.Name), phaseSentence(b.Name)
		if b.Name == event.PhaseAttack && t.thief != "" {
			s.Sentence = attackSentence(t.thief, t.has, t.title)
		}
	case event.Step:
		s.Kind, s.From, s.Label, s.Sentence = StepStory, b.Actor, b.Text, t.name(b.Actor)+" "+b.Text
	case event.Request:
		t.request(&s, b)
	case event.Response:
		t.response(&s, b)
	case event.Lost:
		t.lost(&s, b)
	case event.Overheard:
		t.overheard(&s, b)
	case event.Granted:
		t.granted(&s, b)
	case event.Lured:
		s.Kind, s.From, s.To, s.Label, s.Thief = StepLure, t.thief, b.Victim, "link "+shortURL(b.URL), true
		s.Sentence = t.name(b.Victim) + " follows a link of " + possessive(t.theThief()) + " to " + shortURL(b.URL)
	case event.SignedIn:
		t.signedIn(&s, b)
	case event.Journey:
		s.Kind, s.Label, s.Sentence = StepJourney, b.Name, journeySentence(b)
	case event.Ended:
		if b.Error == "" {
			return
		}
		s.Kind, s.Label = StepFault, "fault"
		s.Sentence = t.theThief() + " could not even try: " + b.Error
	default:
		return
	}
	t.close(&s)
}

// close adds what every step has.
func (t *teller) close(s *Step) {
	s.Phase = t.phase
	s.Thief = s.Thief || t.isThief(s.From) || t.isThief(s.To)
	if facts := t.facts[s.Event]; len(facts) > 0 {
		s.Outcome = Leak
		s.Minor = false
		if s.Kind != StepSignedIn { // which is the fact
			s.Sentence += "; " + summary(facts)
		}
	}
	t.steps = append(t.steps, *s)
}

// summary says what the facts of one step amount to: whose records, if there are any.
func summary(facts []verdict.Fact) string {
	var texts []string
	for _, f := range facts {
		if f.Kind == verdict.Learnt {
			texts = append(texts, f.Text)
		}
	}
	if len(texts) == 0 {
		for _, f := range facts {
			texts = append(texts, f.Text)
		}
	}
	if n := len(texts); n > 2 {
		return texts[0] + ", and " + itoa(n-1) + " more of the kind"
	}
	return strings.Join(texts, "; ")
}

func (t *teller) request(s *Step, b event.Request) {
	s.Kind, s.From, s.To = StepRequest, b.From, b.To
	s.Label = b.Message.Method + " " + shortPath(b.Message.URL)
	s.Sentence = t.requestSentence(b)
	s.Minor = t.minor(b)
	t.remember(b.From, b.Message)
	if x5t := b.Certificate.Thumbprint; x5t != "" && t.first[x5t] == "" {
		t.first[x5t] = b.From
	}
}

// remember notes who had a secret first. Others who have it later have it from there.
func (t *teller) remember(owner string, m event.Message) {
	secretsOf(m, func(_, value string) {
		if _, known := t.first[value]; !known {
			t.first[value] = owner
		}
	})
}

func (t *teller) response(s *Step, b event.Response) {
	x := t.exchanges[s.Exchange]
	if x == nil { // a recording that was tampered with; show what there is
		x = &Exchange{Response: &b.Message}
	}
	s.Kind, s.From, s.To = StepResponse, x.Request.To, x.Request.From
	s.Label = itoa(b.Message.Status)
	s.Rulings = x.Rulings
	s.Sentence = t.responseSentence(x, b.Message)
	s.Minor = t.minor(x.Request) && b.Message.Status < 400
	if t.stopped(x) {
		s.Outcome = Stop
		s.Minor = false
	}
	owner := x.Request.From
	if t.isThief(x.Request.To) {
		owner = x.Request.To // what he hands out was his before
	}
	t.remember(owner, b.Message)
}

// stopped tells whether a control refused in this exchange. A challenge counts only where the judge
// says that it decided: an honest client overcomes it.
func (t *teller) stopped(x *Exchange) bool {
	for i, r := range x.Rulings {
		if r.Outcome == outcomeRefused || r.Outcome == outcomeChallenged && x.RulingEvents[i] == t.decisive {
			return true
		}
	}
	return false
}

const (
	outcomeRefused    = "refused"
	outcomeChallenged = "challenged"
)

func (t *teller) lost(s *Step, b event.Lost) {
	s.Kind, s.Label = StepLost, "lost"
	if x := t.exchanges[s.Exchange]; x != nil {
		s.From, s.To, s.Rulings = x.Request.From, x.Request.To, x.Rulings
	}
	s.Sentence = "the request never arrives at " + t.name(s.To)
	if b.Why != "" {
		s.Sentence += ": " + b.Why
	}
}

func (t *teller) overheard(s *Step, b event.Overheard) {
	s.Kind, s.To, s.Thief = StepOverheard, t.thief, true
	if s.Exchange == 0 {
		s.Exchange = b.Of
	}
	if x := t.exchanges[b.Of]; x != nil {
		s.From = x.Request.To
		if b.Message.Status != 0 {
			s.From = x.Request.From
		}
	}
	s.Label = "overheard at " + string(b.Vantage)
	s.Sentence = t.theThief() + " overhears, " + place(b.Vantage) + ", " + overheardWhat(b.Message)
	t.remember(s.From, b.Message)
}

func (t *teller) granted(s *Step, b event.Granted) {
	s.Kind, s.To, s.Thief = StepGranted, t.thief, true
	if b.Asset != "" {
		s.Label = string(b.Asset)
		s.Sentence = t.theThief() + " " + AssetWords(b.Asset)
		t.nowHas(AssetWords(b.Asset))
		owner := "" // somebody else
		if b.Asset == event.OwnClient || b.Asset == event.OwnSystem {
			owner = t.thief
		}
		t.remember(owner, event.Message{Body: b.Bytes})
		return
	}
	s.Label = string(b.Vantage)
	s.Sentence = t.theThief() + " " + VantageWords(b.Vantage)
	t.nowHas(VantageWords(b.Vantage))
}

func (t *teller) nowHas(words string) {
	if has := short(words); !slices.Contains(t.has, has) {
		t.has = append(t.has, has)
	}
}

func (t *teller) signedIn(s *Step, b event.SignedIn) {
	s.Kind, s.From, s.Label = StepSignedIn, b.Client, "signed in as "+b.Subject
	owner := "somebody"
	if x := t.exchanges[s.Exchange]; x != nil && x.Request.From != "" {
		owner, s.To = t.name(x.Request.From), x.Request.From
	}
	s.Sentence = t.name(b.Client) + " takes the browser of " + owner + " for " + b.Subject
}
