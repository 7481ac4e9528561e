package fhirmock

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// What twins are asked: every search parameter of every type that HL7 defines, with what stands in anybody's record,
// and every other interaction about what is the reader's, another's, or nobody's.

// said lists what can be searched for, by type and parameter: what all records of the village say, as it is written.
func said() map[string][]string { return saidBy(village()) }

func saidBy(all []villager) map[string][]string {
	out := map[string][]string{}
	for _, v := range all {
		for _, t := range terms.Of(v.node) {
			name, _, _ := strings.Cut(t.Param, ":")
			p := r4.ParamNamed(v.Type, name)
			if p == nil || strings.Contains(t.Param, ":") {
				continue
			}
			key := v.Type + " " + name
			if text := written(p, &t); text != "" && len(out[key]) < 40 && !slices.Contains(out[key], text) {
				out[key] = append(out[key], text)
			}
		}
	}
	return out
}

var escape = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `$`, `\$`, `|`, `\|`).Replace

// written is a term as a search has it.
func written(p *r4.Param, t *terms.Term) string {
	switch t.Kind {
	case terms.Token:
		if t.System != "" {
			return t.System + "|" + escape(t.Key)
		}
		return escape(t.Key)
	case terms.Interval:
		if p.Type == "date" {
			return time.UnixMilli(int64(t.Lo)).UTC().Format(time.DateOnly)
		}
		return strconv.FormatFloat((t.Lo+t.Hi)/2, 'g', 6, 64)
	case terms.String:
		return escape(t.Exact)
	case terms.Composite:
		var parts []string
		for i, part := range t.Parts {
			if len(part) > 0 && i < len(p.Parts) {
				parts = append(parts, written(p.Parts[i], &part[0]))
			}
		}
		return strings.Join(parts, "$")
	case terms.Point:
		return fmt.Sprintf("%g|%g", t.Lo, t.Hi)
	}
	return escape(t.Key)
}

var modifiers = map[string][]string{
	"token": {"", "", ":not", ":text", ":missing"}, "string": {"", "", ":exact", ":contains", ":missing"}, "uri": {"", ":below", ":above", ":missing"},
	"reference": {"", "", "", ":missing", ":identifier"},
}

var prefixes = map[string][]string{"date": {"", "ge", "lt", "ne", "sa"}, "quantity": {"", "gt", "le", "ap"}, "number": {"", "gt", "le"}}

// condition is one search parameter with a value.
func (tw *twins) condition(t *rapid.T, kind string, p *r4.Param) (name, value string) {
	value = sample(p.Type)
	if p.Type == "composite" {
		var parts []string
		for _, part := range p.Parts {
			parts = append(parts, sample(part.Type))
		}
		value = strings.Join(parts, "$")
	} else if p.Type == "special" {
		value = "59.9|10.7"
	}
	if known := tw.terms[kind+" "+p.Name]; len(known) > 0 {
		value = rapid.SampledFrom(known).Draw(t, "value")
	} else if p.Type == "reference" {
		value = "Patient/" + tw.id(t, "Patient")
	}
	mods := append(modifiers[p.Type], "")
	mod := rapid.SampledFrom(mods).Draw(t, "modifier")
	switch mod {
	case ":missing":
		value = rapid.SampledFrom([]string{"true", "false"}).Draw(t, "missing")
	case ":text", ":contains":
		value = value[strings.LastIndex(value, "|")+1:]
		value = value[:min(4, len(value))]
		if mod == ":text" || value == "" {
			value = rapid.SampledFrom([]string{"a", "hyper", "fjell"}).Draw(t, "text")
		}
	case ":identifier":
		value = "x"
	}
	if pre := prefixes[p.Type]; mod == "" && pre != nil {
		value = rapid.SampledFrom(pre).Draw(t, "prefix") + value
	}
	if p.Name == "_id" && mod == "" {
		value = tw.id(t, kind)
	}
	return p.Name + mod, value
}

