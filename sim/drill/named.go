package drill

import (
	"fmt"
	"slices"
	"strings"
)

// wordKind is what the word after a fact names, so that a condition that names nothing is told to whoever
// wrote it, and not met for ever.
type wordKind int

const (
	noWord wordKind = iota
	aDecision
	anAudience
	anInject
	aHypothesis
	aClient
	anAPI
	aControl
	aKey
	aReply
	aMark
)

// knows tells what is wrong with the word of a fact in this drill.
func (f *File) knows(u use) error {
	p := &planner{file: f, args: []string{u.word}}
	var err error
	switch factNames[u.name] {
	case aDecision:
		err = f.decision(u.word)
	case anAudience:
		if err = p.warn(); err != nil && (u.word == "all" || f.kind(u.word) != nil) {
			err = nil
		}
	case anInject:
		err = p.inject()
	case aReply: // of a message and what was said: 'I4 period'
		p.args = strings.Fields(u.word)
		if err = p.answer(); err == nil && len(p.args) != 2 {
			err = fmt.Errorf("expected a message and what was said, got %q", u.word)
		}
	case aHypothesis:
		if f.hypothesis(u.word) == nil {
			err = fmt.Errorf("expected a hypothesis of this drill, got %q", u.word)
		}
	case aClient:
		err = p.client(u.word)
	case anAPI:
		err = p.api(u.word)
	case aControl:
		id, place, at := strings.Cut(u.word, "@")
		if err = knownControl(id); err == nil && at && !f.place(place) {
			err = fmt.Errorf("expected a place of this drill after the @, got %q", place)
		}
	case aMark: // eradicated, a message or a decision
		if u.word != eradicated && f.inject(u.word) == nil {
			err = f.decision(u.word)
		}
	case aKey:
		use, client, _ := strings.Cut(u.word, " ")
		if !slices.Contains([]string{"auth", "proof"}, use) {
			return fmt.Errorf("%s(%q): expected auth or proof and a client", u.name, u.word)
		}
		err = p.client(client)
	case noWord:
	}
	if err != nil {
		return fmt.Errorf("%s('%s'): %w", u.name, u.word, err)
	}
	return nil
}

// decision tells what is wrong with a decision that a condition names: an action, or all of it as typed.
func (f *File) decision(line string) error {
	one := parseLine(line)
	a := actionOf(one.Do)
	if a == nil {
		return fmt.Errorf("no action is called %q", one.Do)
	}
	if len(one.Args) == 0 {
		return nil
	}
	_, err := f.order(one)
	return err
}
