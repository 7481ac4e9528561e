package intake

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// reader is what is known while files are read.
type reader struct {
	Options
	Result
	byURL    map[string]string // fullUrl to Type/id
	byName   map[string]bool   // Type/id
	byOther  map[string]string // Type|system|value of an identifier to Type/id
	searches bool              // somewhere a reference is a search
	none     store.View
	held     []held // whose patients depend on another record
	loads    load   // what was read and not yet taken
}

// held is a Binary whose securityContext is a record, and waits for it.
type held struct {
	r    *r4.Node
	from string
}

func newReader(o Options) *reader {
	return &reader{Options: o, Result: Result{Loaded: map[string]int{}, Unknown: map[string]int{}, Repeated: map[string]int{}},
		byURL: map[string]string{}, byName: map[string]bool{}, byOther: map[string]string{}, none: store.New(nil).View()}
}

func (x *reader) refuse(p problem) {
	x.Refused++
	if len(x.Problems) < mostProblems {
		x.Problems = append(x.Problems, p.where+": "+p.text)
	}
}

// problem is what is wrong, and where.
type problem struct{ where, text string }

func wrong(where, format string, args ...any) *problem {
	return &problem{where, fmt.Sprintf(format, args...)}
}

// idOf is a resource's id, or the one that its entry's URL gives it.
func idOf(i item) string {
	if id := i.resource.String("id"); id != "" {
		return id
	}
	return strings.TrimPrefix(i.url, "urn:uuid:")
}

func (x *reader) learn(i item) {
	ref := i.resource.Resource() + "/" + idOf(i)
	if i.url != "" {
		x.byURL[i.url] = ref
	}
	for _, id := range i.resource.List("identifier") {
		if v := id.String("value"); v != "" {
			x.byOther[i.resource.Resource()+"|"+id.String("system")+"|"+v] = ref
		}
	}
}

// taken is a resource that was held against the definitions: a record, a resource that waits for another, or what is
// wrong with it.
type taken struct {
	at     item
	kind   string
	id     string
	record *store.Record
	from   string // what it waits for
	wrong  *problem
}

// hold holds a resource against the definitions, and makes a record of it. It changes nothing but the resource, so that
// many can be held at once.
func (x *reader) hold(i item, scratch *[]byte) taken {
	n := i.resource
	t := taken{at: i, kind: n.Resource(), id: idOf(i)}
	if !x.Served(t.kind) || !r4.ValidID(t.id) {
		return t
	}
	n.SetID(t.id)
	if t.wrong = x.resolve(i, n); t.wrong != nil {
		return t
	}
	if issues := r4.Validate(n); len(issues) > 0 {
		t.wrong = wrong(i.where+", "+issues[0].Expression, "%s", issues[0].Text)
		return t
	}
	if t.kind == "Binary" {
		if from := terms.Target(n.Get("securityContext").String("reference")); from != "" && !strings.HasPrefix(from, "Patient/") {
			t.from = from
			return t
		}
	}
	t.record = x.recordOf(n, store.PatientsOf(n, terms.References(n), x.none), scratch)
	return t
}

// take files what was held, in the order in which it was read.
func (x *reader) take(t taken) {
	kind, id := t.kind, t.id
	if !x.Served(kind) {
		x.Unknown[kind]++
		return
	}
	name := kind + "/" + id
	switch {
	case !r4.ValidID(id):
		x.refuse(*wrong(t.at.where+", "+kind+".id", "expected an id (letters, digits, hyphens and dots, at most 64), got %.80q", id))
	case x.byName[name] && t.at.url != "" && isNobodys(kind):
		x.Repeated[kind]++
	case x.byName[name] || x.Taken != nil && x.Taken(kind, id):
		x.refuse(*wrong(t.at.where+", "+kind+".id", "expected a name of its own, got %s/%s a second time", kind, id))
	case t.wrong != nil:
		x.refuse(*t.wrong)
	case t.from != "":
		x.byName[name] = true
		x.held = append(x.held, held{t.at.resource, t.from})
	default:
		x.byName[name] = true
		x.file(t.record)
	}
}

