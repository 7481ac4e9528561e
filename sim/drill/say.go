package drill

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Say is a condition in words, for a facilitator who reads no code: "more than 150 records have reached the thief". A
// condition that cannot be read is said as it was written.
func (f *File) Say(condition string) string {
	p := &conditionParser{text: condition}
	if _, err := Parse(condition); err != nil || p.split() != nil || strings.TrimSpace(condition) == "" {
		return condition
	}
	s := &sayer{conditionParser: p, file: f}
	return s.join("||", " or ", func() string { return s.join("&&", " and ", s.comparison) })
}

// sayer goes through the words of a condition that is known to be one.
type sayer struct {
	*conditionParser
	file *File
}

func (s *sayer) join(op, word string, part func() string) string {
	parts := []string{part()}
	for s.take(op) {
		parts = append(parts, part())
	}
	return strings.Join(parts, word)
}

// spoken is a value in words: that it is so, and that it is not; or, of a number, what is counted.
type spoken struct{ yes, no, number string }

func (s *sayer) comparison() string {
	left := s.value()
	if s.at >= len(s.words) || comparisons[s.words[s.at]] == nil {
		if left.yes == "" {
			return left.number + " is not 0"
		}
		return left.yes
	}
	op, right := s.next(), s.value()
	switch {
	case right.number == "0" && left.yes != "" && (op == ">" || op == "!="):
		return left.yes
	case right.number == "0" && left.no != "" && (op == "==" || op == "<="):
		return left.no
	}
	how := map[string]string{">": "more than ", ">=": "at least ", "<": "fewer than ", "<=": "at most ", "==": "exactly ", "!=": "not exactly "}[op]
	if left.number == "it is" { // a time
		how = map[string]string{">": "later than ", ">=": "no earlier than ", "<": "earlier than ", "<=": "no later than "}[op]
		return "it is " + how + right.number
	}
	return how + right.number + " " + left.number
}

func (s *sayer) value() spoken {
	word := s.next()
	switch word {
	case "!":
		v := s.value()
		return spoken{yes: v.no, no: v.yes, number: v.number}
	case "(":
		inside := s.join("||", " or ", func() string { return s.join("&&", " and ", s.comparison) })
		s.take(")")
		return spoken{yes: inside, no: "it is not so that " + inside, number: inside}
	}
	if _, err := strconv.ParseFloat(word, 64); err == nil {
		return spoken{number: word}
	}
	if d, err := time.ParseDuration(word); err == nil {
		return spoken{number: Clock(d)}
	}
	of := ""
	if factNames[word] != noWord {
		s.take("(")
		of = strings.TrimPrefix(s.next(), "'")
		s.take(")")
	}
	return s.fact(word, of)
}

// counted are the facts that are numbers: what is counted, and how it is said that there is something, and nothing.
var counted = map[string]spoken{
	"t": {number: "it is"}, "records": {"records have reached the thief", "no record has reached the thief", "records have reached the thief"},
	"success": {"the thief's latest round brought him something", "the thief's latest round brought him nothing", "of the APIs let the thief in (1 is all)"},
	"rounds":  {"the thief has tried", "the thief has not tried", "tries of the thief's"}, "clients_broken": {"a client is broken", "no client is broken", "clients are broken"},
	"clinics_dark": {"a clinic is dark", "no clinic is dark", "clinics are dark"}, "relogins": {"people had to sign in again", "nobody had to sign in again", "clinics had to sign in again"},
	"old_key":    {"APIs believe a replaced key", "no API believes a replaced key", "APIs believe a replaced key"},
	"eradicated": {yes: "the cause is gone", no: "the cause is there"}, "began": {yes: "the thief has begun", no: "the thief has not begun"},
	"believed_true": {yes: "a right explanation is held likely", no: "no right explanation is held likely"},
	"rotated":       {yes: "the server's first key is published no more", no: "the server's first key is still published"},
}

// fact is a fact in words.
func (s *sayer) fact(name, of string) spoken {
	if v, there := counted[name]; there {
		return v
	}
	both := func(format, yes, no string) spoken {
		return spoken{yes: fmt.Sprintf(format, of, yes), no: fmt.Sprintf(format, of, no)}
	}
	switch name {
	case "done":
		return both("%s %s", "has been done", "has not been done")
	case "ordered":
		return both("%s %s", "was decided", "was not decided")
	case "notified":
		return spoken{yes: "word has gone to " + of, no: "no word has gone to " + of}
	case "acked":
		return both("%s %s", "has been answered", "has not been answered")
	case "fired":
		return both("%s %s", "has come in", "has not come in")
	case "said":
		message, reply, _ := strings.Cut(of, " ")
		of = reply
		return both("%s %s to "+message, "was said", "was not said")
	case "believe", "shown":
		if h := s.file.hypothesis(of); h != nil {
			of = "“" + h.Text + "”"
		}
		if name == "shown" {
			return both("%s is %sheld likely, by evidence that bears on it", "", "not ")
		}
		return both("%s is %sheld likely", "", "not ")
	case "rounds_since":
		if of == eradicated {
			of = "the cause was gone"
		}
		return spoken{"the thief has come again since " + of, "the thief has not come since " + of, "rounds of the thief's since " + of}
	case "exposed":
		return spoken{number: of + " clients are left", yes: of + " clients are left", no: "no " + of + " client is left"}
	case "broken":
		return both("%s is %s", "not served somewhere", "served everywhere")
	case "probed":
		return both("the API %s %s", "was tried", "was not tried")
	case "found":
		return both("a try of %s %s", "got through", "did not get through")
	case "on":
		id, place, at := strings.Cut(of, "@")
		if of = id; at {
			of += " at " + place
		}
		return both("%s is %s", "on", "off")
	case "rolled":
		use, client, _ := strings.Cut(of, " ")
		of = client + "'s first key for " + map[string]string{"auth": "authentication", "proof": "proofs"}[use]
		return both("%s is good %s", "no more", "still")
	}
	return spoken{yes: name + " " + of, no: "not " + name + " " + of, number: name + " " + of}
}
