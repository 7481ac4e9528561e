package sim_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"thiefbox/sim/control"
)

// The rules of the house, each with its reason. They are read off the source, so a package that is
// added tomorrow is held to them too. The picture of the house is in the package comment of sim.

// onlyImports says which of our packages a package, and those below it, may import. Tests are exempt
// except where strict.
var onlyImports = []struct {
	who     string
	may     []string
	strict  bool
	because string
}{
	{"sim/clock", nil, false, vocabulary},
	{"sim/dice", nil, false, vocabulary},
	{"sim/control", nil, false, vocabulary},
	{"sim/event", nil, false, vocabulary},
	{"sim/fapi", nil, false, vocabulary},
	{"sim/clause", nil, false, vocabulary},
	{"sim/profile", words("control"), false, "a file is a profile, whatever is done with it"},
	{"sim/worth", words("clause control dice verdict"), false, "it computes from the runs it is given, and cannot make any"},
	{"sim/detect", nil, false, "a rule reads records, and can know no thief and no verdict"},
	{"sim/party", words("clock control dice event"), false, "it joins what decides to what remembers, and knows no protocol"},
	{"sim/network", words("clock event"), false, "a network carries messages and does not read them"},
	{"idp", words("clock control event dice fapi party"), false, overHTTP},
	{"idp/keep", []string{"idp"}, false, "a file of records, whatever they mean"},
	{"fhirmock", words("clock control event dice fapi party"), false, overHTTP},
	{"fhirmock/r4", nil, false, pureFHIR},
	{"fhirmock/terms", []string{"fhirmock/r4"}, false, pureFHIR},
	{"fhirmock/store", []string{"fhirmock/r4", "fhirmock/terms"}, false, pureFHIR},
	{"fhirmock/directive", []string{"fhirmock/r4", "fhirmock/terms"}, false, pureFHIR},
	{"fhirmock/keep", []string{"fhirmock/r4", "fhirmock/terms", "fhirmock/store"}, false, pureFHIR},
	{"fhirmock/intake", []string{"fhirmock/r4", "fhirmock/terms", "fhirmock/store"}, false, pureFHIR},
	{"fhirmock/query", []string{"fhirmock/r4", "fhirmock/terms", "fhirmock/store"}, false, pureFHIR},
	{"fhirmock/graph", []string{"fhirmock/r4", "fhirmock/terms", "fhirmock/store", "fhirmock/query"}, false, pureFHIR},
	{"fhirmock/interact", []string{"fhirmock/r4", "fhirmock/terms", "fhirmock/store", "fhirmock/query", "fhirmock/graph"}, false, pureFHIR},
	{"sim/client", words("clock control event dice fapi party"), false, overHTTP},
	{"sim/serve", append(words("clock control dice event fapi party report"), "idp", "idp/keep", "fhirmock", "sim/directory"), false, "it serves the honest servers to strangers, and knows no thief"},
	{"sim/directory", []string{"idp", "fhirmock"}, false, "it says whose records somebody may open, and asks nobody else"},
	{"attacker", words("event fapi"), false, "a thief has no back door: he gets a Ground, not a World"},
	{"sim/verdict", words("event"), true, "a judge who cannot see the claim cannot repeat it"},
	{"sim/report", words("event verdict control fapi worth clause detect"), false, showOnly},
	{"sim/tui", words("event verdict report control worth clause drill lesson ecosystem"), false, showOnly + "; of a drill they see a Sight, and send decisions"},
	{"sim/ecosystem", words("dice"), false, "a population counts clients; what becomes of one is measured on the wire"},
	{"sim/drill", words("control event fapi dice ecosystem"), false, "the engine gets a Wire, not a World"},
	{"sim/lesson", words("report verdict event control"), false, "a lesson says which run it wants, and is given what came of it"},
	{"scenarios", append(words("report verdict control lesson detect"), "attacker"), false, "a scenario is a value that others run"},
}

