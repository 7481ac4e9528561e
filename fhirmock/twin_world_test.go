package fhirmock

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Twins are two APIs of one seed. In the second, whatever a caller may not see is gone, or stands otherwise. Whatever he
// asks, the two must answer alike, byte for byte: status, headers and body (noninterference). twin_ask_test.go has what
// is asked.

// reader is somebody who asks, and what he may see by what this test knows of the rules.
type reader struct {
	name, subject, client, scope string
	header                       [2]string
	mute                         bool   // without a token
	signedIn                     bool   // strongly, just now
	first                        string // what he has read before
	sees                         func(r *store.Record, n *r4.Node) bool
	// names tells of what he may not see and yet refer to, since whoever writes must name what he may not read: he is
	// told that it is there, and nothing of what it says. Nil for nothing.
	names func(r *store.Record, n *r4.Node) bool
	// details are authorization details, and part is what stands in the second world of what he sees in part, by them; nil
	// for what he sees whole.
	details string
	part    func(v villager) string
}

// villagers are the forty and a few of a town, so that there are records of every type.
var villagers = sync.OnceValue(func() *People {
	p, err := people.Town(people.Settings{People: 12, Seed: 3})
	if err != nil {
		panic(err)
	}
	return p
})

// village is all their records, in order, with what each holds.
var village = sync.OnceValue(func() (out []villager) {
	v := store.New(villagers().Base()).View()
	for _, kind := range query.Types {
		search := v.Find(kind, nil, nil, nil)
		for found := search.Next(); found != nil; found = search.Next() {
			r, _ := found.Open(insider{}, store.AsRead)
			if r.Type == "Observation" && strings.HasSuffix(r.ID, "-1") { // whoever may see it may not see what it leads to
				text := strings.Replace(string(r.Append(nil, people.CanaryMark)), "{", `{"focus":[{"reference":"Encounter/enc-p40-1"},{"reference":"Condition/cond-p06-1"}],`, 1)
				r = store.Prerendered(r.Type, r.ID, r.Patients[0], r.Updated, []byte(text), people.CanaryMark)
			}
			out = append(out, villager{r, r.Node(people.CanaryMark)})
		}
	}
	said := store.Prerendered("Consent", hers, closedBy, clock.Epoch, []byte(consentTo(toBakke)), people.CanaryMark)
	return append(out, villager{said, said.Node(people.CanaryMark)})
})

// closedBy is who has closed her record to one of the readers, in a village.
const closedBy = "p08"

type villager struct {
	*store.Record
	node *r4.Node
}

// base writes records anew, as change wants each of them: as none, one or several texts.
func baseOf(change func(v villager) []string) *store.Base {
	var all []*store.Record
	for _, v := range village() {
		patient := ""
		if len(v.Patients) > 0 {
			patient = v.Patients[0]
		}
		for _, text := range change(v) {
			_, id, _ := strings.Cut(text, `"id":"`)
			id, _, _ = strings.Cut(id, `"`)
			all = append(all, store.Prerendered(v.Type, id, patient, v.Updated, []byte(text), people.CanaryMark))
		}
	}
	return store.NewBase(all)
}

// untouched is the base of the first world, which all share.
var untouched = sync.OnceValue(func() *store.Base { return baseOf(villager.asItIs) })

func (v villager) asItIs() []string { return []string{string(v.Append(nil, people.CanaryMark))} }

// readers are the callers that issue an API knows: each may see something else.
func readers() []reader { return readersOf(villagers(), "p03", "p10", closedBy) }