// id is that of a record: the reader's, another's, or of none.
func (tw *twins) id(t *rapid.T, kind string) string {
	none := []string{"obs-p99-1", "p99", "a-p40", "3f2a5c1e-8c1e-4b7a-9d5e-0123456789ab", "chosen", "t000041"}
	hers, not := tw.hers[kind], tw.not[kind]
	switch n := rapid.IntRange(0, 4).Draw(t, "whose"); {
	case n < 2 && len(hers) > 0:
		return rapid.SampledFrom(hers).Draw(t, "id")
	case n < 4 && len(not) > 0:
		return rapid.SampledFrom([]string{"", "", "a-", "z-"}).Draw(t, "copy") + rapid.SampledFrom(not).Draw(t, "id")
	}
	return rapid.SampledFrom(none).Draw(t, "id")
}

// kind is a type, those more often that are searched through others.
func (tw *twins) kind(t *rapid.T) string {
	return rapid.SampledFrom(slices.Concat(query.Types, []string{"Patient", "Practitioner", "Practitioner", "Organization", "Observation", "Observation"})).Draw(t, "type")
}

// references are the parameters by which a type leads to records.
func references(kind string) (out []*r4.Param) {
	for _, p := range r4.Params(kind) {
		if p.Type == "reference" && len(query.Targets(p)) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// back are the references that lead to a type: "Observation:patient".
func back(kind string) (out []string) {
	for _, from := range query.Types {
		for _, p := range references(from) {
			if slices.Contains(query.Targets(p), kind) {
				out = append(out, from+":"+p.Name)
			}
		}
	}
	return out
}

// search is a search of a type: conditions of its own, through others, and how it is to be shown.
func (tw *twins) search(t *rapid.T, kind string) url.Values {
	q := url.Values{}
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		name, value := tw.condition(t, kind, rapid.SampledFrom(r4.Params(kind)).Draw(t, "parameter"))
		q.Add(name, value)
	}
	if refs := references(kind); len(refs) > 0 && rapid.IntRange(0, 2).Draw(t, "chained") == 0 {
		p := rapid.SampledFrom(refs).Draw(t, "reference")
		target := rapid.SampledFrom(query.Targets(p)).Draw(t, "target")
		name, value := tw.condition(t, target, rapid.SampledFrom(r4.Params(target)).Draw(t, "parameter"))
		q.Add(p.Name+":"+target+"."+name, value)
	}
	if from := back(kind); len(from) > 0 && rapid.IntRange(0, 2).Draw(t, "has") == 0 {
		tw.referred(t, from, q)
	}
	tw.shown(t, kind, q)
	return q
}

// referred adds a condition on what leads to a match, by one of these references.
func (tw *twins) referred(t *rapid.T, from []string, q url.Values) {
	way := rapid.SampledFrom(from).Draw(t, "from")
	source, _, _ := strings.Cut(way, ":")
	name, value := tw.condition(t, source, rapid.SampledFrom(r4.Params(source)).Draw(t, "parameter"))
	q.Add("_has:"+way+":"+name, value)
}

// backwards asks which professionals and places some records lead to, and nothing else: what is looked through there is
// mostly others'.
func (tw *twins) backwards(t *rapid.T) ask {
	kind, q := rapid.SampledFrom([]string{"Practitioner", "Organization"}).Draw(t, "type"), url.Values{}
	tw.referred(t, back(kind), q)
	return ask{method: "GET", target: "/" + kind + "?" + q.Encode(), headers: map[string]string{}}
}

func (tw *twins) shown(t *rapid.T, kind string, q url.Values) {
	some := func(name string, values ...string) {
		if rapid.IntRange(0, 2).Draw(t, "has "+name) == 0 {
			q.Set(name, rapid.SampledFrom(values).Draw(t, name))
		}
	}
	some("_count", "1", "3", "40", "250", "0")
	some("_total", "accurate", "none", "estimate")
	some("_summary", "count", "true", "text", "data")
	some("_page", tw.page(query.Mark{ID: tw.id(t, kind)}), tw.page(query.Mark{Keys: []store.Key{{Text: "m"}}, ID: tw.id(t, kind)}),
		tw.page(query.Mark{Hidden: "AAAAAAAAAAAAAAAAAAAAAA"}), "x", "", "", "", "", "", "")
	if q.Get("_page") == "" {
		q.Del("_page")
	}
	some("_include", kind+":*", "*", "Encounter:patient")
	some("_include:iterate", "Patient:general-practitioner", "Observation:*")
	var sorts []string
	for _, p := range r4.Params(kind) {
		if p.Type != "composite" && p.Type != "special" && (kind != "AuditEvent" || p.Name != "_id") { // whose ids are drawn
			sorts = append(sorts, p.Name, "-"+p.Name, p.Name+",-_lastUpdated")
		}
	}
	some("_sort", sorts...)
	if from := back(kind); len(from) > 0 {
		some("_revinclude", append(from, "*")...)
		some("_revinclude:iterate", append(from, "Provenance:target")...)
	}
}

// reads are the questions that change nothing.
func (tw *twins) reads(t *rapid.T) ask {
	kind := tw.kind(t)
	a := ask{method: "GET", headers: map[string]string{}}
	switch rapid.IntRange(0, 13).Draw(t, "question") {
	case 0:
		a.target = "/" + kind + "/" + tw.id(t, kind)
		a.method = rapid.SampledFrom([]string{"GET", "HEAD"}).Draw(t, "method")
		condition(t, &a)
	case 1:
		a.target = "/" + kind + "/" + tw.id(t, kind) + "/_history/" + rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "version")
	case 2:
		a.target = "/" + kind + "/" + tw.id(t, kind) + "/_history"
	case 3:
		if kind == "AuditEvent" { // entries of one millisecond stand in the order of ids that are drawn
			kind = "Observation"
		}
		a.target = "/" + kind + "/_history?_count=" + rapid.SampledFrom([]string{"1", "7", "250"}).Draw(t, "count") +
			rapid.SampledFrom([]string{"", "&_since=2026-01-01T00:00:00Z", "&_at=2026-11-23"}).Draw(t, "since")
	case 4:
		a.target = "/Patient/" + tw.id(t, "Patient") + "/$everything?_count=" + rapid.SampledFrom([]string{"5", "40", "250"}).Draw(t, "count") +
			rapid.SampledFrom([]string{"", "&_type=Condition,Observation,Practitioner", "&start=2024-01-01"}).Draw(t, "type")
	case 5:
		a.target = rapid.SampledFrom([]string{"/$export", "/Patient/$export", "/Group/" + tw.id(t, "Group") + "/$export"}).Draw(t, "level") +
			rapid.SampledFrom([]string{"?_type=" + kind, "?_type=Condition,Observation&_since=2020-01-01T00:00:00Z", "?_type=Observation&_typeFilter=Observation%3Fcategory%3Dlaboratory",
				"?_type=Patient&patient=Patient/" + tw.id(t, "Patient")}).Draw(t, "parameters")
		a.headers["Prefer"] = "respond-async"
	case 6:
		q := tw.search(t, "AuditEvent").Encode()
		a.target = "/AuditEvent?" + q
	case 7:
		a.method, a.kind, a.target, a.body = "POST", formType, "/"+kind+"/_search", tw.search(t, kind).Encode()
	case 8:
		a.method, a.kind = "POST", fhirType
		kind, a.body = tw.resource(t, tw.id(t, kind))
		a.target = "/" + kind + "/$validate"
	case 9:
		a.target = "/Binary/" + tw.id(t, "Binary") + "?_format=" + rapid.SampledFrom([]string{"json", "text/plain", "xml"}).Draw(t, "format")
		a.headers["Accept"] = rapid.SampledFrom([]string{"*/*", "text/plain", "application/fhir+json"}).Draw(t, "accept")
	case 10:
		return tw.queries(t)
	default:
		a.target = "/" + kind + "?" + tw.search(t, kind).Encode()
	}
	return a
}

