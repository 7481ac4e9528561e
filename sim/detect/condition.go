package detect

import (
	"path"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// detection reads the selections and the condition that joins them.
func (r reader) detection(n ast.Node) (condition, error) {
	entries, err := r.mapping(n, "detection")
	if err != nil {
		return nil, err
	}
	c := &sentence{r: r, searches: map[string]condition{}}
	for _, e := range entries {
		if e.key == "condition" {
			if c.text, err = r.text(e.value, e.key); err != nil {
				return nil, err
			}
			c.node = e.value
			continue
		}
		if c.searches[e.key], err = r.selection(e.value, e.key); err != nil {
			return nil, err
		}
		c.names = append(c.names, e.key)
	}
	if c.node == nil {
		return nil, r.wrong(n, "detection: expected a condition")
	}
	return c.parse()
}

// sentence is a condition on its way to being understood, by recursive descent: or binds least, then and,
// then not.
type sentence struct {
	r        reader
	node     ast.Node
	text     string
	searches map[string]condition
	names    []string // in order
	used     map[string]bool
	words    []string
	depth    int
}

var token = regexp.MustCompile(`[()]|[^\s()]+`)

// deepest bounds the parentheses and nots within each other.
const deepest = 50

func (s *sentence) parse() (condition, error) {
	s.words, s.used = token.FindAllString(s.text, -1), map[string]bool{}
	c, err := s.or()
	if err != nil {
		return nil, err
	}
	if len(s.words) > 0 {
		return nil, s.wrong("did not expect %q", s.words[0])
	}
	for _, name := range s.names {
		if !s.used[name] {
			return nil, s.wrong("%s is selected and never used", name)
		}
	}
	return c, nil
}

func (s *sentence) wrong(format string, args ...any) error {
	return s.r.wrong(s.node, "condition: "+format, args...)
}

func (s *sentence) next(word string) bool {
	if len(s.words) == 0 || !strings.EqualFold(s.words[0], word) {
		return false
	}
	s.words = s.words[1:]
	return true
}

func (s *sentence) or() (condition, error) {
	return s.joined("or", s.and, oneOf)
}

func (s *sentence) and() (condition, error) {
	return s.joined("and", s.not, allOf)
}

func (s *sentence) joined(word string, part func() (condition, error), join func([]condition) condition) (condition, error) {
	var parts []condition
	for {
		c, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, c)
		if !s.next(word) {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return join(parts), nil
}

func (s *sentence) not() (condition, error) {
	if s.depth++; s.depth > deepest {
		return nil, s.wrong("expected at most %d parentheses and nots within each other", deepest)
	}
	defer func() { s.depth-- }()
	switch {
	case s.next("not"):
		c, err := s.not()
		if err != nil {
			return nil, err
		}
		return func(rec Record) bool { return !c(rec) }, nil
	case s.next("("):
		c, err := s.or()
		if err == nil && !s.next(")") {
			err = s.wrong("expected a closing parenthesis")
		}
		return c, err
	}
	return s.search()
}

// search is the name of a selection, or "1 of selection*", "all of them".
func (s *sentence) search() (condition, error) {
	if len(s.words) == 0 {
		return nil, s.wrong("expected a selection at its end")
	}
	for quantity, join := range map[string]func([]condition) condition{"1": oneOf, "all": allOf} {
		if len(s.words) >= 3 && strings.EqualFold(s.words[0], quantity) && strings.EqualFold(s.words[1], "of") {
			pattern := s.words[2]
			s.words = s.words[3:]
			return s.of(pattern, join)
		}
	}
	name := s.words[0]
	c, ok := s.searches[name]
	if !ok {
		return nil, s.wrong("no selection is called %q; it takes selections, and, or, not, parentheses, 1 of and all of", name)
	}
	s.used[name], s.words = true, s.words[1:]
	return c, nil
}

func (s *sentence) of(pattern string, join func([]condition) condition) (condition, error) {
	var parts []condition
	for _, name := range s.names {
		if ok, err := path.Match(pattern, name); err == nil && ok || pattern == "them" && !strings.HasPrefix(name, "_") {
			s.used[name] = true
			parts = append(parts, s.searches[name])
		}
	}
	if len(parts) == 0 {
		return nil, s.wrong("no selection is called %q", pattern)
	}
	return join(parts), nil
}