// neverReach says which of our packages a package must not reach, by whatever way.
var neverReach = []struct {
	who, except string
	never       []string
	because     string
}{
	{"sim/", "sim/cli", []string{"sim"}, "the root wires, the parts do not know it"},
	{"idp", "", []string{"fhirmock", "sim/client", "attacker", "sim"}, overHTTP},
	{"fhirmock", "", []string{"idp", "sim/client", "attacker", "sim"}, overHTTP},
	{"sim/client", "", []string{"idp", "fhirmock", "attacker", "sim"}, overHTTP},
	{"attacker", "", []string{"idp", "fhirmock", "sim/client", "sim/party", "sim"}, "a thief has no back door: he gets a Ground, not a World"},
	{"sim/tui", "", []string{"idp", "fhirmock", "attacker", "sim"}, showOnly},
	{"sim/report", "", []string{"idp", "fhirmock", "attacker", "sim"}, showOnly},
}

const (
	vocabulary = "the leaves are the vocabulary of all others"
	overHTTP   = "real parties meet only over HTTP"
	pureFHIR   = "the FHIR engine knows nothing of OAuth: who may do what is asked at its door"
	showOnly   = "they show what happened, they do not decide"
	ours       = "thiefbox/"
)

func words(names string) []string {
	var out []string
	for _, name := range strings.Fields(names) {
		out = append(out, "sim/"+name)
	}
	return out
}

// house is the source of the repository.
type house struct {
	files []source
	fset  *token.FileSet
}

type source struct {
	path, pkg string // "sim/clock/clock.go", "sim/clock"; the top is "."
	test      bool
	text      string
	ast       *ast.File
}

// survey reads every Go file that the go command would.
func survey(fsys fs.FS) (house, error) {
	h := house{fset: token.NewFileSet()}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := path.Base(name); d.IsDir() && name != "." && (base == "testdata" || strings.ContainsAny(base[:1], "._")) {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(h.fset, name, text, parser.ParseComments)
		h.files = append(h.files, source{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), string(text), file})
		return err
	})
	return h, err
}

func (s source) imports() []string {
	var out []string
	for _, i := range s.ast.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

// graph is what each package imports of ours, tests aside.
func (h house) graph() map[string][]string {
	g := map[string][]string{}
	for _, s := range h.files {
		if s.test {
			continue
		}
		g[s.pkg] = append(g[s.pkg], ourImports(s)...)
	}
	return g
}

func ourImports(s source) []string {
	var out []string
	for _, i := range s.imports() {
		if p, found := strings.CutPrefix(i, ours); found {
			out = append(out, p)
		}
	}
	return out
}

// below tells whether pkg is who or stands under it. A who that ends in a slash is not itself meant.
func below(pkg, who string) bool {
	return pkg == who || strings.HasPrefix(pkg, strings.TrimSuffix(who, "/")+"/")
}

func (h house) at(n ast.Node) string {
	p := h.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

func (h house) wrongImports() (wrong []string) {
	for _, rule := range onlyImports {
		for _, s := range h.files {
			if !below(s.pkg, rule.who) || s.test && !rule.strict {
				continue
			}
			for _, i := range ourImports(s) {
				if !below(i, rule.who) && !slices.Contains(rule.may, i) {
					wrong = append(wrong, fmt.Sprintf("%s imports %s: %s may import %v, because %s", s.path, i, rule.who, rule.may, rule.because))
				}
			}
		}
	}
	return wrong
}

func (h house) wrongReach() (wrong []string) {
	g := h.graph()
	for _, rule := range neverReach {
		for pkg := range g {
			if !below(pkg, rule.who) || rule.except != "" && below(pkg, rule.except) {
				continue
			}
			for _, never := range rule.never {
				if way := wayTo(g, pkg, never, map[string]bool{}); way != nil {
					wrong = append(wrong, fmt.Sprintf("%s: must not reach %s, because %s", strings.Join(way, " imports "), never, rule.because))
				}
			}
		}
	}
	return wrong
}

// wayTo returns a chain of imports that leads from one package to another, or nil.
func wayTo(g map[string][]string, from, to string, seen map[string]bool) []string {
	seen[from] = true
	for _, next := range g[from] {
		if next == to {
			return []string{from, to}
		}
		if way := []string(nil); !seen[next] {
			if way = wayTo(g, next, to, seen); way != nil {
				return append([]string{from}, way...)
			}
		}
	}
	return nil
}

// staleRules finds rules about packages that are not there: a rule with a misspelt name holds nobody.
func (h house) staleRules() (wrong []string) {
	g := h.graph()
	for _, rule := range onlyImports {
		for _, name := range append([]string{rule.who}, rule.may...) {
			if _, there := g[name]; !there {
				wrong = append(wrong, fmt.Sprintf("the rule about %s names %s, but there is no such package", rule.who, name))
			}
		}
	}
	return wrong
}

// switchReaders finds what reads a switch other than control.Enforce. A profile that is read in a
// second place is the beginning of ifs all over the code.
func (h house) switchReaders() (wrong []string) {
	for _, s := range h.files {
		if s.pkg != "sim/control" || s.test {
			continue
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if f.Recv != nil && f.Name.IsExported() && fmt.Sprint(f.Recv.List[0].Type) == "Set" && f.Type.Results != nil &&
				slices.ContainsFunc(f.Type.Results.List, func(r *ast.Field) bool { return fmt.Sprint(r.Type) == "bool" }) {
				wrong = append(wrong, fmt.Sprintf("%s: Set.%s answers yes or no: asking a set is for Enforce alone", h.at(f), f.Name))
			}
			if f.Recv == nil && f.Name.Name == "Enforce" {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "has" {
					wrong = append(wrong, fmt.Sprintf("%s: %s reads a switch, which only Enforce may", h.at(sel), f.Name))
				}
				return true
			})
		}
	}
	return wrong
}

// profileIfs finds decisions on the name of a profile outside sim/control: what varies by profile is a
// control or the dialect.
func (h house) profileIfs() (wrong []string) {
	names := map[string]bool{}
	for _, p := range control.Profiles() {
		names[strconv.Quote(p.Name)] = true
	}
	for _, s := range h.files {
		if s.test || below(s.pkg, "sim/control") {
			continue
		}
		literal := func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && names[l.Value] {
				wrong = append(wrong, fmt.Sprintf("%s: decides on the profile name %s; make it a control or a part of the dialect", h.at(l), l.Value))
			}
			return true
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IfStmt:
				ast.Inspect(n.Cond, literal)
			case *ast.CaseClause:
				for _, e := range n.List {
					ast.Inspect(e, literal)
				}
			case *ast.BinaryExpr:
				if n.Op == token.EQL || n.Op == token.NEQ {
					ast.Inspect(n, literal)
				}
				return false
			}
			return true
		})
	}
	slices.Sort(wrong)
	return slices.Compact(wrong) // a comparison within an if is met twice
}