// condition makes a request depend on a version.
func condition(t *rapid.T, a *ask) {
	c := rapid.SampledFrom([][2]string{{}, {}, {"If-None-Match", `W/"1"`}, {"If-Match", `W/"1"`}, {"If-Match", `W/"9"`}, {"If-None-Match", "*"},
		{"If-Modified-Since", "Mon, 23 Nov 2026 08:00:00 GMT"}}).Draw(t, "condition")
	if c[0] != "" {
		a.headers[c[0]] = c[1]
	}
}

// resource is something to write: about a patient, leading to what may be there or not.
func (tw *twins) resource(t *rapid.T, id string) (kind, text string) {
	ref := func(kind string) string { return kind + "/" + tw.id(t, kind) }
	named := ""
	if id != "" {
		named = fmt.Sprintf(`"id":%q,`, id)
	}
	patient := ref("Patient")
	switch rapid.IntRange(0, 3).Draw(t, "resource") {
	case 0:
		return "Binary", fmt.Sprintf(`{"resourceType":"Binary",%s"contentType":"text/plain","securityContext":{"reference":%q},"data":"eA=="}`, named,
			ref(rapid.SampledFrom([]string{"Patient", "DocumentReference", "Observation", "Practitioner"}).Draw(t, "context")))
	case 1:
		return "Condition", fmt.Sprintf(`{"resourceType":"Condition",%s"subject":{"reference":%q},"encounter":{"reference":%q}}`, named, patient, ref("Encounter"))
	case 2:
		return "Patient", fmt.Sprintf(`{"resourceType":"Patient",%s"generalPractitioner":[{"reference":"Practitioner/bakke"}],"link":[{"other":{"reference":%q},"type":"seealso"}]}`, named, patient)
	}
	return "Observation", fmt.Sprintf(`{"resourceType":"Observation",%s"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],`+
		`"code":{"text":"x"},"subject":{"reference":%q},"focus":[{"reference":%q}]}`, named, patient, ref(tw.kind(t)))
}