// isNobodys tells types of record that lie in no patient's compartment.
func isNobodys(kind string) bool {
	return kind != "Patient" && kind != "Binary" && len(r4.Compartment(kind)) == 0
}

// settle files what waited for another record.
func (x *reader) settle() {
	if len(x.held) == 0 {
		return
	}
	owners := map[string][]string{}
	for _, h := range x.held {
		owners[h.from] = nil
	}
	for _, r := range x.Records {
		if name := r.Type + "/" + r.ID; len(r.Patients) > 0 {
			if _, asked := owners[name]; asked {
				owners[name] = r.Patients
			}
		}
	}
	for _, h := range x.held {
		x.file(x.recordOf(h.r, owners[h.from], new([]byte)))
	}
}

// recordOf makes a record with a place for the canary. Of the text it holds as much as there is.
func (x *reader) recordOf(n *r4.Node, patients []string, scratch *[]byte) *store.Record {
	updated := stamp(n)
	if len(patients) > 0 {
		x.mark(n)
	}
	*scratch = n.Append((*scratch)[:0])
	r := store.Prerendered(n.Resource(), n.String("id"), "", updated, bytes.Clone(*scratch), x.Mark)
	r.Patients = patients
	return r
}

func (x *reader) file(r *store.Record) {
	x.Records = append(x.Records, r)
	x.Loaded[r.Type]++
}

// undated is when a record was stored that does not say so.
var undated = time.Date(2026, 9, 23, 0, 0, 0, 0, time.UTC)

// stamp makes it the first version here, of the time it gives.
func stamp(n *r4.Node) time.Time {
	meta := n.Get("meta")
	if meta == nil {
		meta = &r4.Node{Kind: r4.Object}
		n.Insert(2, "meta", meta)
	}
	when, err := time.Parse(time.RFC3339, meta.String("lastUpdated"))
	if err != nil {
		when = undated
		meta.Set("lastUpdated", r4.Text(when.Format(time.RFC3339)))
	}
	meta.Set("versionId", r4.Text("1"))
	return when
}

// mark makes a place for the canary: in an extension of the resource, or of its meta if it can have none.
func (x *reader) mark(n *r4.Node) {
	at := n
	if n.Resource() == "Binary" {
		at = n.Get("meta")
	}
	extensions := at.Get("extension")
	if extensions == nil {
		extensions = &r4.Node{Kind: r4.Array}
		at.Set("extension", extensions)
	}
	extensions.Items = append(extensions.Items, &r4.Node{Kind: r4.Object, Names: []string{"url", "valueString"}, Items: []*r4.Node{r4.Text(x.CanaryURL), r4.Text(x.Mark)}})
}

// resolve turns references by a bundle's own URL, or by a search for an identifier, into names.
func (x *reader) resolve(i item, n *r4.Node) *problem {
	for at, child := range n.Items {
		if n.Kind == r4.Object && child.Kind == r4.String && (n.Names[at] == "reference" || n.Names[at] == "url" && strings.HasPrefix(child.Text, "urn:uuid:")) {
			to, ok := x.target(child.Text)
			if !ok {
				return wrong(i.where+", "+i.resource.Resource(), "expected references to what is among the files, got %.120q", child.Text)
			}
			child.Text = to
			continue
		}
		if wrong := x.resolve(i, child); wrong != nil {
			return wrong
		}
	}
	return nil
}

func (x *reader) target(ref string) (string, bool) {
	if to, known := x.byURL[ref]; known {
		return to, true
	}
	if strings.HasPrefix(ref, "urn:uuid:") {
		return "", false
	}
	kind, search, conditional := strings.Cut(ref, "?")
	if !conditional || strings.Contains(kind, "/") {
		return ref, true
	}
	params, err := url.ParseQuery(search)
	if err != nil || len(params["identifier"]) != 1 {
		return "", false
	}
	to, known := x.byOther[kind+"|"+params.Get("identifier")]
	return to, known
}

// Patients lists the patients among what was read.
func (r *Result) Patients() []string {
	var out []string
	for _, rec := range r.Records {
		if rec.Type == "Patient" {
			out = append(out, rec.ID)
		}
	}
	slices.Sort(out)
	return out
}
