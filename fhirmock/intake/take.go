package intake

import (
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
	byURL   map[string]string // fullUrl to Type/id
	byName  map[string]bool   // Type/id
	byOther map[string]string // Type|system|value of an identifier to Type/id
	learnt  bool
	none    store.View
	held    []held // whose patients depend on another record
	owners  map[string][]string
}

// held is a Binary whose securityContext is a record, and waits for it.
type held struct {
	at   item
	from string
}

func newReader(o Options) *reader {
	return &reader{Options: o, Result: Result{Loaded: map[string]int{}, Unknown: map[string]int{}, Repeated: map[string]int{}},
		byURL: map[string]string{}, byName: map[string]bool{}, byOther: map[string]string{}, owners: map[string][]string{}, none: store.New(nil).View()}
}

func (x *reader) again() { x.learnt = true }

func (x *reader) refuse(where string, format string, args ...any) {
	x.Refused++
	if len(x.Problems) < mostProblems {
		x.Problems = append(x.Problems, where+": "+fmt.Sprintf(format, args...))
	}
}

func (x *reader) unreadable(where string, err error) {
	if !x.learnt { // each is met twice
		x.refuse(where, "%v", err)
	}
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

// take holds a resource against the definitions, and makes a record of it.
func (x *reader) take(i item) {
	n := i.resource
	kind := n.Resource()
	if !x.Served(kind) {
		x.Unknown[kind]++
		return
	}
	id := idOf(i)
	switch {
	case !r4.ValidID(id):
		x.refuse(i.where+", "+kind+".id", "expected an id (letters, digits, hyphens and dots, at most 64), got %.80q", id)
		return
	case x.byName[kind+"/"+id] && i.url != "" && isNobodys(kind):
		x.Repeated[kind]++
		return
	case x.byName[kind+"/"+id] || x.Taken != nil && x.Taken(kind, id):
		x.refuse(i.where+", "+kind+".id", "expected a name of its own, got %s/%s a second time", kind, id)
		return
	}
	n.SetID(id)
	if !x.resolve(i, n) {
		return
	}
	if issues := r4.Validate(n); len(issues) > 0 {
		x.refuse(i.where+", "+issues[0].Expression, "%s", issues[0].Text)
		return
	}
	x.byName[kind+"/"+id] = true
	if kind == "Binary" {
		if from := terms.Target(n.Get("securityContext").String("reference")); from != "" && !strings.HasPrefix(from, "Patient/") {
			x.held = append(x.held, held{i, from})
			return
		}
	}
	x.file(n, store.PatientsOf(n, terms.Of(n), x.none))
}

// isNobodys tells types of record that lie in no patient's compartment.
func isNobodys(kind string) bool {
	return kind != "Patient" && kind != "Binary" && len(r4.Compartment(kind)) == 0
}

// settle files what waited for another record.
func (x *reader) settle() {
	for _, h := range x.held {
		x.file(h.at.resource, x.owners[h.from])
	}
}

func (x *reader) file(n *r4.Node, patients []string) {
	kind, id := n.Resource(), n.String("id")
	x.owners[kind+"/"+id] = patients
	updated := x.stamp(n)
	if len(patients) > 0 {
		x.mark(n)
	}
	r := store.Prerendered(kind, id, "", updated, n.Append(nil), x.Mark)
	r.Patients = patients
	x.Records = append(x.Records, r)
	x.Loaded[kind]++
}

// undated is when a record was stored that does not say so.
var undated = time.Date(2026, 9, 23, 0, 0, 0, 0, time.UTC)

// stamp makes it the first version here, of the time it gives.
func (x *reader) stamp(n *r4.Node) time.Time {
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
func (x *reader) resolve(i item, n *r4.Node) bool {
	for at, child := range n.Items {
		if n.Kind == r4.Object && child.Kind == r4.String && (n.Names[at] == "reference" || n.Names[at] == "url" && strings.HasPrefix(child.Text, "urn:uuid:")) {
			to, ok := x.target(child.Text)
			if !ok {
				x.refuse(i.where+", "+i.resource.Resource(), "expected references to what is among the files, got %.120q", child.Text)
				return false
			}
			child.Text = to
			continue
		}
		if !x.resolve(i, child) {
			return false
		}
	}
	return true
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
