package drill

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"thiefbox/sim/control"
)

// File is a drill as a trainer writes it. Players see Title, Brief and what fires; the rest is for the
// facilitator.
type File struct {
	ID       string        `yaml:"id"`
	Title    string        `yaml:"title"`
	Source   string        `yaml:"source"` // what in the world it is modelled on
	Duration time.Duration `yaml:"duration"`
	Room     time.Duration `yaml:"room"`      // how long to plan for it in a room, beside brief and debrief; 0 if nobody said
	Tick     time.Duration `yaml:"tick"`      // how often conditions are looked at; 1m unless said
	Crew     int           `yaml:"operators"` // who can work at the same time; 2 unless said
	Country  string        `yaml:"country"`   // whose obligations apply
	Duties   []string      `yaml:"duties"`    // which of them these facts call for
	// Obligations are the trainer's own, in place of the country's.
	Obligations []Obligation `yaml:"obligations"`

	// Logs are the APIs whose logs can be read from the start, besides the first; others have to be asked for.
	Logs []string `yaml:"logs"`

	Brief string `yaml:"brief"` // for players: gives nothing away
	Guide Guide  `yaml:"guide"` // for the facilitator

	World World `yaml:"world"`
	Thief Thief `yaml:"thief"`
	Patch Patch `yaml:"patch"`

	Objectives []Objective  `yaml:"objectives"`
	Hypotheses []Hypothesis `yaml:"hypotheses"`
	Injects    []Inject     `yaml:"injects"`
	Traps      []Trap       `yaml:"traps"`
	// Eradicated is the state in which the cause is gone.
	Eradicated string  `yaml:"eradicated"`
	Score      Weights `yaml:"score"`
	// Reference is how the author would play.
	Reference []Cue `yaml:"reference"`

	text []byte
}

// Guide is the facilitator's page.
type Guide struct {
	Truth   string   `yaml:"truth"`
	Prompts []string `yaml:"prompts"`
	Debrief []string `yaml:"debrief"`
}

// Objective is what players should achieve, when it is achieved, and by when.
type Objective struct {
	ID   string        `yaml:"id" json:"id"`
	Text string        `yaml:"text" json:"text"`
	When string        `yaml:"when" json:"when"`
	By   time.Duration `yaml:"by" json:"by"`

	when Condition
}

// Hypothesis is something players may come to believe.
type Hypothesis struct {
	ID   string `yaml:"id"`
	Text string `yaml:"text"`
	True bool   `yaml:"right"`
}

// Inject is something that reaches the players: at a time, or when a condition is met, once.
type Inject struct {
	ID      string        `yaml:"id"`
	At      time.Duration `yaml:"at"`
	When    string        `yaml:"when"` // in place of At
	Channel string        `yaml:"channel"`
	From    string        `yaml:"from"`
	Text    string        `yaml:"text"`
	// Aware: from here on the organisation knows, and the clocks of the law run.
	Aware bool `yaml:"aware"`
	// AnswerWithin: somebody waits for an answer.
	AnswerWithin time.Duration `yaml:"answer_within"`
	// Answers are what can be said in reply, where it matters what is said.
	Answers []Reply `yaml:"answers"`
	// Attach: with it come the names of what the thief has used by then, as the logs have them: tokens.
	Attach string `yaml:"attach"`
	// Misleads marks a red herring, for the facilitator.
	Misleads bool   `yaml:"misleads"`
	Prompt   string `yaml:"prompt"` // for the evaluator

	when Condition
}

// Reply is one thing to say. Wrong says why it should not have been said; it is empty for a good one. WrongWhen is the
// state in which that holds, where it hangs on the facts; without it, it always does.
type Reply struct {
	ID        string `yaml:"id" json:"id"`
	Text      string `yaml:"text" json:"text"`
	Wrong     string `yaml:"wrong" json:"wrong,omitempty"`
	WrongWhen string `yaml:"wrong_when" json:"wrong_when,omitempty"`

	wrong Condition
}

func (in *Inject) reply(id string) *Reply {
	if i := slices.IndexFunc(in.Answers, func(r Reply) bool { return r.ID == id }); i >= 0 {
		return &in.Answers[i]
	}
	return nil
}

// Trap is a decision that looks right and is not.
type Trap struct {
	When string `yaml:"when"` // the state that shows somebody walked into it
	Text string `yaml:"text"`

	when Condition
}

