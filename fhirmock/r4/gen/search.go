//go:build ignore

package main

import (
	"log"
	"regexp"
	"slices"
	"sort"
	"strings"
)

type searchParameter struct {
	URL        string   `json:"url"`
	Version    string   `json:"version"`
	Code       string   `json:"code"`
	Base       []string `json:"base"`
	Type       string   `json:"type"`
	Expression string   `json:"expression"`
	Target     []string `json:"target"`
	Component  []struct {
		Definition string `json:"definition"`
		Expression string `json:"expression"`
	} `json:"component"`
}

// searchLines writes S lines: resource type, code, type, URL, targets, paths. A path names its JSON
// properties, joined by dots, then marks: ":" datatype, "=" property and value that must stand beside,
// "~" type the reference must lead to, "@" code system of a bare code, "!" true unless absent or false. Of a
// composite the paths are where its components stand together ("." is the resource); a field for each follows,
// its type and its paths behind a semicolon.
func searchLines(dir string, types map[string]*node, sets *valueSets) []string {
	var out []string
	skipped := 0
	all := entries[searchParameter](dir, "search-parameters.json", "SearchParameter")
	kinds := map[string]string{}
	for _, s := range all {
		kinds[s.URL] = s.Type
	}
	for _, s := range all {
		if s.Version != release || s.Expression == "" || s.Type == "special" && s.Code != "near" {
			continue
		}
		if s.Type == "composite" {
			for _, base := range s.Base {
				c := compiler{types: types, sets: sets}
				if f := c.composite(s, base, kinds); f != nil {
					out = append(out, strings.Join(append([]string{"S", base, s.Code, s.Type, s.URL, ""}, f...), "\t"))
				} else {
					skipped++
					log.Printf("left out: %s %s: %s", base, s.Code, s.Expression)
				}
			}
			continue
		}
		for _, base := range s.Base {
			if base == "DomainResource" {
				continue
			}
			var paths []string
			for _, part := range strings.Split(s.Expression, " | ") {
				c := compiler{types: types, sets: sets}
				p, ok := c.path(strings.TrimSpace(part), base)
				if !ok {
					skipped++
					log.Printf("left out: %s %s: %s", base, s.Code, part)
				}
				paths = append(paths, p...)
			}
			slices.Sort(paths)
			paths = slices.Compact(paths)
			if len(paths) > 0 {
				targets := strings.Join(s.Target, " ")
				if len(s.Target) > 100 { // anything
					targets = ""
				}
				out = append(out, strings.Join(append([]string{"S", base, s.Code, s.Type, s.URL, targets}, paths...), "\t"))
			}
		}
	}
	log.Printf("search: %d expressions left out", skipped)
	sort.Strings(out)
	return out
}

type compiler struct {
	types map[string]*node
	sets  *valueSets
}

var (
	asInfix  = regexp.MustCompile(`^\(?([A-Za-z.]+) as ([A-Za-z]+)\)?$`)
	asCall   = regexp.MustCompile(`^([A-Za-z.]+)\.as\(([A-Za-z]+)\)$`)
	resolves = regexp.MustCompile(`^([A-Za-z.]+)\.where\(resolve\(\) is ([A-Za-z]+)\)$`)
	beside   = regexp.MustCompile(`^([A-Za-z.]+)\.where\(([a-z]+)='([a-z]+)'\)(\.[a-z.]+)?$`)
	present  = regexp.MustCompile(`^([A-Za-z.]+)\.exists\(\) and .*$`)
	plain    = regexp.MustCompile(`^[A-Za-z.]+$`)
)