// outsideTime finds time and randomness that are not the world's: with either, a run would not repeat.
func (h house) outsideTime() (wrong []string) {
	clocks := strings.Fields("Now Since Until Sleep After AfterFunc Tick NewTicker NewTimer")
	for _, s := range h.files {
		if s.test || s.path == "main.go" || s.pkg == "sim/clock" {
			continue
		}
		for _, i := range s.imports() {
			if i == "math/rand" || i == "math/rand/v2" {
				wrong = append(wrong, fmt.Sprintf("%s imports %s: randomness is dice.Dice", s.path, i))
			}
		}
		if !slices.Contains(s.imports(), "time") {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && fmt.Sprint(sel.X) == "time" && slices.Contains(clocks, sel.Sel.Name) {
				wrong = append(wrong, fmt.Sprintf("%s: time.%s: time is clock.Clock", h.at(sel), sel.Sel.Name))
			}
			return true
		})
	}
	return wrong
}

// teaOutside finds Bubble Tea outside the terminal interface: a program without a screen must not
// carry one along in its logic.
func (h house) teaOutside() (wrong []string) {
	for _, s := range h.files {
		for _, i := range s.imports() {
			if !s.test && !below(s.pkg, "sim/tui") && strings.HasPrefix(i, "github.com/charmbracelet/bubble") {
				wrong = append(wrong, fmt.Sprintf("%s imports %s, which is for sim/tui alone", s.path, i))
			}
		}
	}
	return wrong
}

// tooLong finds files and functions that have taken in a whole role, tests aside.
func (h house) tooLong() (wrong []string) {
	for _, s := range h.files {
		if s.test {
			continue
		}
		if n := strings.Count(s.text, "\n"); n > 400 {
			wrong = append(wrong, fmt.Sprintf("%s has %d lines, more than 400", s.path, n))
		}
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				if n := h.fset.Position(f.End()).Line - h.fset.Position(f.Pos()).Line + 1; n > 80 {
					wrong = append(wrong, fmt.Sprintf("%s: %s has %d lines, more than 80", h.at(f), f.Name, n))
				}
			}
		}
	}
	return wrong
}