// readersOf are they in a population: a patient of hers, one whom nobody of them treats and some break the glass for, and one
// who has closed her record to bakke.
func readersOf(p *People, herself, urgent, closedBy string) []reader {
	entitled := func(c Caller, labels string) func(*store.Record, *r4.Node) bool {
		return func(r *store.Record, _ *r4.Node) bool {
			if r.Type == "AuditEvent" && (c.Patient == "" || !slices.Equal(r.Patients, []string{c.Patient})) {
				return false
			}
			for _, patient := range r.Patients {
				if !p.May(c, patient) || patient == closedBy && c.Practitioner == "bakke" && r.Type != "Consent" && r.Type != "Group" {
					return false
				}
			}
			return r.Confidentiality == 0 || strings.IndexByte(labels, r.Confidentiality) >= 0
		}
	}
	bakkes := entitled(Caller{Practitioner: "bakke"}, "R")
	whom := func(r *store.Record, _ *r4.Node) bool { return r.Type == "Patient" && r.ID == closedBy }
	return []reader{
		{name: "patient", subject: herself, client: "app", scope: "patient/*.cruds", sees: func(r *store.Record, n *r4.Node) bool {
			return entitled(Caller{Patient: herself}, "RV")(r, n) && (len(r.Patients) > 0 || outsideCompartments(r.Type))
		}},
		{name: "doctor", subject: "bakke", client: "ehr", scope: "user/*.cruds", sees: bakkes, names: whom},
		{name: "laboratory", subject: "bakke", client: "ehr", scope: "user/Observation.cruds?category=laboratory user/Patient.rs", names: func(r *store.Record, n *r4.Node) bool { return bakkes(r, n) || whom(r, n) }, sees: func(r *store.Record, n *r4.Node) bool {
			return bakkes(r, n) && (r.Type == "Patient" || r.Type == "Observation" && strings.Contains(string(n.Get("category").Append(nil)), `"code":"laboratory"`))
		}},
		{name: "supplier", subject: "supplier", client: "supplier", scope: "system/*.cruds", sees: entitled(Caller{Organization: "flaksvagoy"}, "")},
		{name: "glass", subject: "bakke", client: "ehr", scope: "user/*.cruds", header: [2]string{headerPurpose, inEmergency}, signedIn: true, first: "/Patient/" + urgent, names: whom, sees: func(r *store.Record, n *r4.Node) bool {
			return bakkes(r, n) || r.Type != "AuditEvent" && slices.Equal(r.Patients, []string{urgent}) && r.Confidentiality != store.VeryRestricted
		}},
		{name: "emergency", subject: "bakke", client: "ehr", scope: "user/*.cruds", header: [2]string{headerPurpose, inEmergency}, signedIn: true, sees: func(r *store.Record, n *r4.Node) bool {
			return bakkes(r, n) || r.Type != "AuditEvent" && r.Confidentiality != store.VeryRestricted // any patient's, if it is the first
		}},
		{name: "stranger", mute: true, sees: func(*store.Record, *r4.Node) bool { return false }},
		{name: "nobody", subject: "mallory", client: "ehr", scope: "user/*.cruds", sees: entitled(Caller{}, "")},
	}
}

// twins are the two worlds of one reader.
type twins struct {
	reader
	people *People
	bases  [2]*store.Base
	hers   map[string][]string // ids that he may see, by type
	not    map[string][]string // ids of others, in either world
	terms  map[string][]string // what is found by a parameter, anybody's: "Observation code"
}

// fate is what becomes of what the reader may not see.
type fate func(v villager) []string

var (
	years   = regexp.MustCompile(`"20(\d\d)-`)
	icd     = regexp.MustCompile(`"code":"[A-Z]\d\d"`)
	doctors = regexp.MustCompile(`Practitioner/[a-z]+"`)
	family  = regexp.MustCompile(`"family":"[^"]*"`)
	value   = regexp.MustCompile(`"value":\d+(\.\d+)?`)
	labels  = regexp.MustCompile(`"security":\[`)
)

// otherwise changes codes, dates, names, values, references and labels, and nothing that decides who may see it.
func otherwise(text string) string {
	text = icd.ReplaceAllString(text, `"code":"Q99"`)
	text = years.ReplaceAllString(text, `"19$1-`)
	text = doctors.ReplaceAllString(text, `Practitioner/foss"`)
	text = family.ReplaceAllString(text, `"family":"Otherwise"`)
	return value.ReplaceAllString(text, `"value":77`)
}

var fates = map[string]fate{
	"busy":    nil, // all as it is, and others work while the reader asks
	"gone":    func(villager) []string { return nil },
	"changed": func(v villager) []string { return []string{otherwise(v.asItIs()[0])} },
	"more": func(v villager) []string {
		text, id := v.asItIs()[0], `"id":"`+v.ID+`"`
		return []string{strings.Replace(otherwise(text), id, `"id":"a-`+v.ID+`"`, 1), text,
			strings.Replace(labels.ReplaceAllString(text, `"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"},`), id, `"id":"z-`+v.ID+`"`, 1)}
	},
}

func newTwins(r reader, other fate) *twins {
	tw := &twins{reader: r, people: villagers(), hers: map[string][]string{}, not: map[string][]string{}, terms: map[string][]string{}}
	tw.bases = [2]*store.Base{untouched(), untouched()}
	for _, v := range village() {
		if r.sees(v.Record, v.node) {
			tw.hers[v.Type] = append(tw.hers[v.Type], v.ID)
		} else {
			tw.not[v.Type] = append(tw.not[v.Type], v.ID)
		}
	}
	if other == nil {
		return tw
	}
	tw.bases[1] = baseOf(func(v villager) []string {
		if r.sees(v.Record, v.node) || v.Type == "Consent" && v.ID == hers { // who may see what is the same in both
			if r.part != nil {
				return []string{r.part(v)}
			}
			return v.asItIs()
		}
		if r.names != nil && r.names(v.Record, v.node) {
			return []string{otherwise(v.asItIs()[0])}
		}
		return other(v)
	})
	return tw
}

