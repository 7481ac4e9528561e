package r4

import "strconv"

// Issue is one thing that is wrong with a resource.
type Issue struct {
	Code       string // FHIR issue type: structure, required, value, invariant, code-invalid …
	Expression string // where: "Patient.name[0].family"
	Text       string // expected X, got Y
}

func (i Issue) Error() string { return i.Expression + ": " + i.Text }

// maxIssues is how many are listed; whoever sends more is helped enough by these.
const maxIssues = 30

// place is where the validator stands. It is written out only when something is wrong there.
type place struct {
	parent *place
	name   string
	index  int // -1 for what does not repeat
}

func (p *place) at(name string) *place { return &place{p, name, -1} }

func (p *place) item(i int) *place { return &place{p.parent, p.name, i} }

func (p *place) String() string {
	if p == nil {
		return ""
	}
	s := p.name
	if p.parent != nil {
		s = p.parent.String() + "." + s
	}
	if p.index >= 0 {
		s += "[" + strconv.Itoa(p.index) + "]"
	}
	return s
}