// uncommented finds packages without a guide at the door.
func (h house) uncommented() (wrong []string) {
	names, guided := map[string]string{}, map[string]bool{}
	for _, s := range h.files {
		if s.test {
			continue
		}
		names[s.pkg] = s.ast.Name.Name
		doc := s.ast.Doc.Text()
		if strings.HasPrefix(doc, "Package "+s.ast.Name.Name+" ") || s.ast.Name.Name == "main" && doc != "" {
			guided[s.pkg] = true
		}
	}
	for pkg, name := range names {
		if !guided[pkg] {
			wrong = append(wrong, fmt.Sprintf("%s has no package comment that begins with \"Package %s\"", pkg, name))
		}
	}
	return wrong
}

// unfinished is put together so as not to be found itself.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b`)

func (h house) leftUndone() (wrong []string) {
	for _, s := range h.files {
		for i, line := range strings.Split(s.text, "\n") {
			if mark := unfinished.FindString(line); mark != "" {
				wrong = append(wrong, fmt.Sprintf("%s:%d: %s: finish it, or open an issue", s.path, i+1, mark))
			}
		}
	}
	return wrong
}

// strangersAtTheTop finds what the design does not put at the top level. What git ignores is nobody's.
func strangersAtTheTop(fsys fs.FS) (wrong []string) {
	allowed := strings.Fields("main.go sim idp fhirmock attacker scenarios go.mod go.sum README.md LICENSE")
	ignored, _ := fs.ReadFile(fsys, ".gitignore")
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return []string{err.Error()}
	}
	for _, e := range entries {
		match := func(pattern string) bool {
			ok, _ := path.Match(strings.Trim(pattern, "/"), e.Name())
			return ok
		}
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) && !slices.ContainsFunc(strings.Fields(string(ignored)), match) {
			wrong = append(wrong, e.Name()+" stands at the top level, which is fixed")
		}
	}
	return wrong
}

// inspect runs every rule, by name.
func inspect(fsys fs.FS) (map[string][]string, error) {
	h, err := survey(fsys)
	return map[string][]string{
		"imports":                       h.wrongImports(),
		"reach":                         h.wrongReach(),
		"rules name packages":           h.staleRules(),
		"only Enforce reads a switch":   h.switchReaders(),
		"nobody asks for a profile":     h.profileIfs(),
		"time and dice are the world's": h.outsideTime(),
		"tea is for the screen":         h.teaOutside(),
		"files and functions are short": h.tooLong(),
		"packages have a guide":         h.uncommented(),
		"nothing is left undone":        h.leftUndone(),
		"the top level is fixed":        strangersAtTheTop(fsys),
	}, err
}