// worlds makes both anew, with some controls off.
func (tw *twins) worlds(tb testing.TB, off ...*control.Control) [2]*world {
	var out [2]*world
	for i := range out {
		out[i] = worldOver(tb, strictest(tb).Without(off...), tw.people, &Records{Store: store.New(tw.bases[i])})
		if tw.first != "" {
			wantStatus(tb, tw.says(out[i], ask{method: "GET", target: tw.first}), 200)
		}
	}
	return out
}

// ask is one request.
type ask struct {
	method, target, kind, body string
	headers                    map[string]string
}

func (a ask) String() string {
	return fmt.Sprintf("%s %s %v %s", a.method, a.target, a.headers, a.body)
}

// says sends a request in the reader's name.
func (r *reader) says(w *world, a ask) *httptest.ResponseRecorder {
	return w.write(a.method, a.target, a.kind, a.body, func(t *try) {
		t.claims.Subject, t.claims.ClientID, t.claims.Scope = r.subject, r.client, fapi.Scope(r.scope)
		if r.details != "" {
			t.claims.Details = json.RawMessage(r.details)
		}
		if r.signedIn {
			t.claims.ACR, t.claims.AuthTime = "loa-high", w.clock.Now().Unix()
		}
		t.touch = func(q *http.Request) {
			if r.mute {
				q.Header.Del("Authorization")
			}
			if r.header[0] != "" {
				q.Header.Set(r.header[0], r.header[1])
			}
			for name, v := range a.headers {
				if v != "" {
					q.Header.Set(name, v)
				}
			}
		}
	})
}

// answered is a whole answer.
func answered(rec *httptest.ResponseRecorder) string {
	h, _ := json.Marshal(rec.Header())
	return fmt.Sprintf("%d %s\n%s", rec.Code, h, rec.Body)
}

// act has somebody else do something, at the other node: what the first draws is not to depend on it.
func (tw *twins) act(w *world, a ask) {
	node := w.a
	w.a = w.b
	defer func() { w.a = node }()
	lund := &reader{subject: "lund", client: "other", scope: "user/*.cruds"}
	lund.says(w, a)
}

var (
	numbers = regexp.MustCompile(`log-[0-9a-f]{32}`)
	marks   = regexp.MustCompile(`_page=[^"&]+`)
)

// blurred is an answer with the entries of the log called by their order. Their ids are drawn, and so are the marks of pages
// that name one.
func blurred(answer string) string {
	if !strings.Contains(answer, auditPrefix) {
		return answer
	}
	known := map[string]string{}
	return numbers.ReplaceAllStringFunc(marks.ReplaceAllString(answer, ""), func(id string) string {
		if known[id] == "" {
			known[id] = fmt.Sprintf("entry %d", len(known))
		}
		return known[id]
	})
}

// next is where an answer leads: the next page, and whatever an export is made of.
func next(rec *httptest.ResponseRecorder) []string {
	var out []string
	if at := rec.Header().Get("Content-Location"); rec.Code == http.StatusAccepted && at != "" {
		out = append(out, strings.TrimPrefix(at, testBase))
	}
	var b struct {
		Link            []struct{ Relation, URL string }
		Output, Deleted []struct{ URL string }
	}
	if json.Unmarshal(rec.Body.Bytes(), &b) != nil {
		return out
	}
	for _, l := range b.Link {
		if l.Relation == "next" {
			out = append(out, strings.TrimPrefix(l.URL, testBase))
		}
	}
	for _, o := range slices.Concat(b.Output, b.Deleted) {
		out = append(out, strings.TrimPrefix(o.URL, testBase))
	}
	return out
}

// tell asks both, follows wherever the answers lead, and returns the first difference.
func (tw *twins) tell(ws [2]*world, a ask, most int) string {
	queues := [2][]string{}
	for n := 0; n < most; n++ {
		b := a
		if n > 0 {
			if len(queues[0]) == 0 || len(queues[1]) == 0 {
				break
			}
			a, b = ask{method: "GET", target: queues[0][0]}, ask{method: "GET", target: queues[1][0]}
			queues[0], queues[1] = queues[0][1:], queues[1][1:]
		}
		first, second := tw.says(ws[0], a), tw.says(ws[1], b)
		if x, y := blurred(answered(first)), blurred(answered(second)); x != y {
			return fmt.Sprintf("%s asks %s\n%s\nand, if others' records were otherwise,\n%s", tw.name, a, parting(x, y), parting(y, x))
		}
		queues[0], queues[1] = append(queues[0], next(first)...), append(queues[1], next(second)...)
	}
	return ""
}

// parting cuts out where two texts part.
func parting(x, y string) string {
	i := 0
	for i < len(x) && i < len(y) && x[i] == y[i] {
		i++
	}
	return fmt.Sprintf("… %s …", x[max(0, i-200):min(len(x), i+300)])
}