// Weights turn harm into one number. They are shown at the start.
type Weights struct {
	Records       float64 `yaml:"records" json:"records"`
	ClinicMinutes float64 `yaml:"clinic_minutes" json:"clinic_minutes"`
	OverdueHours  float64 `yaml:"overdue_hours" json:"overdue_hours"`
	Unneeded      float64 `yaml:"unneeded_notifications" json:"unneeded_notifications"`
}

// Patch is how fast suppliers put something right. Medians are those of ecosystem.Tiers, times Scale.
type Patch struct {
	Scale float64 `yaml:"scale"` // below 1 where a fix is a setting and not a release
	// Regress is the chance that a client put right falls back with a later release, unless it is held to
	// the new rule.
	Regress float64 `yaml:"regress"`
}

// Cue is one decision of the reference: at a time, or when a condition is met, once.
type Cue struct {
	At   time.Duration `yaml:"at"`
	When string        `yaml:"when"`
	Do   string        `yaml:"do"`

	when Condition
}

// Problem is one thing wrong with a drill's file.
type Problem struct {
	Line int // 0 if it is about the whole
	Text string
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

// Problems are an error: a drill that cannot be played.
type Problems []Problem

func (p Problems) Error() string {
	var lines []string
	for _, one := range p {
		lines = append(lines, one.String())
	}
	return strings.Join(lines, "\n")
}

const largest = 1 << 20 // bytes of a drill's file

// ParseFile reads a drill. The error is Problems, each with its line.
func ParseFile(data []byte) (*File, error) {
	if len(data) > largest {
		return nil, Problems{{0, fmt.Sprintf("expected a drill of at most %d bytes, got %d", largest, len(data))}}
	}
	f := &File{text: data}
	if err := yaml.UnmarshalWithOptions(data, f, yaml.Strict()); err != nil {
		return nil, Problems{syntaxProblem(err)}
	}
	f.defaults()
	v := &validator{file: f, data: data}
	v.all()
	if len(v.problems) > 0 {
		return nil, v.problems
	}
	return f, nil
}

// syntaxProblem is an error of the YAML reader, with its line.
func syntaxProblem(err error) Problem {
	var line, column int
	text := yaml.FormatError(err, false, false)
	if _, scan := fmt.Sscanf(text, "[%d:%d]", &line, &column); scan == nil {
		if _, rest, found := strings.Cut(text, "] "); found {
			text = rest
		}
	}
	text, _, _ = strings.Cut(text, "\n")
	return Problem{line, text}
}

func (f *File) defaults() {
	set := func(d *time.Duration, usual time.Duration) {
		if *d == 0 {
			*d = usual
		}
	}
	set(&f.Tick, time.Minute)
	set(&f.Thief.Every, 10*time.Minute)
	if f.Crew == 0 {
		f.Crew = 2
	}
	if f.Country == "" {
		f.Country = "NO"
	}
	if f.World.Size == (Size{}) {
		f.World.Size = Size{Suppliers: 300, Clients: 1800, Clinics: 50000}
	}
	if f.Patch.Scale == 0 {
		f.Patch.Scale = 1
	}
	if f.Thief.Harvest == 0 {
		f.Thief.Harvest = 1
	}
	if f.Score == (Weights{}) {
		f.Score = Weights{Records: 1, ClinicMinutes: 0.02, OverdueHours: 50, Unneeded: 25}
	}
}

// Text is the file as it was written.
func (f *File) Text() []byte { return f.text }

// place tells whether a name is a place of the drill: the server, or a kind of API.
func (f *File) place(name string) bool { return name == placeServer || f.api(name) != nil }

const placeServer = "server"

func (f *File) api(kind string) *API {
	for i := range f.World.APIs {
		if f.World.APIs[i].Kind == kind {
			return &f.World.APIs[i]
		}
	}
	return nil
}

func (f *File) kind(name string) *Kind {
	for i := range f.World.Clients {
		if f.World.Clients[i].Kind == name {
			return &f.World.Clients[i]
		}
	}
	return nil
}

func (f *File) hypothesis(id string) *Hypothesis {
	for i := range f.Hypotheses {
		if f.Hypotheses[i].ID == id {
			return &f.Hypotheses[i]
		}
	}
	return nil
}

func (f *File) inject(id string) *Inject {
	for i := range f.Injects {
		if f.Injects[i].ID == id {
			return &f.Injects[i]
		}
	}
	return nil
}

func knownControl(id string) error {
	_, err := control.Lookup(id)
	return err
}
