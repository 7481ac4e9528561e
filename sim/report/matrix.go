package report

import "slices"

// Where keeps the rows of a matrix that are wanted.
func (m Matrix) Where(wanted func(Attack, []Cell) bool) Matrix {
	attacks, cells := m.Attacks, m.Cells
	m.Attacks, m.Cells = nil, nil
	for i := range attacks {
		if wanted(attacks[i], cells[i]) {
			m.Attacks, m.Cells = append(m.Attacks, attacks[i]), append(m.Cells, cells[i])
		}
	}
	return m
}

// SurprisesFirst puts the rows with a surprise on top; otherwise the order stays.
func (m Matrix) SurprisesFirst() Matrix {
	odd := func(_ Attack, cells []Cell) bool { return slices.ContainsFunc(cells, Cell.Surprise) }
	first, rest := m.Where(odd), m.Where(func(a Attack, cells []Cell) bool { return !odd(a, cells) })
	m.Attacks, m.Cells = append(first.Attacks, rest.Attacks...), append(first.Cells, rest.Cells...)
	return m
}

// Differs tells whether two cells of an attack show something else: another outcome, or that one makes
// no sense.
func (c Cell) Differs(other Cell) bool {
	return c.Applicable != other.Applicable || c.Applicable && c.Verdict.Outcome != other.Verdict.Outcome
}
