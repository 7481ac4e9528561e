package detect

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

const head = "title: T\nid: 11111111-1111-4111-8111-111111111111\nname: one\ndescription: d\nlevel: high\nfalsepositives: [none]\ntags: [attack.t1528]\n"

const headTwo = "title: U\nid: 22222222-2222-4222-8222-222222222222\ndescription: d\nlevel: high\nfalsepositives: [none]\ntags: [attack.t1528]\n"

const source = "logsource: {product: thiefbox, service: api}\n"

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// at makes a record some seconds after the start.
func at(seconds int, fields map[string]any) Record {
	return Record{N: seconds, At: start.Add(time.Duration(seconds) * time.Second), Service: "api", Get: func(k string) any { return fields[k] }}
}

func fires(t *testing.T, text string, records ...Record) []Fired {
	t.Helper()
	p, err := Parse(File{"r.yaml", []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return p.Evaluate(records)
}

func TestMatch(t *testing.T) {
	rec := map[string]any{"event": "api.request", "n": 5, "yes": true, "list": []string{"a", "b"}, "ip": "198.18.3.4", "x": "k1", "y": "k1", "z": "k2"}
	tests := []struct {
		detection string
		want      bool
	}{
		{"s: {event: API.Request}", true}, {"s: {event: api.*}", true}, {"s: {event: 'api.\\*'}", false}, {"s: {event: api.reques?}", true},
		{"s: {event: [x, api.request]}", true}, {"s: {event|contains: ques}", true}, {"s: {event|contains|all: [api, quest]}", true},
		{"s: {event|contains|all: [api, x]}", false}, {"s: {event|startswith: api}", true}, {"s: {event|endswith: api}", false},
		{"s: {event|re: '^api\\.r'}", true}, {"s: {n: 5}", true}, {"s: {n|gt: 5}", false}, {"s: {n|gte: 5}", true}, {"s: {n|lt: 6}", true}, {"s: {n|lte: 4}", false},
		{"s: {none|lt: 6}", false}, {"s: {yes: true}", true}, {"s: {yes: false}", false}, {"s: {none: null}", true}, {"s: {n: null}", false},
		{"s: {list: b}", true}, {"s: {list|contains: c}", false}, {"s: {ip|cidr: 198.18.0.0/15}", true}, {"s: {ip|cidr: 10.0.0.0/8}", false},
		{"s: {n|exists: true}", true}, {"s: {none|exists: true}", false}, {"s: {none|exists: false}", true},
		{"s: {x|fieldref: y}", true}, {"s: {x|fieldref: z}", false}, {"s: {none|fieldref: also-none}", false},
		{"s: [{n: 6}, {n: 5}]", true}, {"s: {n: 5, yes: false}", false},
	}
	for _, tt := range tests {
		got := fires(t, head+source+"detection:\n  "+tt.detection+"\n  condition: s\n", at(0, rec))
		if (len(got) == 1) != tt.want {
			t.Errorf("%s: expected %v, got %v", tt.detection, tt.want, got)
		}
	}
}

func TestCondition(t *testing.T) {
	for condition, want := range map[string]bool{
		"a and not b and c1 and c2": true, "a and b and 1 of c*": false, "b or a and all of c*": true, "(b or a) and not (b and 1 of c*)": true,
		"not a or b or c1 or c2": true, "1 of them": true, "all of them": false, "NOT a AND b AND all of c*": false, "not not a and not b and all of c*": true,
	} {
		text := head + source + "detection:\n  a: {n: 1}\n  b: {n: 2}\n  c1: {m: 1}\n  c2: {m: 1}\n  condition: " + condition + "\n"
		if got := fires(t, text, at(0, map[string]any{"n": 1, "m": 1})); (len(got) == 1) != want {
			t.Errorf("%s: expected %v", condition, want)
		}
	}
}

func correlated(corr string) string {
	base := strings.Replace(head, "level: high", "level: informational", 1) + source + "detection: {s: {n: 1}, condition: s}\n---\n"
	other := strings.NewReplacer("1111", "3333", "name: one", "name: two", "level: high", "level: informational").Replace(head) + source + "detection: {s: {n: 2}, condition: s}\n---\n"
	return base + other + headTwo + "correlation:\n" + corr
}

// Windows slide over the time of the records, an edge belongs to them, and groups are told apart.
func TestCorrelations(t *testing.T) {
	one := func(s int, who, ip string) Record { return at(s, map[string]any{"n": 1, "who": who, "ip": ip}) }
	two := func(s int, who string) Record { return at(s, map[string]any{"n": 2, "who": who}) }
	count := "  type: event_count\n  rules: [one]\n  group-by: [who]\n  timespan: 10s\n  condition: {gte: 2}\n"
	values := "  type: value_count\n  rules: [one]\n  group-by: [who]\n  timespan: 10s\n  condition: {field: ip, gte: 2}\n"
	temporal := "  type: temporal\n  rules: [one, two]\n  group-by: [who]\n  timespan: 10s\n"
	ordered := "  type: temporal_ordered\n  rules: [one, two]\n  group-by: [who]\n  timespan: 10s\n"
	tests := []struct {
		name, corr string
		records    []Record
		want       int // records at which it held
	}{
		{"two in time", count, []Record{one(0, "a", "x"), one(10, "a", "x")}, 1},
		{"two too far apart", count, []Record{one(0, "a", "x"), one(11, "a", "x")}, 0},
		{"two of two people", count, []Record{one(0, "a", "x"), one(1, "b", "x")}, 0},
		{"a window slides", count, []Record{one(0, "a", "x"), one(9, "a", "x"), one(18, "a", "x"), one(40, "a", "x")}, 2},
		{"no group, no part", count, []Record{at(0, map[string]any{"n": 1}), at(1, map[string]any{"n": 1})}, 0},
		{"two addresses", values, []Record{one(0, "a", "x"), one(1, "a", "x"), one(2, "a", "y")}, 1},
		{"one address", values, []Record{one(0, "a", "x"), one(1, "a", "x")}, 0},
		{"both, either way", temporal, []Record{two(0, "a"), one(1, "a", "x")}, 1},
		{"one twice is not both", temporal, []Record{one(0, "a", "x"), one(1, "a", "x")}, 0},
		{"in order", ordered, []Record{one(0, "a", "x"), two(1, "a")}, 1},
		{"out of order", ordered, []Record{two(0, "a"), one(1, "a", "x")}, 0},
		{"order by time, not by rule", ordered, []Record{one(0, "a", "x"), one(1, "a", "x"), two(11, "a")}, 1},
	}
	for _, tt := range tests {
		got := fires(t, correlated(tt.corr), tt.records...)
		n := 0
		if len(got) == 1 {
			n = got[0].Count
		}
		if n != tt.want || len(got) > 1 {
			t.Errorf("%s: expected it to hold %d times, got %v", tt.name, tt.want, got)
		}
	}
}

// What is not understood is refused, with the line.
func TestStrict(t *testing.T) {
	detection := func(d string) string { return head + source + "detection:\n" + d }
	for text, want := range map[string]string{
		"title: [": "r.yaml:1: expected YAML",
		head + source + "detection: {s: {a: 1}, condition: s}\nauthour: x\n":         `r.yaml:10: rule: expected one of`,
		head + "logsource: {product: windows}\ndetection: {s: {a: 1}, condition: s}": "r.yaml:8: logsource: expected the product thiefbox",
		head + "logsource: {category: web}\ndetection: {s: {a: 1}, condition: s}":    `r.yaml:8: logsource: expected one of product, service, definition, got "category"`,
		detection("  s: {a|base64: x}\n  condition: s"):                              "r.yaml:10: a: expected one of the modifiers",
		detection("  s: {a|re|contains: x}\n  condition: s"):                         "r.yaml:10: expected a field and at most one modifier",
		detection("  s: {a|re: '('}\n  condition: s"):                                "r.yaml:10: re: expected a regular expression",
		detection("  s: {a|gt: x}\n  condition: s"):                                  "r.yaml:10: gt: expected a whole number",
		detection("  s: {a|cidr: x}\n  condition: s"):                                "r.yaml:10: cidr: expected a network",
		detection("  s: {a: 1.5}\n  condition: s"):                                   "r.yaml:10: a: expected a word",
		detection("  s: {a: 1}\n  condition: s | count() > 3"):                       `r.yaml:11: condition: did not expect "|"`,
		detection("  s: {a: 1}\n  condition: t"):                                     `r.yaml:11: condition: no selection is called "t"`,
		detection("  s: {a: 1}\n  t: {a: 1}\n  condition: s"):                        "r.yaml:12: condition: t is selected and never used",
		detection("  s: {a: 1}\n  condition: (s"):                                    "r.yaml:11: condition: expected a closing",
		detection("  s: {a: 1}\n  condition: s and"):                                 "r.yaml:11: condition: expected a selection at its end",
		detection("  s: {a: 1}\n"):                                                   "detection: expected a condition",
		detection("  s: {a: 1, a: 2}\n  condition: s"):                               "r.yaml:10",
		"title: T\ndetection: {s: {a: 1}, condition: s}":                             "r.yaml:1: expected a rule to have",
		strings.Replace(head, "high", "severe", 1):                                   "r.yaml:5: level: expected one of",
		strings.Replace(head, "11111111-", "x-", 1):                                  "r.yaml:2: id: expected a UUID",
		strings.Replace(head, "attack.t1528", "T1528", 1):                            "r.yaml:7: tags: expected a namespace",
		head: "expected either a detection or a correlation",
		headTwo + "correlation: {type: event_count, rules: [x], group-by: [a], timespan: 1m, condition: {gte: 2}}":               "no rule is called x",
		headTwo + "correlation: {type: value_sum, rules: [x], group-by: [a], timespan: 1m}":                                      "r.yaml:7: type: expected one of",
		headTwo + "correlation: {type: event_count, rules: [x], group-by: [a], timespan: 5M, condition: {gte: 2}}":               "r.yaml:7: timespan: expected a number",
		headTwo + "correlation: {type: event_count, rules: [x], group-by: [a], timespan: 1m}":                                    "to have a condition",
		headTwo + "correlation: {type: value_count, rules: [x], group-by: [a], timespan: 1m, condition: {gte: 2}}":               "a field is counted by value_count",
		headTwo + "correlation: {type: temporal, rules: [x], group-by: [a], timespan: 1m}":                                       "two rules or more",
		head + source + "detection: {s: {a: 1}, condition: s}\n---\n" + head + source + "detection: {s: {a: 1}, condition: s}\n": "has the id or the name",
	} {
		_, err := Parse(File{"r.yaml", []byte(text)})
		if e := (*Error)(nil); !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Line < 1 {
			t.Errorf("%s\nexpected %q, got %v", text, want, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head + source + "detection:\n  s: {a|re: x}\n  condition: 1 of s* and not (s)\n"))
	f.Add([]byte(correlated("  type: temporal\n  rules: [one, two]\n  group-by: [who]\n  timespan: 10s\n")))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(File{"r.yaml", data})
		if err != nil {
			return
		}
		p.Evaluate([]Record{at(0, map[string]any{"a": "x", "n": 1}), at(1, map[string]any{"n": 2, "who": "a"})})
	})
}

func TestCount(t *testing.T) {
	a, b := &Rule{Name: "a"}, &Rule{Name: "b"}
	m := Count([]*Rule{a, b}, []Sample{
		{Attack: "X-1", Fired: []Fired{{Rule: a}, {Rule: b}}}, {Attack: "X-1"}, {Attack: "X-2"},
		{Day: "odd", Fired: []Fired{{Rule: a}}}, {Day: "quiet"},
	})
	if m.Runs != 3 || m.Honest != 2 || m.Recall.N != 1 || m.Precision.Of != 2 || len(m.Untraced()) != 1 || m.Untraced()[0] != "X-2" {
		t.Errorf("got %+v", m)
	}
	s := m.Scores[0]
	if s.Precision.N != 1 || s.Precision.Of != 2 || s.Recall.N != 1 || s.Recall.Of != 3 || s.Attacks[0] != "X-1" || s.Days[0] != "odd" {
		t.Errorf("got %+v", s)
	}
	// Wilson's interval for 8 of 10, from the textbook: 0.490 to 0.943.
	if s := NewShare(8, 10); math.Abs(s.Low-0.490) > 0.001 || math.Abs(s.High-0.943) > 0.001 || s.Value() != 0.8 {
		t.Errorf("got %+v", s)
	}
	if s := NewShare(0, 0); s.Value() != 0 || s.Low != 0 || s.High != 1 {
		t.Errorf("of nothing nothing is known, got %+v", s)
	}
}

// A rule that is in the pack for one family's sake says nothing of that family once it is held out.
func TestHoldOut(t *testing.T) {
	common, own, noisy := &Rule{Name: "common"}, &Rule{Name: "own"}, &Rule{Name: "noisy"}
	inView := []Sample{
		{Attack: "X-1", Breached: true, Fired: []Fired{{Rule: common}, {Rule: own}, {Rule: noisy}}}, {Attack: "Y-1", Fired: []Fired{{Rule: common}}},
		{Day: "a", Fired: []Fired{{Rule: noisy}}}, {Day: "b", Fired: []Fired{{Rule: noisy}}},
	}
	heldOut := append(inView[:2:2], Sample{Day: "c", Fired: []Fired{{Rule: own}, {Rule: noisy}}})
	trial := HoldOut([]*Rule{common, own, noisy}, inView, heldOut)
	if got := trial.InView.Breached; got.N != 1 || got.Of != 1 || trial.InView.Held.N != 1 {
		t.Errorf("expected recall by what became of attacks, got %+v", trial.InView)
	}
	scores := map[string]Score{}
	for _, s := range trial.HeldOut.Scores {
		scores[s.Rule] = s
	}
	if scores["common"].Recall.N != 2 || scores["own"].Recall.N != 0 || scores["own"].Precision.Of != 1 || scores["noisy"].Precision.Of != 0 {
		t.Errorf("expected what speaks for a rule to be other families, and noise to keep it out, got %+v", scores)
	}
	if f := trial.InView.Families; len(f) != 2 || f[0] != (Family{"X", NewShare(1, 1), NewShare(0, 0)}) || f[1] != (Family{"Y", NewShare(0, 0), NewShare(1, 1)}) {
		t.Errorf("expected a family for each letter, by what became of its attacks, got %+v", f)
	}
	if trial.Unproven["own"] != "X" || len(trial.Unproven) != 1 {
		t.Errorf("expected one rule of one family, got %v", trial.Unproven)
	}
}
