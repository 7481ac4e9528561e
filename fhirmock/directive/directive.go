// Package directive reads what a patient's Consent says about who may open her record (FHIR R4 Consent). It is pure: given
// a Consent and a question, it says whether the one closes what the other is about. Whom a reference means, what a record
// holds and what an emergency is are the asker's to know.
//
// Begin with Read. A Consent closes and never opens: who may see a record at all is decided elsewhere, and a permit is an
// exception to a denial of the same Consent. So nobody gains by one, and of several each is asked by itself.
//
// Of R4's words, where they leave it open:
//
//   - What rules is active and about privacy (scope patient-privacy). One about treatment, research or what is to be done at
//     the end of life says nothing here.
//   - A provision at the root has no type by its definition and one in R4's own examples. Both are read: without one,
//     policyRule decides, which denies if it is OPTOUT. An exception without one, which R4 does not allow, is none.
//   - Among exceptions to one rule that both apply, a denial wins.
//   - A denial whose condition cannot be judged (a class of documents) applies, an exception to it does not.
//   - A label of confidentiality is a high-water mark: it means what is labelled so or lower, and of a denial what is
//     labelled higher is meant all the more. Of other labels each means itself.
//   - What has no date of its own lies in every dataPeriod, but for the person: who somebody is is of no period.
package directive

import (
	"slices"
	"strings"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/terms"
)

// Code systems that are asked about.
const (
	scopes          = "http://terminology.hl7.org/CodeSystem/consentscope"
	actCode         = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
	resourceTypes   = "http://hl7.org/fhir/resource-types"
	emergency       = "BTG" // v3-ActReason
	treatment       = "TREAT"
)

// Directive is a Consent that closes something.
type Directive struct {
	root rule
	// denies: what the root says nothing of is closed.
	denies bool
}

// rule is a provision.
type rule struct {
	typed, deny  bool
	actors       []*r4.Node // references
	actions      []*r4.Node // codeable concepts
	labels       []*r4.Node // codings, as are the next two
	purposes     []*r4.Node
	classes      []*r4.Node
	codes        []*r4.Node // codeable concepts
	data         []*r4.Node
	valid, dated *terms.Span
	exceptions   []rule
}

// Read reads a Consent. It returns nil for one that closes nothing to anybody, as most do.
func Read(consent *r4.Node) *Directive {
	if consent.String("status") != "active" || !has(consent.Get("scope"), scopes, "patient-privacy") {
		return nil
	}
	policy := consent.Get("policyRule")
	d := &Directive{denies: has(policy, actCode, "OPTOUT") || has(policy, actCode, "OPTOUTE")}
	if p := consent.Get("provision"); p != nil {
		d.root = readRule(p)
	}
	if !d.denies && !d.root.anyDenial() {
		return nil
	}
	return d
}

func readRule(p *r4.Node) rule {
	r := rule{
		typed: p.String("type") != "", deny: p.String("type") == "deny",
		actions: p.List("action"), labels: p.List("securityLabel"), purposes: p.List("purpose"), classes: p.List("class"), codes: p.List("code"),
		data: p.List("data"), valid: period(p.Get("period")), dated: period(p.Get("dataPeriod")),
	}
	for _, actor := range p.List("actor") {
		r.actors = append(r.actors, actor.Get("reference"))
	}
	for _, exception := range p.List("provision") {
		r.exceptions = append(r.exceptions, readRule(exception))
	}
	return r
}

func (r *rule) anyDenial() bool {
	return r.deny || slices.ContainsFunc(r.exceptions, func(e rule) bool { return e.anyDenial() })
}

// Size is how many provisions and conditions there are to go through for one answer.
func (d *Directive) Size() int { return d.root.size() }

func (r *rule) size() int {
	n := 1 + len(r.actors) + len(r.actions) + len(r.labels) + len(r.purposes) + len(r.classes) + len(r.codes) + len(r.data)
	for i := range r.exceptions {
		n += r.exceptions[i].size()
	}
	return n
}

// Particular tells whether the answer depends on more of a record than its type.
func (d *Directive) Particular() bool { return d.root.particular() }

func (r *rule) particular() bool {
	return len(r.labels) > 0 || len(r.codes) > 0 || len(r.data) > 0 || r.dated != nil ||
		slices.ContainsFunc(r.exceptions, func(e rule) bool { return e.particular() })
}

// Question is what somebody is about to do with a record.
type Question struct {
	// Means tells whether an actor, a Reference, is or includes who asks; it may be nil.
	Means func(actor *r4.Node) bool
	// Purpose is what he says it is for, by its code in v3-ActReason; empty for what all are here for, which is treatment.
	// It closes more and opens nothing: anybody can say a word.
	Purpose string
	// Emergency: the glass is broken for her. A denial that says nothing of emergencies is not about one.
	Emergency bool
	Writes    bool
	Type      string
	Record    Record
	Now       time.Time
}

// Record is as much of one as is asked about where a directive is particular.
type Record interface {
	Node() *r4.Node
	Dates() []terms.Span
	// Refers tells whether a reference is to the record itself, and whether it is to something that it refers to.
	Refers(reference string) (itself, related bool)
}

// Closes tells whether what is asked is closed.
func (d *Directive) Closes(q *Question) bool {
	return d.root.decide(q, d.denies && !q.Emergency)
}

