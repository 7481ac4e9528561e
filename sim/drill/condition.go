package drill

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Condition is a question about the state of a drill: comparisons joined by && and ||, ! before either,
// parentheses, numbers, durations, and the names and functions of facts.go. It is total and changes
// nothing: "records > 500 && !notified('authority')".
type Condition struct {
	text string
	eval func(facts) float64 // 0 is false; durations are seconds
	uses []use
}

// use is a fact that a condition asks for.
type use struct{ name, word string }

// facts answers for the state: a name, or a function of one word.
type facts interface {
	fact(name, word string) float64
}

// Parse reads a condition. Empty text is a condition that is never met.
func Parse(text string) (Condition, error) {
	if strings.TrimSpace(text) == "" {
		return Condition{eval: func(facts) float64 { return 0 }}, nil
	}
	p := &conditionParser{text: text}
	if err := p.split(); err != nil {
		return Condition{}, err
	}
	eval, err := p.or()
	if err == nil && p.at < len(p.words) {
		err = fmt.Errorf("expected the end of the condition, got %q", p.words[p.at])
	}
	if err != nil {
		return Condition{}, fmt.Errorf("condition %q: %w", text, err)
	}
	return Condition{text, eval, p.uses}, nil
}

func (c Condition) met(f facts) bool { return c.eval != nil && c.eval(f) != 0 }

// String is the condition as it was written.
func (c Condition) String() string { return c.text }

type conditionParser struct {
	text  string
	words []string
	at    int
	depth int
	uses  []use
}

var operators = []string{"&&", "||", "<=", ">=", "==", "!=", "<", ">", "!", "(", ")"}

func (p *conditionParser) split() error {
	rest := p.text
outer:
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		for _, op := range operators {
			if strings.HasPrefix(rest, op) {
				p.words, rest = append(p.words, op), rest[len(op):]
				continue outer
			}
		}
		if q := rest[0]; q == '\'' || q == '"' {
			end := strings.IndexByte(rest[1:], q)
			if end < 0 {
				return fmt.Errorf("condition %q: expected a closing quote", p.text)
			}
			p.words, rest = append(p.words, "'"+rest[1:1+end]), rest[end+2:]
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.' && r != '-' && r != '/'
		})
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return fmt.Errorf("condition %q: expected a name, a number or an operator, got %q", p.text, rest[:1])
		}
		p.words, rest = append(p.words, rest[:end]), rest[end:]
	}
	return nil
}

func (p *conditionParser) next() string {
	if p.at >= len(p.words) {
		return ""
	}
	p.at++
	return p.words[p.at-1]
}

func (p *conditionParser) take(word string) bool {
	if p.at < len(p.words) && p.words[p.at] == word {
		p.at++
		return true
	}
	return false
}

func (p *conditionParser) or() (func(facts) float64, error) {
	return p.chain("||", p.and, func(a, b float64) bool { return a != 0 || b != 0 })
}

func (p *conditionParser) and() (func(facts) float64, error) {
	return p.chain("&&", p.comparison, func(a, b float64) bool { return a != 0 && b != 0 })
}

func (p *conditionParser) chain(op string, part func() (func(facts) float64, error), join func(a, b float64) bool) (func(facts) float64, error) {
	left, err := part()
	for err == nil && p.take(op) {
		var right func(facts) float64
		before := left
		if right, err = part(); err == nil {
			left = func(f facts) float64 { return truth(join(before(f), right(f))) }
		}
	}
	return left, err
}

var comparisons = map[string]func(a, b float64) bool{
	"<": func(a, b float64) bool { return a < b }, "<=": func(a, b float64) bool { return a <= b },
	">": func(a, b float64) bool { return a > b }, ">=": func(a, b float64) bool { return a >= b },
	"==": func(a, b float64) bool { return a == b }, "!=": func(a, b float64) bool { return a != b },
}

func (p *conditionParser) comparison() (func(facts) float64, error) {
	left, err := p.value()
	if err != nil || p.at >= len(p.words) || comparisons[p.words[p.at]] == nil {
		return left, err
	}
	compare := comparisons[p.next()]
	right, err := p.value()
	if err != nil {
		return nil, err
	}
	return func(f facts) float64 { return truth(compare(left(f), right(f))) }, nil
}

const deepest = 50 // of nested parentheses

func (p *conditionParser) value() (func(facts) float64, error) {
	if p.depth++; p.depth > deepest {
		return nil, fmt.Errorf("expected at most %d levels of parentheses", deepest)
	}
	defer func() { p.depth-- }()
	word := p.next()
	switch {
	case word == "":
		return nil, fmt.Errorf("expected a value, got the end")
	case word == "!":
		of, err := p.value()
		return func(f facts) float64 { return truth(of(f) == 0) }, err
	case word == "(":
		inside, err := p.or()
		if err == nil && !p.take(")") {
			err = fmt.Errorf("expected a closing parenthesis")
		}
		return inside, err
	}
	if n, err := strconv.ParseFloat(word, 64); err == nil {
		return func(facts) float64 { return n }, nil
	}
	if d, err := time.ParseDuration(word); err == nil {
		return func(facts) float64 { return d.Seconds() }, nil
	}
	return p.name(word)
}

// name is a fact, or a function of one word.
func (p *conditionParser) name(word string) (func(facts) float64, error) {
	kind, known := factNames[word]
	if !known {
		return nil, fmt.Errorf("expected one of %s, got %q", strings.Join(factList(), ", "), word)
	}
	of := ""
	if kind != noWord {
		if !p.take("(") {
			return nil, fmt.Errorf("expected a word in parentheses after %s", word)
		}
		of = strings.TrimPrefix(p.next(), "'")
		if of == "" || !p.take(")") {
			return nil, fmt.Errorf("expected one word in parentheses after %s", word)
		}
	}
	p.uses = append(p.uses, use{word, of})
	return func(f facts) float64 { return f.fact(word, of) }, nil
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