// writes are the questions that change something, if they may.
func (tw *twins) writes(t *rapid.T) ask {
	a := ask{headers: map[string]string{}, kind: fhirType}
	kind := tw.kind(t)
	switch rapid.IntRange(0, 8).Draw(t, "write") {
	case 0:
		kind, a.body = tw.resource(t, "")
		a.method, a.target = "POST", "/"+kind
		a.headers["If-None-Exist"] = tw.search(t, kind).Encode()
	case 1:
		kind, a.body = tw.resource(t, "")
		a.method, a.target = "POST", "/"+kind
	case 2:
		id := tw.id(t, "Observation")
		kind, a.body = tw.resource(t, id)
		a.method, a.target = "PUT", "/"+kind+"/"+id
		condition(t, &a)
	case 3:
		kind, a.body = tw.resource(t, rapid.SampledFrom([]string{"", tw.id(t, "Condition")}).Draw(t, "id"))
		name, value := tw.condition(t, kind, rapid.SampledFrom(r4.Params(kind)).Draw(t, "parameter"))
		a.method, a.target = "PUT", "/"+kind+"?"+url.Values{name: {value}}.Encode()
	case 4:
		a.method, a.target, a.kind = "PATCH", "/"+kind+"/"+tw.id(t, kind), patchType
		a.body = rapid.SampledFrom([]string{`[{"op":"test","path":"/id","value":"x"}]`, `[{"op":"add","path":"/language","value":"nb"}]`, `[{"op":"remove","path":"/subject"}]`}).Draw(t, "patch")
		condition(t, &a)
	case 5:
		a.method, a.target, a.kind = "DELETE", "/"+kind+"/"+tw.id(t, kind), ""
		condition(t, &a)
	case 6:
		name, value := tw.condition(t, kind, rapid.SampledFrom(r4.Params(kind)).Draw(t, "parameter"))
		a.method, a.target, a.kind = "DELETE", "/"+kind+"?"+url.Values{name: {value}}.Encode(), ""
	case 7:
		name, value := tw.condition(t, kind, rapid.SampledFrom(r4.Params(kind)).Draw(t, "parameter"))
		a.method, a.target, a.kind, a.body = "PATCH", "/"+kind+"?"+url.Values{name: {value}}.Encode(), patchType, `[{"op":"add","path":"/language","value":"nb"}]`
	default:
		return tw.bundle(t)
	}
	a.headers["Prefer"] = rapid.SampledFrom([]string{"", "return=minimal", "return=OperationOutcome"}).Draw(t, "prefer")
	return a
}