// path compiles one alternative of an expression for a resource type. It is not ok if it is of this type
// and cannot be compiled.
func (c compiler) path(e, base string) ([]string, bool) {
	cast, mark := "", ""
	switch {
	case asInfix.MatchString(e):
		m := asInfix.FindStringSubmatch(e)
		e, cast = m[1], m[2]
	case asCall.MatchString(e):
		m := asCall.FindStringSubmatch(e)
		e, cast = m[1], m[2]
	case resolves.MatchString(e):
		m := resolves.FindStringSubmatch(e)
		e, mark = m[1], "~"+m[2]
	case beside.MatchString(e):
		m := beside.FindStringSubmatch(e)
		if m[4] != "" {
			return nil, !strings.HasPrefix(e, base+".")
		}
		e, mark = m[1], "="+m[2]+" "+m[3]
	case present.MatchString(e):
		m := present.FindStringSubmatch(e)
		e, mark, cast = m[1], "!", "boolean"
	}
	rest, ours := strings.CutPrefix(e, base+".")
	if !ours && strings.HasPrefix(e, "Resource.") {
		rest, ours = strings.TrimPrefix(e, "Resource."), true
	}
	if !ours {
		return nil, plain.MatchString(e) || !strings.Contains(e, base+".")
	}
	if !plain.MatchString(e) {
		return nil, false
	}
	var out []string
	c.walk(base, strings.Split(rest, "."), nil, cast, mark, &out)
	if mark == "!" {
		c.walk(base, strings.Split(rest, "."), nil, "dateTime", mark, &out)
	}
	return out, len(out) > 0
}

func (c compiler) walk(at string, names, done []string, cast, mark string, out *[]string) {
	n := c.types[at]
	if n == nil {
		return
	}
	for _, e := range n.elements {
		stem, choice := strings.CutSuffix(e.name, "[x]")
		if stem != names[0] {
			continue
		}
		for _, t := range e.types {
			name := stem
			if choice {
				name += strings.ToUpper(t.name[:1]) + t.name[1:]
			}
			way := append(slices.Clone(done), name)
			if len(names) > 1 {
				c.walk(t.name, names[1:], way, cast, mark, out)
				continue
			}
			if cast != "" && choice && cast != t.name {
				continue
			}
			p := strings.Join(way, ".") + ":" + t.name + mark
			if t.name == "code" {
				p += "@" + c.sets.system(e.vs)
			}
			*out = append(*out, p)
		}
	}
}

// composite writes where the components stand together, and then each. It is nil if it cannot be compiled.
func (c compiler) composite(s searchParameter, base string, kinds map[string]string) []string {
	var roots []string
	at := base
	for _, root := range strings.Split(s.Expression, " | ") {
		if root == base {
			roots = append(roots, ".")
			continue
		}
		at = root
		roots = append(roots, strings.TrimPrefix(root, base+"."))
	}
	out := []string{strings.Join(roots, " ")}
	for _, part := range s.Component {
		var paths []string
		for _, e := range strings.Split(part.Expression, " | ") {
			cast := ""
			if m := asCall.FindStringSubmatch(e); m != nil {
				e, cast = m[1], strings.Replace(m[2], "DateTime", "dateTime", 1)
			}
			c.walk(at, strings.Split(e, "."), nil, cast, "", &paths)
		}
		kind := kinds[part.Definition]
		fit := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return kindOf(p) != kind })
		if len(fit) == 0 && len(paths) > 0 { // R4 names the two definitions of DocumentReference.relationship the wrong way round
			kind, fit = kindOf(paths[0]), paths
		}
		if len(fit) == 0 {
			return nil
		}
		slices.Sort(fit)
		out = append(out, kind+";"+strings.Join(slices.Compact(fit), " "))
	}
	return out
}

// kindOf is how the values at a path are searched for.
func kindOf(path string) string {
	_, of, _ := strings.Cut(path, ":")
	of, _, _ = strings.Cut(of, "@")
	switch of {
	case "Quantity":
		return "quantity"
	case "date", "dateTime", "Period", "instant":
		return "date"
	case "string":
		return "string"
	case "integer", "decimal", "positiveInt", "unsignedInt":
		return "number"
	case "Reference":
		return "reference"
	case "CodeableConcept", "Coding", "code", "boolean", "Identifier":
		return "token"
	}
	return ""
}

type compartment struct {
	Resource []struct {
		Code  string   `json:"code"`
		Param []string `json:"param"`
	} `json:"resource"`
}

// compartmentLines writes C lines: resource type, and the parameters that place it in a patient's compartment.
func compartmentLines(dir string) []string {
	var d compartment
	read(dir, "compartmentdefinition-patient.json", &d)
	var out []string
	for _, r := range d.Resource {
		if len(r.Param) > 0 {
			out = append(out, "C\t"+r.Code+"\t"+strings.Join(r.Param, " "))
		}
	}
	return out
}