// decide says what becomes of a question under a rule and what are exceptions to it.
func (r *rule) decide(q *Question, denied bool) bool {
	asDenial := r.deny || !r.typed && denied
	if !r.meets(q, asDenial) {
		return denied
	}
	out, excepted := asDenial, false
	for i := range r.exceptions {
		e := &r.exceptions[i]
		if !e.meets(q, e.deny) {
			continue
		}
		if e.decide(q, out) {
			return true
		}
		excepted = excepted || !e.deny
	}
	return out && !excepted
}

// meets tells whether all conditions of a rule are met.
func (r *rule) meets(q *Question, asDenial bool) bool {
	return (r.valid == nil || within(*r.valid, q.Now)) &&
		(len(r.actors) == 0 || slices.ContainsFunc(r.actors, q.means)) &&
		r.meetsPurpose(q, asDenial) && r.meetsAction(q, asDenial) && r.meetsClass(q, asDenial) &&
		r.meetsLabel(q, asDenial) && r.meetsContent(q) && r.meetsDate(q)
}

func (q *Question) means(actor *r4.Node) bool { return actor != nil && q.Means(actor) }

func (r *rule) meetsPurpose(q *Question, asDenial bool) bool {
	if len(r.purposes) == 0 {
		return !q.Emergency || !asDenial
	}
	return slices.ContainsFunc(r.purposes, func(c *r4.Node) bool {
		code := c.String("code")
		if q.Emergency {
			return code == emergency
		}
		return code == treatment || asDenial && code == q.Purpose
	})
}

// What consentaction has for who reads and who writes.
var reads, writes = []string{"access", "use", "disclose"}, []string{"collect", "correct"}

func (r *rule) meetsAction(q *Question, asDenial bool) bool {
	if len(r.actions) == 0 {
		return true
	}
	for _, action := range r.actions {
		for _, c := range action.List("coding") {
			code := c.String("code")
			does, doesNot := reads, writes
			if q.Writes {
				does, doesNot = writes, reads
			}
			if slices.Contains(does, code) || asDenial && !slices.Contains(doesNot, code) {
				return true
			}
		}
	}
	return false
}

func (r *rule) meetsClass(q *Question, asDenial bool) bool {
	return len(r.classes) == 0 || slices.ContainsFunc(r.classes, func(c *r4.Node) bool {
		if c.String("system") != resourceTypes {
			return asDenial
		}
		return c.String("code") == q.Type
	})
}

// levels are the codes of confidentiality, from the least to the most.
const levels = "ULMNRV"

func (r *rule) meetsLabel(q *Question, asDenial bool) bool {
	if len(r.labels) == 0 {
		return true
	}
	for _, have := range q.Record.Node().Get("meta").List("security") {
		for _, want := range r.labels {
			if have.String("system") != want.String("system") {
				continue
			}
			if have.String("code") == want.String("code") || want.String("system") == confidentiality &&
				(asDenial || strings.Index(levels, have.String("code")) <= strings.Index(levels, want.String("code"))) {
				return true
			}
		}
	}
	return false
}

// meetsContent is about what stands in the record: a code anywhere in it, and that it is one that is named.
func (r *rule) meetsContent(q *Question) bool {
	if len(r.codes) > 0 && !slices.ContainsFunc(r.codes, func(concept *r4.Node) bool {
		return slices.ContainsFunc(concept.List("coding"), func(c *r4.Node) bool { return holds(q.Record.Node(), c) })
	}) {
		return false
	}
	return len(r.data) == 0 || slices.ContainsFunc(r.data, func(d *r4.Node) bool {
		itself, related := q.Record.Refers(terms.Target(d.Get("reference").String("reference")))
		return itself || related && d.String("meaning") != "instance"
	})
}

func (r *rule) meetsDate(q *Question) bool {
	if r.dated == nil {
		return true
	}
	if q.Type == "Patient" {
		return false
	}
	dates := q.Record.Dates()
	return len(dates) == 0 || slices.ContainsFunc(dates, func(d terms.Span) bool { return d.Lo <= r.dated.Hi && r.dated.Lo <= d.Hi })
}

// holds tells whether a coding stands anywhere in a resource, the narrative aside, which has none.
func holds(n, coding *r4.Node) bool {
	if n.Kind == r4.Object && n.String("code") == coding.String("code") && n.String("system") == coding.String("system") {
		return true
	}
	return slices.ContainsFunc(n.Items, func(item *r4.Node) bool { return holds(item, coding) })
}

func has(concept *r4.Node, system, code string) bool {
	return concept != nil && slices.ContainsFunc(concept.List("coding"), func(c *r4.Node) bool {
		return c.String("system") == system && c.String("code") == code
	})
}

// Concerns tells whether some denial is about who asks, whatever the record and the purpose.
func (d *Directive) Concerns(means func(actor *r4.Node) bool) bool {
	return d.denies || d.root.concerns(&Question{Means: means})
}

func (r *rule) concerns(q *Question) bool {
	return r.deny && (len(r.actors) == 0 || slices.ContainsFunc(r.actors, q.means)) ||
		slices.ContainsFunc(r.exceptions, func(e rule) bool { return e.concerns(q) })
}
