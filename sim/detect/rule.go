package detect

import (
	"fmt"
	"slices"
	"time"
)

// Record is one line of a log.
type Record struct {
	N       int // its place in the logs
	At      time.Time
	Service string // which log: the logsource's service
	// Get returns a field: a string, an int, a bool, a []string, or nil if there is none.
	Get func(field string) any
}

// Rule is one document: a detection, or a correlation of others.
type Rule struct {
	Title          string   `json:"title"`
	ID             string   `json:"id"` // UUID
	Name           string   `json:"name,omitempty"`
	Description    string   `json:"description"`
	Level          string   `json:"level"`
	Status         string   `json:"status"`
	Tags           []string `json:"tags"`
	FalsePositives []string `json:"false_positives"`
	// Base: the rule is there for correlations, and is nothing to be told of by itself.
	Base bool   `json:"-"`
	File string `json:"-"`
	Line int    `json:"-"`

	service   string
	detection condition
	corr      *correlation
}

// Handle is what people call the rule: its name, else its id.
func (r *Rule) Handle() string {
	if r.Name != "" {
		return r.Name
	}
	return r.ID
}

// Pack is rules that stand together.
type Pack struct{ rules []*Rule }

// Rules are those that raise alarms, in the order of their files.
func (p Pack) Rules() (out []*Rule) {
	for _, r := range p.rules {
		if !r.Base {
			out = append(out, r)
		}
	}
	return out
}

// Find returns a rule by its name, id or title.
func (p Pack) Find(name string) (*Rule, bool) {
	i := slices.IndexFunc(p.rules, func(r *Rule) bool { return name == r.Name || name == r.ID || name == r.Title })
	if i < 0 {
		return nil, false
	}
	return p.rules[i], true
}

// Fired says that a rule found something, and when first.
type Fired struct {
	Rule  *Rule
	First time.Time
	Last  int // N of the last record it found
	Count int // records, or for a correlation, records at which it held
}

// Evaluate plays records, oldest first, to all rules that raise alarms.
func (p Pack) Evaluate(records []Record) (out []Fired) {
	matches := map[*Rule][]Record{}
	for _, r := range p.rules {
		if r.corr != nil {
			continue
		}
		for _, rec := range records {
			if r.matches(rec) {
				matches[r] = append(matches[r], rec)
			}
		}
	}
	for _, r := range p.rules {
		if r.Base {
			continue
		}
		found := matches[r]
		if r.corr != nil {
			found = r.corr.evaluate(matches)
		}
		if len(found) > 0 {
			out = append(out, Fired{r, found[0].At, found[len(found)-1].N, len(found)})
		}
	}
	return out
}

func (r *Rule) matches(rec Record) bool {
	return (r.service == "" || r.service == rec.Service) && r.detection(rec)
}

// Error is what is wrong with a file of rules.
type Error struct {
	File string
	Line int
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text) }
