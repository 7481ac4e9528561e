package cli

import (
	"reflect"
	"strings"

	"thiefbox/sim/drill"
	"thiefbox/sim/drill/aar"
	"thiefbox/sim/report"
)

// What the commands of drills write as JSON, each with its schema.
const (
	schemaDrillList  = "thiefbox.drill-list/1"
	schemaDrillBrief = "thiefbox.drill-brief/1"
	schemaDrillCheck = "thiefbox.drill-check/1"
	schemaDrillScore = "thiefbox.drill-score/1"
)

var drillDocuments = []report.DocumentKind{
	{Schema: schemaDrillList, About: "The drills there are: `drill list --json`.", Of: reflect.TypeFor[drillListing]()},
	{Schema: schemaDrillBrief, About: "What players may read before a drill, and with --facilitator what they must not: `drill brief DRILL --json`.", Of: reflect.TypeFor[drillBrief]()},
	{Schema: schemaDrillCheck, About: "What is wrong with drills, and what bots come to in them: `drill check --json`.", Of: reflect.TypeFor[drillsChecked]()},
	{Schema: schemaDrillScore, About: "What a drill came to: `drill play --json`. Times are in nanoseconds from the start; -1 is never.", Of: reflect.TypeFor[drillScore]()},
	{Schema: aar.Schema, About: "The after-action report: `drill report --format json`. Where a time is a number it is in nanoseconds from the start; -1 is never.", Of: reflect.TypeFor[aar.Report]()},
}

type drillListing struct {
	Schema string     `json:"schema"`
	Drills []drillRow `json:"drills"`
}

type drillRow struct {
	Name     string `json:"name"`
	ID       string `json:"id"`
	Title    string `json:"title"`
	Duration string `json:"duration"` // simulated
	Room     string `json:"room"`     // what to plan for playing it; 0s if its author did not say
}

type drillsChecked struct {
	Schema string         `json:"schema"`
	Drills []drillChecked `json:"drills"`
}

type drillChecked struct {
	Name     string                `json:"name"`
	Problems []string              `json:"problems"`
	Harm     map[string]drill.Harm `json:"harm,omitempty"` // by bot; not of a drill that cannot be played
}

type drillScore struct {
	Schema  string      `json:"schema"`
	Marking string      `json:"marking"`
	Drill   string      `json:"drill"`
	Seed    uint64      `json:"seed"`
	Tape    string      `json:"tape"` // its hash
	Score   drill.Score `json:"score"`
}

type drillBrief struct {
	Schema       string        `json:"schema"`
	Marking      string        `json:"marking"`
	ID           string        `json:"id"`
	Title        string        `json:"title"`
	Duration     string        `json:"duration"`
	Brief        string        `json:"brief"`
	Objectives   []briefAim    `json:"objectives"`
	Explanations []briefChoice `json:"explanations"` // what it could be
	Weights      drill.Weights `json:"weights"`      // of the harm
	APIs         []briefAPI    `json:"apis"`
	// Facilitator is what players must not see; only where it was asked for.
	Facilitator *drillGuide `json:"facilitator,omitempty"`
}

type briefAim struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	By   string `json:"by"` // T+1h00m
}

type briefChoice struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

type briefAPI struct {
	Kind  string `json:"kind"`
	Title string `json:"title"`
	Count int    `json:"count"`
}

type drillGuide struct {
	Truth        string        `json:"truth"`
	Source       string        `json:"source"` // what it is modelled on
	Right        []string      `json:"right"`  // ids of the explanations that are
	Injects      []guideInject `json:"injects"`
	Traps        []string      `json:"traps"`
	Prompts      []string      `json:"prompts"`
	Debrief      []string      `json:"debrief"`
	ReferenceBot []guideCue    `json:"reference"`
}

type guideInject struct {
	ID       string        `json:"id"`
	At       string        `json:"at,omitempty"`   // T+1h00m, or
	When     string        `json:"when,omitempty"` // the condition under which it arrives
	Channel  string        `json:"channel"`
	From     string        `json:"from"`
	Text     string        `json:"text"`
	Misleads bool          `json:"misleads,omitempty"`
	Watch    string        `json:"watch,omitempty"`
	Answers  []drill.Reply `json:"answers,omitempty"`
}

type guideCue struct {
	At   string `json:"at,omitempty"`
	When string `json:"when,omitempty"`
	Do   string `json:"do"`
}

// described is a drill's brief, as a document.
func described(f *drill.File, facilitator bool) drillBrief {
	b := drillBrief{Schema: schemaDrillBrief, Marking: exerciseMark, ID: f.ID, Title: f.Title, Duration: f.Duration.String(), Brief: flow(f.Brief), Weights: f.Score}
	for _, o := range f.Objectives {
		b.Objectives = append(b.Objectives, briefAim{o.ID, o.Text, drill.Clock(o.By)})
	}
	for _, h := range f.Hypotheses {
		b.Explanations = append(b.Explanations, briefChoice{h.ID, h.Text})
	}
	for _, one := range f.World.APIs {
		b.APIs = append(b.APIs, briefAPI{one.Kind, one.Title, one.Count})
	}
	if facilitator {
		b.Facilitator = guided(f)
	}
	return b
}

func guided(f *drill.File) *drillGuide {
	g := &drillGuide{Truth: flow(f.Guide.Truth), Source: flow(f.Source), Right: []string{}, Traps: []string{},
		Prompts: append([]string{}, f.Guide.Prompts...), Debrief: append([]string{}, f.Guide.Debrief...)}
	for _, h := range f.Hypotheses {
		if h.True {
			g.Right = append(g.Right, h.ID)
		}
	}
	at := func(when, clock string) string { return ifElse(when == "", clock, "") }
	for _, in := range f.Injects {
		g.Injects = append(g.Injects, guideInject{ID: in.ID, At: at(in.When, drill.Clock(in.At)), When: in.When, Channel: in.Channel, From: in.From,
			Text: strings.TrimSpace(in.Text), Misleads: in.Misleads, Watch: in.Prompt, Answers: in.Answers})
	}
	for _, t := range f.Traps {
		g.Traps = append(g.Traps, t.Text)
	}
	for _, c := range f.Reference {
		g.ReferenceBot = append(g.ReferenceBot, guideCue{at(c.When, drill.Clock(c.At)), c.When, c.Do})
	}
	return g
}