func TestHouse(t *testing.T) {
	rules, err := inspect(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, wrong := range rules {
		t.Run(name, func(t *testing.T) {
			for _, w := range wrong {
				t.Error(w)
			}
		})
	}
}

// TestHouseRulesBite builds a house in which each rule is broken once, or else a rule that finds
// nothing would look like one that is kept.
func TestHouseRulesBite(t *testing.T) {
	good := func(name string, lines ...string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("// Package " + name + " is.\npackage " + name + "\n" + strings.Join(lines, "\n"))}
	}
	for _, test := range []struct{ rule, file, line, want string }{
		{"imports", "sim/clock/x.go", `import "thiefbox/sim/event"`, "sim/clock/x.go imports sim/event"},
		{"imports", "sim/party/x.go", `import "thiefbox/sim/fapi"`, "sim/party/x.go imports sim/fapi"},
		{"imports", "idp/x.go", `import "thiefbox/sim/report"`, "idp/x.go imports sim/report"},
		{"imports", "attacker/probe/x.go", `import "thiefbox/sim/party"`, "attacker/probe/x.go imports sim/party"},
		{"imports", "sim/verdict/x_test.go", `import "thiefbox/attacker"`, "sim/verdict/x_test.go imports attacker"},
		{"reach", "sim/store/x.go", `import "thiefbox/sim"`, "sim/store imports sim: must not reach sim"},
		{"reach", "sim/store/x.go", `import "thiefbox/sim/cli"`, "sim/store imports sim/cli imports sim: must not reach sim"},
		{"reach", "sim/tui/x.go", `import "thiefbox/scenarios"`, "sim/tui imports scenarios imports attacker"},
		{"only Enforce reads a switch", "sim/control/x.go", `func (s Set) f() { s.has(nil) }`, "f reads a switch"},
		{"only Enforce reads a switch", "sim/control/x.go", `func (s Set) Has() bool { return true }`, "Set.Has answers yes or no"},
		{"nobody asks for a profile", "idp/x.go", `func f(p string) { if p == "fapi2-dpop" {} }`, `idp/x.go:3: decides on the profile name "fapi2-dpop"`},
		{"nobody asks for a profile", "idp/x.go", `func f(p string) { switch p { case "x", "bcp": } }`, `"bcp"`},
		{"nobody asks for a profile", "idp/x.go", `var f = func(p string) bool { return "legacy" != p }`, `"legacy"`},
		{"nobody asks for a profile", "idp/x.go", "func f(p string) { if g(p, \"hardened\") {} }", `"hardened"`},
		{"time and dice are the world's", "idp/x.go", "import \"time\"\nvar x = time.Now", "idp/x.go:4: time.Now"},
		{"time and dice are the world's", "idp/x.go", `import _ "math/rand/v2"`, "math/rand/v2"},
		{"tea is for the screen", "sim/cli/x.go", `import _ "github.com/charmbracelet/bubbletea"`, "for sim/tui alone"},
		{"files and functions are short", "idp/x.go", strings.Repeat("//\n", 400), "402 lines"},
		{"files and functions are short", "idp/x.go", "func f() {\n" + strings.Repeat("\n", 79) + "}", "f has 81 lines"},
		{"nothing is left undone", "idp/x.go", "// TO" + "DO: all of it", "idp/x.go:3"},
		{"the top level is fixed", "util/x.go", "", "util stands at the top level"},
	} {
		fsys := fstest.MapFS{
			".gitignore":             {Data: []byte("/thiefbox\n/dist/\n*.prof\n")},
			"cpu.prof":               {},
			"dist/x":                 {},
			"main.go":                {Data: []byte("// Thiefbox is.\npackage main\nimport \"time\"\nvar x = time.Now")},
			"sim/sim.go":             good("sim"),
			"sim/cli/cli.go":         good("cli", `import "thiefbox/sim"`),
			"sim/clock/clock.go":     good("clock", `import "time"`, "var x = time.Now"),
			"sim/clock/c_test.go":    good("clock", `import _ "thiefbox/sim"`, `import _ "math/rand"`),
			"sim/control/enforce.go": good("control", "func Enforce(s Set) { s.has(nil) }", "type Set int", "func (s Set) has(any) bool { return true }", `var name = "legacy"`),
			"sim/party/party.go":     good("party", `import "thiefbox/sim/clock"`),
			"attacker/attacker.go":   good("attacker", `import "thiefbox/sim/fapi"`),
			"scenarios/s.go":         good("scenarios", `import "thiefbox/attacker"`, `var x = []string{"legacy"}`),
		}
		before, err := inspect(fsys)
		if err != nil || len(before[test.rule]) > 0 {
			t.Fatalf("%s: expected a house in order, got %v, %v", test.rule, before[test.rule], err)
		}
		pkg := path.Base(path.Dir(test.file))
		fsys[test.file] = good(pkg, test.line)
		after, err := inspect(fsys)
		if err != nil || len(after[test.rule]) != 1 || !strings.Contains(after[test.rule][0], test.want) {
			t.Errorf("%s: expected one complaint with %q about %s, got %q, %v", test.rule, test.want, test.line, after[test.rule], err)
		}
	}

	fsys := fstest.MapFS{"idp/x.go": {Data: []byte("package idp")}}
	if got, _ := inspect(fsys); len(got["packages have a guide"]) != 1 || len(got["rules name packages"]) == 0 {
		t.Errorf("expected complaints about a package without a guide and rules without a package, got %v", got)
	}
}
