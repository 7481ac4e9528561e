package detect

import (
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

var (
	levels   = []string{"informational", "low", "medium", "high", "critical"}
	statuses = []string{"stable", "test", "experimental", "deprecated", "unsupported"}
	uuid     = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	tag      = regexp.MustCompile(`^[a-z0-9_-]+\.[a-z0-9._-]+$`)
)

// File is a file of rules: one or several YAML documents.
type File struct {
	Name string
	Data []byte
}

// Parse reads files of rules. A correlation may name rules of any file. The error is an *Error with the line.
func Parse(files ...File) (Pack, error) {
	var p Pack
	for _, f := range files {
		r := reader{f.Name}
		tree, err := parser.ParseBytes(f.Data, 0)
		if err != nil {
			return Pack{}, r.syntax(err)
		}
		for _, doc := range tree.Docs {
			if doc.Body == nil || doc.Body.Type() == ast.CommentType {
				continue
			}
			rule, err := r.rule(doc.Body)
			if err != nil {
				return Pack{}, err
			}
			for _, other := range p.rules {
				if other.ID == rule.ID || other.Name != "" && other.Name == rule.Name {
					return Pack{}, r.wrong(doc.Body, "%s has the id or the name of the rule at %s:%d", rule.Title, other.File, other.Line)
				}
			}
			p.rules = append(p.rules, rule)
		}
	}
	return p, p.join()
}

func (r reader) rule(n ast.Node) (*Rule, error) {
	entries, err := r.mapping(n, "rule", "title", "id", "name", "status", "description", "references", "author", "date", "modified",
		"logsource", "detection", "correlation", "falsepositives", "level", "tags", "fields", "generate")
	if err != nil {
		return nil, err
	}
	out := &Rule{File: r.file, Line: n.GetToken().Position.Line}
	for _, e := range entries {
		if err := r.member(out, e); err != nil {
			return nil, err
		}
	}
	switch {
	case out.Title == "" || out.ID == "" || out.Level == "" || out.Description == "" || out.FalsePositives == nil || out.Tags == nil:
		return nil, r.wrong(n, "expected a rule to have title, id, description, level, falsepositives and tags")
	case (out.detection == nil) == (out.corr == nil):
		return nil, r.wrong(n, "%s: expected either a detection or a correlation", out.Title)
	case out.detection != nil && !slices.ContainsFunc(entries, func(e entry) bool { return e.key == "logsource" }):
		return nil, r.wrong(n, "%s: expected a detection to name its logsource", out.Title)
	}
	out.Base = out.Base || out.Level == "informational" && out.corr == nil
	return out, nil
}

func (r reader) member(out *Rule, e entry) (err error) {
	switch e.key {
	case "title":
		out.Title, err = r.text(e.value, e.key)
	case "id":
		if out.ID, err = r.text(e.value, e.key); err == nil && !uuid.MatchString(out.ID) {
			err = r.wrong(e.value, "id: expected a UUID, got %q", out.ID)
		}
	case "name":
		out.Name, err = r.text(e.value, e.key)
	case "description":
		out.Description, err = r.text(e.value, e.key)
	case "status":
		out.Status, err = r.among(e, statuses)
	case "level":
		out.Level, err = r.among(e, levels)
	case "tags":
		out.Tags, err = r.texts(e.value, e.key)
		for _, t := range out.Tags {
			if !tag.MatchString(t) {
				return r.wrong(e.value, "tags: expected a namespace, a dot and a name, got %q", t)
			}
		}
	case "falsepositives":
		out.FalsePositives, err = r.texts(e.value, e.key)
	case "logsource":
		out.service, err = r.logsource(e.value)
	case "detection":
		out.detection, err = r.detection(e.value)
	case "correlation":
		out.corr, err = r.correlation(e.value)
	case "references", "fields":
		_, err = r.texts(e.value, e.key)
	case "generate":
		_, err = r.scalar(e.value, e.key)
	default: // author, date, modified
		_, err = r.text(e.value, e.key)
	}
	return err
}

func (r reader) among(e entry, words []string) (string, error) {
	s, err := r.text(e.value, e.key)
	if err == nil && !slices.Contains(words, s) {
		err = r.wrong(e.value, "%s: expected one of %s, got %q", e.key, strings.Join(words, ", "), s)
	}
	return s, err
}

func (r reader) logsource(n ast.Node) (service string, err error) {
	entries, err := r.mapping(n, "logsource", "product", "service", "definition")
	for _, e := range entries {
		s, err := r.text(e.value, e.key)
		if err != nil {
			return "", err
		}
		if e.key == "product" && s != "thiefbox" {
			return "", r.wrong(e.value, "logsource: expected the product thiefbox, got %q", s)
		}
		if e.key == "service" {
			service = s
		}
	}
	return service, err
}

// join finds the rules that correlations name.
func (p Pack) join() error {
	for _, r := range p.rules {
		if r.corr == nil {
			continue
		}
		for _, name := range r.corr.names {
			other, ok := p.Find(name)
			if !ok {
				return &Error{r.File, r.Line, "correlation: no rule is called " + name}
			}
			if other.corr != nil {
				return &Error{r.File, r.Line, "correlation: " + name + " is a correlation itself, which this evaluator does not do"}
			}
			r.corr.rules = append(r.corr.rules, other)
		}
	}
	return nil
}