// bundle is several of them at once.
func (tw *twins) bundle(t *rapid.T) ask {
	var entries []string
	for i := range rapid.IntRange(1, 3).Draw(t, "entries") {
		kind := tw.kind(t)
		switch rapid.IntRange(0, 3).Draw(t, "entry") {
		case 0:
			entries = append(entries, fmt.Sprintf(`{"request":{"method":"GET","url":%q}}`, kind+"?"+tw.search(t, kind).Encode()))
		case 1:
			entries = append(entries, fmt.Sprintf(`{"request":{"method":%q,"url":%q}}`, rapid.SampledFrom([]string{"GET", "DELETE"}).Draw(t, "method"), kind+"/"+tw.id(t, kind)))
		case 2:
			id := tw.id(t, "Observation")
			kind, text := tw.resource(t, id)
			entries = append(entries, fmt.Sprintf(`{"resource":%s,"request":{"method":"PUT","url":%q}}`, text, kind+"/"+id))
		default:
			kind, text := tw.resource(t, "")
			text = strings.Replace(text, `"subject":{"reference":"Patient/`, `"subject":{"reference":"Patient?_id=`, rapid.IntRange(0, 1).Draw(t, "conditional"))
			entries = append(entries, fmt.Sprintf(`{"fullUrl":"urn:uuid:6f1d8c2e-0000-4000-8000-00000000000%d","resource":%s,"request":{"method":"POST","url":%q}}`, i, text, kind))
		}
	}
	return ask{method: "POST", target: "/", kind: fhirType, body: fmt.Sprintf(`{"resourceType":"Bundle","type":%q,"entry":[%s]}`,
		rapid.SampledFrom([]string{"batch", "transaction"}).Draw(t, "type"), strings.Join(entries, ","))}
}

// others is what somebody else does, whose patients the reader may not see, in the second world alone.
func (tw *twins) others(t *rapid.T) ask {
	var theirs []string
	for _, p := range tw.people.Entitled(Caller{Practitioner: "lund"}) {
		if slices.Contains(tw.not["Patient"], p) {
			theirs = append(theirs, p)
		}
	}
	if theirs == nil {
		theirs = []string{"p99"}
	}
	p := rapid.SampledFrom(theirs).Draw(t, "theirs")
	obs := fmt.Sprintf("obs-%s-%d", p, rapid.IntRange(1, 3).Draw(t, "number"))
	label := rapid.SampledFrom([]string{"N", "R", "V"}).Draw(t, "label")
	body := fmt.Sprintf(`{"resourceType":"Observation","id":%q,"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":%q}]},"status":"final","code":{"text":"theirs"},"subject":{"reference":"Patient/%s"}}`, obs, label, p)
	drawn := "3f2a5c1e-8c1e-4b7a-9d5e-00000000000" + strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "drawn"))
	switch rapid.IntRange(0, 5).Draw(t, "act") {
	case 0:
		return ask{method: "PUT", target: "/Observation/" + obs, kind: fhirType, body: body}
	case 1:
		return ask{method: "DELETE", target: "/Observation/" + obs}
	case 2:
		return ask{method: "PUT", target: "/Observation/" + drawn, kind: fhirType, body: strings.Replace(body, obs, drawn, 1)}
	case 3:
		return ask{method: "POST", target: "/Patient", kind: fhirType, body: `{"resourceType":"Patient","name":[{"family":"Ny"}],"generalPractitioner":[{"reference":"Practitioner/lund"}]}`}
	case 4:
		return ask{method: "GET", target: "/Patient/" + p + "/$everything"}
	}
	return ask{method: "POST", target: "/", kind: fhirType, body: fmt.Sprintf(`{"resourceType":"Bundle","type":"transaction","entry":[{"resource":%s,"request":{"method":"POST","url":"Observation"}},`+
		`{"request":{"method":"DELETE","url":"Condition/cond-%s-1"}},{"request":{"method":"GET","url":"Patient/%s"}}]}`, body, p, p)}
}
