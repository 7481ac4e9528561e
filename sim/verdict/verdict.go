package verdict

// Outcome is what a run showed.
type Outcome string

// The outcomes.
const (
	Breached Outcome = "breached" // the thief ended up with something he has no right to
	Held     Outcome = "held"     // he did not, and a control stopped him
	Void     Outcome = "void"     // the run proves nothing
)

// Fact is one thing the thief achieved.
type Fact struct {
	Kind    FactKind `json:"kind"`
	Event   int      `json:"event"` // number of the event that shows it
	Patient string   `json:"patient,omitempty"`
	Text    string   `json:"text"` // a sentence for a person
}

// FactKind is one of the facts that make a breach.
type FactKind string

// The facts.
const (
	Learnt  FactKind = "learnt"  // bytes delivered to the thief hold the canary of a record he has no right to
	Acted   FactKind = "acted"   // a server served or changed something for him under another's name
	Planted FactKind = "planted" // a record he has no right to holds what he wrote
	Crossed FactKind = "crossed" // an honest client signed a browser in as somebody who is not its owner
)

// Verdict is the judgement over one run.
type Verdict struct {
	Outcome   Outcome `json:"outcome"`
	Facts     []Fact  `json:"facts,omitempty"`
	StoppedBy string  `json:"stopped_by,omitempty"` // Held: id of the control
	Decisive  int     `json:"decisive,omitempty"`   // event that decided: the first fact, or the refusal
	Reason    string  `json:"reason"`               // one sentence
}

// Records is how many patients' records the thief learnt from.
func (v Verdict) Records() int {
	seen := map[string]bool{}
	for _, f := range v.Facts {
		if f.Kind == Learnt && f.Patient != "" {
			seen[f.Patient] = true
		}
	}
	return len(seen)
}
