package drill

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"thiefbox/sim/control"
)

// validator looks for what a drill's file says that cannot be.
type validator struct {
	file     *File
	data     []byte
	problems Problems
}

// at adds a problem at a place of the document, "$.injects[3].when".
func (v *validator) at(path, format string, args ...any) {
	v.problems = append(v.problems, Problem{v.line(path), fmt.Sprintf(format, args...)})
}

// line finds the line of a path, or of the nearest thing above it.
func (v *validator) line(path string) int {
	doc, err := parser.ParseBytes(v.data, 0)
	if err != nil {
		return 0
	}
	for path != "" && path != "$" {
		if p, err := yaml.PathString(path); err == nil {
			if node, err := p.FilterFile(doc); err == nil && node != nil && node.GetToken() != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 0
}

func (v *validator) all() {
	f := v.file
	if f.ID == "" || f.Title == "" || f.Brief == "" {
		v.at("$", "expected id, title and brief")
	}
	if f.Duration <= 0 || f.Duration > 60*24*hour {
		v.at("$.duration", "expected a duration of at most 60 days, got %s", f.Duration)
	}
	if f.Tick <= 0 || f.Tick > f.Duration || f.Duration/max(f.Tick, 1) > 20000 {
		v.at("$.tick", "expected between 1 and 20,000 ticks in a drill, got one each %s of %s", f.Tick, f.Duration)
	}
	if f.Room < 0 || f.Room > 24*hour {
		v.at("$.room", "expected at most a day in the room, got %s", f.Room)
	}
	if f.Crew < 1 || f.Crew > 20 {
		v.at("$.operators", "expected 1 to 20 operators, got %d", f.Crew)
	}
	for i, l := range f.Logs {
		if f.api(l) == nil {
			v.at(fmt.Sprintf("$.logs[%d]", i), "expected a kind of API of this drill, got %q", l)
		}
	}
	v.world()
	v.thief()
	v.lists()
	v.conditions()
	v.duties()
	for name, w := range map[string]float64{"records": f.Score.Records, "clinic_minutes": f.Score.ClinicMinutes, "overdue_hours": f.Score.OverdueHours, "unneeded_notifications": f.Score.Unneeded} {
		if w < 0 || math.IsNaN(w) || math.IsInf(w, 0) {
			v.at("$.score."+name, "expected a weight of 0 or more, got %g", w)
		}
	}
	slices.SortStableFunc(v.problems, func(a, b Problem) int { return a.Line - b.Line })
}

func (v *validator) world() {
	w, seen, shares := v.file.World, map[string]bool{}, 0.0
	if len(w.APIs) == 0 || len(w.Clients) == 0 {
		v.at("$.world", "expected at least one kind of API and one kind of client")
	}
	if _, err := control.ProfileNamed(w.Profile); err != nil {
		v.at("$.world.profile", "%v", err)
	}
	v.change("$.world.server", w.Server)
	for i, a := range w.APIs {
		path := fmt.Sprintf("$.world.apis[%d]", i)
		if a.Kind == "" || a.Kind == placeServer || seen[a.Kind] || strings.Trim(a.Kind, "abcdefghijklmnopqrstuvwxyz-") != "" || a.Count < 1 || a.Nodes < 0 || a.Nodes > 9 {
			v.at(path, "expected a kind of its own in small letters, a count of 1 or more and at most 9 nodes, got %q, %d and %d", a.Kind, a.Count, a.Nodes)
		}
		seen[a.Kind] = true
		v.change(path, a.Change)
	}
	for i, k := range w.Clients {
		path := fmt.Sprintf("$.world.clients[%d]", i)
		if Kinds[k.Kind] == "" || seen["client "+k.Kind] {
			v.at(path+".kind", "expected a kind of client, once each, of %s; got %q", kindList(), k.Kind)
		}
		seen["client "+k.Kind] = true
		if shares += k.Share; k.Share < 0 || shares > 1 || i == 0 && Named[k.Kind] {
			v.at(path, "expected shares of 0 or more that come to 1 at most, and first a kind that is many clients")
		}
	}
	if s := w.Size; s.Suppliers < 1 || s.Suppliers > s.Clients || s.Clients > 1e6 || s.Clinics < s.Clients || s.Clinics > 1e7 {
		v.at("$.world.size", "expected 1 ≤ suppliers ≤ clients ≤ clinics, at most 1,000,000 clients and 10,000,000 clinics, got %d, %d, %d", s.Suppliers, s.Clients, s.Clinics)
	}
}

// KindNames are the kinds of client, in order.
func KindNames() (names []string) {
	for k := range Kinds {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

func kindList() string { return strings.Join(KindNames(), ", ") }

func (v *validator) change(path string, c Change) {
	for list, ids := range map[string][]string{"with": c.With, "without": c.Without} {
		for i, id := range ids {
			if err := knownControl(id); err != nil {
				v.at(fmt.Sprintf("%s.%s[%d]", path, list, i), "%v", err)
			}
		}
	}
}

func (v *validator) thief() {
	t := v.file.Thief
	if len(t.Plan) == 0 || len(t.At) == 0 || t.Every < v.file.Tick || t.Harvest < 0 || t.Rising < 0 {
		v.at("$.thief", "expected a plan, an API to turn to, rounds at least a tick apart (%s) a harvest and a rise of 0 or more", v.file.Tick)
	}
	if b := t.StartsBetween; len(b) > 0 && (len(b) != 2 || b[0] < 0 || b[0] > b[1] || b[1] > v.file.Duration || t.Starts != "") {
		v.at("$.thief.starts_between", "expected two times within the drill, the earlier first, and no starts besides, got %v", b)
	}
	if s := t.Slow; s < 0 || s > minute || s.Seconds() != float64(int(s.Seconds())) {
		v.at("$.thief.slow", "expected whole seconds, and a minute at most, got %s", s)
	}
	for i, a := range t.At {
		if v.file.api(a) == nil {
			v.at(fmt.Sprintf("$.thief.at[%d]", i), "expected a kind of API of this drill, got %q", a)
		}
	}
	for i, h := range t.Hears {
		if h.At != "" && v.file.api(h.At) == nil {
			v.at(fmt.Sprintf("$.thief.hears[%d].at", i), "expected a kind of API of this drill, got %q", h.At)
		}
		if h.From != "" && v.file.kind(h.From) == nil {
			v.at(fmt.Sprintf("$.thief.hears[%d].from", i), "expected a client of this drill, got %q", h.From)
		}
	}
}

// lists checks that ids are there and their own, and that plays can be read.
func (v *validator) lists() {
	f := v.file
	ids := func(list string, n int, id func(int) string) {
		seen := map[string]bool{}
		for i := range n {
			if id(i) == "" || seen[id(i)] || strings.ContainsAny(id(i), " '\"()") {
				v.at(fmt.Sprintf("$.%s[%d]", list, i), "expected an id of its own without spaces, got %q", id(i))
			}
			seen[id(i)] = true
		}
	}
	ids("objectives", len(f.Objectives), func(i int) string { return f.Objectives[i].ID })
	ids("hypotheses", len(f.Hypotheses), func(i int) string { return f.Hypotheses[i].ID })
	ids("injects", len(f.Injects), func(i int) string { return f.Injects[i].ID })
	if len(f.Objectives) == 0 || len(f.Injects) == 0 || len(f.Reference) == 0 {
		v.at("$", "expected objectives, injects and a reference play")
	}
	if !slices.ContainsFunc(f.Hypotheses, func(h Hypothesis) bool { return h.True }) {
		v.at("$.hypotheses", "expected a hypothesis that is true")
	}
	for i, in := range f.Injects {
		ids(fmt.Sprintf("injects[%d].answers", i), len(in.Answers), func(j int) string { return in.Answers[j].ID })
		v.answers(i, in)
		if in.Attach != "" && in.Attach != attachTokens {
			v.at(fmt.Sprintf("$.injects[%d].attach", i), "expected %s or nothing, got %q", attachTokens, in.Attach)
		}
		if in.Text == "" || in.At < 0 || in.At > f.Duration || in.When != "" && in.At > 0 {
			v.at(fmt.Sprintf("$.injects[%d]", i), "expected a text, and either a time within the drill or a condition")
		}
	}
	for i, p := range f.Reference {
		if _, err := f.order(parseLine(p.Do)); err != nil {
			v.at(fmt.Sprintf("$.reference[%d].do", i), "%v", err)
		}
	}
}

// conditions parses every condition.
func (v *validator) conditions() {
	f := v.file
	read := func(path, text string, into *Condition) {
		c, err := Parse(text)
		for _, u := range c.uses {
			if err == nil {
				err = f.knows(u)
			}
		}
		if err != nil {
			v.at(path, "%v", err)
		}
		*into = c
	}
	for i := range f.Objectives {
		read(fmt.Sprintf("$.objectives[%d].when", i), f.Objectives[i].When, &f.Objectives[i].when)
	}
	for i := range f.Injects {
		read(fmt.Sprintf("$.injects[%d].when", i), f.Injects[i].When, &f.Injects[i].when)
	}
	for i := range f.Injects {
		for j := range f.Injects[i].Answers {
			r := &f.Injects[i].Answers[j]
			read(fmt.Sprintf("$.injects[%d].answers[%d].wrong_when", i, j), r.WrongWhen, &r.wrong)
		}
	}
	for i := range f.Traps {
		read(fmt.Sprintf("$.traps[%d].when", i), f.Traps[i].When, &f.Traps[i].when)
	}
	for i := range f.Reference {
		read(fmt.Sprintf("$.reference[%d].when", i), f.Reference[i].When, &f.Reference[i].when)
	}
	var unused Condition
	read("$.thief.starts", f.Thief.Starts, &unused)
	read("$.eradicated", f.Eradicated, &unused)
}

func (v *validator) duties() {
	law := v.file.Law()
	for i, o := range v.file.Obligations {
		if o.ID == "" || strings.ContainsAny(o.ID, " '\"()") || o.To == "" || o.Within <= 0 {
			v.at(fmt.Sprintf("$.obligations[%d]", i), "expected an id without spaces, whom to tell, and a time above 0, got %q, %q and %s", o.ID, o.To, o.Within)
		}
	}
	if law == nil {
		v.at("$.country", "expected a country whose obligations are known (%s), got %q", strings.Join(Countries(), ", "), v.file.Country)
		return
	}
	for i, d := range v.file.Duties {
		if !slices.ContainsFunc(law, func(o Obligation) bool { return o.ID == d }) {
			v.at(fmt.Sprintf("$.duties[%d]", i), "expected an obligation of %s, got %q", v.file.Country, d)
		}
	}
}
