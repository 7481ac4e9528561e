package r4

import (
	"regexp"
	"strings"
	"sync"
)

// structure is a type, or a part of a resource with elements of its own: "Patient.contact".
type structure struct {
	name     string
	kind     string // resource, complex-type, primitive-type, part
	pattern  *regexp.Regexp
	elements []element
	byName   map[string]property
}

// element is an element of a type, as the definition has it.
type element struct {
	name     string // without [x]
	min      int
	many     bool
	choice   bool
	summary  bool
	types    []typeRef
	valueSet string // of a required binding, or ""
}

type typeRef struct {
	name    string
	targets []string // of a reference; none stands for anything
}

// property is a member that an object may have in JSON: an element, at one of its types.
type property struct {
	element *element
	of      *typeRef
}

// library is the definitions, unpacked. Types are read when first asked for.
type library struct {
	text  map[string]string // by type: its lines
	sets  map[string]string // by name: its line
	mu    sync.RWMutex
	types map[string]*structure
	codes map[string]map[string]string // by value set: "system|code" and "|code"
}

var definitions = sync.OnceValue(func() *library {
	l := &library{text: map[string]string{}, sets: map[string]string{}, types: map[string]*structure{}, codes: map[string]map[string]string{}}
	rest := unpack(structuresFile)
	for rest != "" {
		line, _, _ := strings.Cut(rest, "\n")
		name, _, _ := strings.Cut(line[2:], "\t")
		if line[0] == 'V' {
			l.sets[name] = line
			rest = rest[len(line)+1:]
			continue
		}
		end := len(line) + 1
		for strings.HasPrefix(rest[end:], "E\t") {
			end += strings.IndexByte(rest[end:], '\n') + 1
		}
		l.text[name] = rest[:end]
		rest = rest[end:]
	}
	return l
})

// lookup returns a type, or nil if R4 has none of that name.
func (l *library) lookup(name string) *structure {
	l.mu.RLock()
	s, known := l.types[name]
	l.mu.RUnlock()
	if known {
		return s
	}
	text, ok := l.text[name]
	if !ok {
		return nil
	}
	s = parseStructure(text)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.types[name] = s
	return s
}

func parseStructure(text string) *structure {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	head := strings.Split(lines[0], "\t")
	s := &structure{name: head[1], kind: head[2], byName: map[string]property{}}
	if head[3] != "" {
		s.pattern = regexp.MustCompile("^(?:" + head[3] + ")$")
	}
	s.elements = make([]element, len(lines)-1)
	for i, line := range lines[1:] {
		f := strings.Split(line, "\t")
		e := &s.elements[i]
		e.name, e.choice = strings.CutSuffix(f[1], "[x]")
		e.min, e.many, e.valueSet, e.summary = int(f[2][0]-'0'), f[3] != "1" && f[3] != "0", f[5], len(f) > 6
		for t := range strings.FieldsSeq(f[4]) {
			name, targets, has := strings.Cut(strings.TrimSuffix(t, ")"), "(")
			ref := typeRef{name: name}
			if has {
				ref.targets = strings.Split(targets, ",")
			}
			e.types = append(e.types, ref)
		}
		for j := range e.types {
			name := e.name
			if e.choice {
				name += strings.ToUpper(e.types[j].name[:1]) + e.types[j].name[1:]
			}
			s.byName[name] = property{e, &e.types[j]}
		}
	}
	return s
}

// codesOf returns the codes of a value set, alone and with their systems.
func (l *library) codesOf(set string) map[string]string {
	l.mu.RLock()
	codes, known := l.codes[set]
	l.mu.RUnlock()
	if known {
		return codes
	}
	codes = map[string]string{}
	f := strings.Split(l.sets[set], "\t")
	for i := 2; i+1 < len(f); i += 2 {
		for code := range strings.FieldsSeq(f[i+1]) {
			codes["|"+code] = f[i]
			codes[f[i]+"|"+code] = f[i]
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.codes[set] = codes
	return codes
}

// Code is a code and the system that it is of.
type Code struct{ System, Code string }

// ValueSet lists the codes of one of HL7's value sets, by its canonical URL: those that R4 requires somewhere are
// known. It is nil of any other.
func ValueSet(url string) []Code {
	url, _, _ = strings.Cut(url, "|")
	name, ours := strings.CutPrefix(url, "http://hl7.org/fhir/ValueSet/")
	if !ours {
		return nil
	}
	var out []Code
	f := strings.Split(definitions().sets[name], "\t")
	for i := 2; i+1 < len(f); i += 2 {
		for code := range strings.FieldsSeq(f[i+1]) {
			out = append(out, Code{f[i], code})
		}
	}
	return out
}

// IsResource tells whether R4 has a resource type of that name.
func IsResource(name string) bool {
	s := definitions().lookup(name)
	return s != nil && s.kind == "resource" && name != "Resource" && name != "DomainResource"
}
