package profile

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Weights is a file that says how common ways to steal are:
//
//	weights:
//	  T-01: 3          # an attack, in any unit
//	  D: 2             # a family: divided among its attacks that are not named themselves
//	rest: 0            # each attack that is in neither; 0 if left out
//	concentration: 30  # how sure you are: the smaller, the wider the intervals
type Weights struct {
	ByAttack      map[string]float64
	Concentration float64 // 0 if the file says nothing
}

// ParseWeights reads weights for the attacks of the given ids. The error is an *Error.
func ParseWeights(file string, data []byte, attacks []string, nearest func(string, []string) string) (Weights, error) {
	r := &reader{file: file, nearest: nearest}
	w := Weights{ByAttack: map[string]float64{}}
	root, err := r.documentOf(data, []string{"weights", "rest", "concentration"})
	if err != nil {
		return w, err
	}
	rest := 0.0
	for key, to := range map[string]*float64{"rest": &rest, "concentration": &w.Concentration} {
		if n := root.at(key); n != nil {
			if *to, err = r.number(n, key); err != nil {
				return w, err
			}
		}
	}
	families := map[string][]string{}
	for _, id := range attacks {
		f := family(id)
		families[f] = append(families[f], id)
		w.ByAttack[id] = rest
	}
	n := root.at("weights")
	if n == nil {
		return w, r.wrong(nil, "give it \"weights:\" with attacks or families.", "expected weights, got none")
	}
	names := slices.Clone(attacks)
	for f := range families {
		names = append(names, f)
	}
	slices.Sort(names)
	m, err := r.mapping(n, "weights", names)
	if err != nil {
		return w, err
	}
	return w, r.weigh(m, families, w.ByAttack)
}

func (r *reader) weigh(m mapping, families map[string][]string, to map[string]float64) error {
	for _, e := range m.entries {
		v, err := r.number(e.value, "weights."+e.name)
		if err != nil {
			return err
		}
		members, isFamily := families[e.name]
		if !isFamily {
			to[e.name] = v
			continue
		}
		members = slices.DeleteFunc(slices.Clone(members), func(id string) bool { return m.at(id) != nil })
		for _, id := range members {
			to[id] = v / float64(len(members))
		}
	}
	for _, v := range to {
		if v > 0 {
			return nil
		}
	}
	return r.wrong(nil, "one weight at least must be above 0.", "all weights are 0")
}

func (r *reader) number(n ast.Node, what string) (float64, error) {
	text, err := r.word(n, what)
	if err != nil {
		return 0, err
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 0 && v <= 1e9) { // no number at all is neither
		return 0, r.wrong(n, "", "%s: expected a number from 0 up, got %q", what, text)
	}
	return v, nil
}

// Print writes weights in the form that ParseWeights reads: a family a line, and those of its attacks that differ from
// their even part of it. about says what a family is.
func (w Weights) Print(to io.Writer, attacks []string, about func(family string) string) error {
	var b strings.Builder
	b.WriteString("# How common ways to steal are, in any unit, for `thiefbox risk --weights FILE`.\nweights:\n")
	var order []string
	members := map[string][]string{}
	for _, id := range attacks {
		f := family(id)
		if members[f] == nil {
			order = append(order, f)
		}
		members[f] = append(members[f], id)
	}
	for _, f := range order {
		first := w.ByAttack[members[f][0]]
		if !slices.ContainsFunc(members[f], func(id string) bool { return w.ByAttack[id] != first }) {
			fmt.Fprintf(&b, "  %-3s %s # %s\n", f+":", plain(first*float64(len(members[f]))), about(f))
			continue
		}
		fmt.Fprintf(&b, "  # %s: %s\n", f, about(f))
		for _, id := range members[f] {
			fmt.Fprintf(&b, "  %s: %s\n", id, plain(w.ByAttack[id]))
		}
	}
	if w.Concentration > 0 {
		fmt.Fprintf(&b, "concentration: %s # how sure you are: the smaller, the wider the intervals\n", plain(w.Concentration))
	}
	_, err := io.WriteString(to, b.String())
	return err
}

// plain is a number that reads back as the same one.
func plain(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
