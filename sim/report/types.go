package report

import (
	"strings"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/verdict"
)

// Attack is what readers need to know about a technique.
type Attack struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Story   string   `json:"story"`
	Reads   []string `json:"reads,omitempty"`
	Needs   []string `json:"needs,omitempty"`   // vantages and assets, in words
	Against []string `json:"against,omitempty"` // traits of a dialect it depends on
	Beyond  string   `json:"beyond,omitempty"`
	// Evidence is what the logs of the honest show of it.
	Evidence string   `json:"evidence,omitempty"`
	Model    []string `json:"attacker_model,omitempty"` // classes of the FAPI 2.0 attacker model, or "outside"
}

// Profile is what readers need to know about a profile.
type Profile struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Controls []string `json:"controls"`
}

// Run is one attack under one profile.
type Run struct {
	ID        string          `json:"id,omitempty"`      // in the history; empty if not kept
	Started   time.Time       `json:"started,omitzero"`  // by the machine's clock, for the history only
	Part      string          `json:"part_of,omitempty"` // what it was made for: PartOfMatrix, or empty if it was asked for alone
	Attack    Attack          `json:"attack"`
	Profile   string          `json:"profile"`
	Seed      uint64          `json:"seed"`
	Wire      string          `json:"wire"`
	Verdict   verdict.Verdict `json:"verdict"`
	Expected  verdict.Outcome `json:"expected,omitempty"` // of the reviewed matrix; empty if it says nothing
	Recording event.Recording `json:"recording,omitzero"`
}

// Surprise tells whether the run differs from the reviewed matrix. A void run is always a surprise.
func (r Run) Surprise() bool {
	return r.Verdict.Outcome == verdict.Void || r.Expected != "" && r.Expected != r.Verdict.Outcome
}

// Cell is one attack under one profile in a matrix.
type Cell struct {
	Attack     string          `json:"attack"` // id
	Profile    string          `json:"profile"`
	Applicable bool            `json:"applicable"`
	Verdict    verdict.Verdict `json:"verdict,omitzero"`
	Expected   verdict.Outcome `json:"expected,omitempty"`
}

// Surprise tells whether the cell differs from the reviewed matrix.
func (c Cell) Surprise() bool {
	void := c.Verdict.Outcome == verdict.Void && c.Expected != verdict.Void // which only a baseline ever expects
	return c.Applicable && (void || c.Expected != "" && c.Expected != c.Verdict.Outcome)
}

// Matrix is attacks by profiles, in the order of Attacks and Profiles.
type Matrix struct {
	Seed     uint64    `json:"seed"`
	Attacks  []Attack  `json:"attacks"`
	Profiles []Profile `json:"profiles"`
	Cells    [][]Cell  `json:"cells"` // [attack][profile]
	// Stale are entries of a baseline that accept what is not there, each a sentence.
	Stale []string `json:"stale_baseline,omitempty"`
	// By is the program that played it, where a format wants to know. It is in no document of our own: what is played
	// depends on it, but the same matrix by two builds is the same document.
	By Program `json:"-"`
}

// Program is a build of thiefbox.
type Program struct {
	Version string // as the go tool stamps it: "v1.2.3", "(devel)"; empty if unknown
	Module  string // path of the module it was built from
}

// home is the page about the module: its path, if that begins with a host; empty for a module that is nowhere on the web.
func (p Program) home() string {
	if host, _, _ := strings.Cut(p.Module, "/"); strings.Contains(host, ".") {
		return "https://" + p.Module
	}
	return ""
}

// Layer is one step of a peel: what stopped the attack, before it was taken away.
type Layer struct {
	Verdict verdict.Verdict `json:"verdict"`
	Removed []string        `json:"removed"` // controls already off in this run
}

// Peel is an attack run again and again, each time without what stopped it: its layers are the
// defence in depth.
type Peel struct {
	Attack  Attack  `json:"attack"`
	Profile string  `json:"profile"`
	Seed    uint64  `json:"seed"`
	Layers  []Layer `json:"layers"`
}
