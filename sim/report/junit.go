package report

import (
	"encoding/xml"
	"fmt"
	"io"

	"thiefbox/sim/verdict"
)

// The elements of a JUnit report that common readers agree on.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Name    string       `xml:"name,attr"`
		Tests   int          `xml:"tests,attr"`
		Fails   int          `xml:"failures,attr"`
		Errors  int          `xml:"errors,attr"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name    string      `xml:"name,attr"`
		Tests   int         `xml:"tests,attr"`
		Fails   int         `xml:"failures,attr"`
		Errors  int         `xml:"errors,attr"`
		Skipped int         `xml:"skipped,attr"`
		Time    string      `xml:"time,attr"`
		Cases   []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Skipped *junitMessage `xml:"skipped"`
		Failure *junitMessage `xml:"failure"`
		Error   *junitMessage `xml:"error"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// WriteMatrixJUnit writes a suite a profile and a case an attack. A case fails if it is not as expected,
// and is in error if the run proves nothing; a stale entry of a baseline is a failed case.
func WriteMatrixJUnit(w io.Writer, m Matrix) error {
	out := junitSuites{Name: "thiefbox"}
	for j, profile := range m.Profiles {
		s := junitSuite{Name: Clean(profile.Name)}
		for i, a := range m.Attacks {
			s.add(junitCell(a, m.Cells[i][j]))
		}
		out.Suites = append(out.Suites, s)
	}
	if len(m.Stale) > 0 {
		s := junitSuite{Name: "baseline"}
		for _, text := range m.Stale {
			s.add(junitCase{Class: "baseline", Name: Clean(text), Failure: &junitMessage{Message: Clean(text), Type: "stale"}})
		}
		out.Suites = append(out.Suites, s)
	}
	for _, s := range out.Suites {
		out.Tests, out.Fails, out.Errors = out.Tests+s.Tests, out.Fails+s.Fails, out.Errors+s.Errors
	}
	return writeXML(w, out)
}

func (s *junitSuite) add(c junitCase) {
	s.Time, c.Time = "0", "0" // nothing in a run depends on a clock of ours, so there is no time to report
	s.Tests++
	switch {
	case c.Error != nil:
		s.Errors++
	case c.Failure != nil:
		s.Fails++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func junitCell(a Attack, c Cell) junitCase {
	out := junitCase{Class: Clean(c.Profile), Name: Clean(a.ID + " " + a.Title)}
	if !c.Applicable {
		out.Skipped = &junitMessage{Message: "makes no sense under " + Clean(c.Profile)}
		return out
	}
	out.Out = Word(c.Verdict.Outcome) + ". " + Sentence(Clean(c.Verdict.Reason))
	message := &junitMessage{
		Message: fmt.Sprintf("%s under %s is %s", a.ID, Clean(c.Profile), judgement(c.Verdict.Outcome, c.Expected)),
		Type:    string(c.Verdict.Outcome), Text: Sentence(Clean(c.Verdict.Reason)),
	}
	switch {
	case c.Verdict.Outcome == verdict.Void:
		out.Error = message
	case c.Surprise():
		out.Failure = message
	}
	return out
}

func writeXML(w io.Writer, v any) error {
	b, err := xml.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(b)+"\n")
	return err
}
