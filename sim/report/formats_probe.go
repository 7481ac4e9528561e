package report

import (
	"io"
	"net/url"
	"strings"

	"thiefbox/sim/verdict"
)

// What becomes of an API, for pipelines.

type probeDocument struct {
	Schema string `json:"schema"`
	Probe
	Surprises int `json:"surprises"`
}

// WriteProbeJSON writes {"schema":"thiefbox.probe/1","target":…,"honest":…,"tries":…}.
func WriteProbeJSON(w io.Writer, p Probe) error {
	p.Tries, p.Honest.Statuses = notNil(p.Tries), notNil(p.Honest.Statuses)
	return writeJSON(w, probeDocument{SchemaProbe, p, p.Surprises()})
}

// WriteProbeJUnit writes a case a try, and one for the honest requests. A case fails if it is not as expected, and is in
// error if it proves nothing.
func WriteProbeJUnit(w io.Writer, p Probe) error {
	s := junitSuite{Name: Clean("probe " + p.Target.Method + " " + p.Target.URL)}
	honest := junitCase{Class: Clean(p.Profile), Name: "the honest are served"}
	if !p.Honest.Served {
		honest.Error = &junitMessage{Message: "the honest are not served", Type: string(verdict.Void), Text: Clean(p.Honest.Reason + "\n" + strings.Join(p.Honest.Look, "\n"))}
	}
	s.add(honest)
	for _, t := range p.Tries {
		c := junitCase{Class: Clean(p.Profile), Name: Clean(t.Name + ", " + t.Title), Out: strings.Join(t.Notes, "\n")}
		message := &junitMessage{Message: t.Name + " is " + judgement(t.Verdict.Outcome, t.Expected), Type: string(t.Verdict.Outcome), Text: t.explained(p.Profile)}
		switch {
		case t.Skipped != "":
			c.Skipped = &junitMessage{Message: Clean(t.Skipped)}
		case !p.Honest.Served:
			c.Skipped = &junitMessage{Message: Clean(t.Verdict.Reason)}
		case t.Surprise && t.Verdict.Outcome == verdict.Void:
			c.Error = message
		case t.Surprise:
			c.Failure = message
		}
		s.add(c)
	}
	for _, text := range p.Stale {
		s.add(junitCase{Class: "baseline", Name: Clean(text), Failure: &junitMessage{Message: Clean(text), Type: "stale"}})
	}
	return writeXML(w, junitSuites{Name: "thiefbox probe", Tests: s.Tests, Fails: s.Fails, Errors: s.Errors, Suites: []junitSuite{s}})
}

// explained is all that there is to say of a try, in sentences.
func (t ProbeTry) explained(profile string) string {
	out := []string{t.Verdict.Reason, t.ruled(profile)}
	if t.Verdict.Outcome == verdict.Breached {
		out = []string{t.Verdict.Reason, t.Gain, t.ruled(profile), "to do: " + t.Fix}
	}
	for i := range out {
		out[i] = Sentence(Clean(out[i]))
	}
	return strings.Join(out, " ")
}

// WriteProbeSARIF writes a rule a try, and a result for every try that is not held. The honest requests are a rule of
// their own.
func WriteProbeSARIF(w io.Writer, p Probe) error {
	run := sarifRun{Results: []sarifResult{}, Properties: map[string]any{"seed": p.Seed, "stale_baseline": notNil(p.Stale), "target": p.Target}}
	run.Tool.Driver = sarifDriver{Name: "thiefbox probe", Rules: []sarifRule{}}
	add := func(t ProbeTry) {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: t.Name, Name: pascal(t.Name), Short: sarifText{Clean(t.Title)}, Full: sarifText{Sentence(t.Gain)},
			Help: sarifText{Sentence(t.ruled(p.Profile)) + " " + Sentence(t.Fix)}, Properties: map[string]any{"tags": []string{"security"}, "control": t.Control},
		})
		if t.Skipped == "" && t.Verdict.Outcome != verdict.Held {
			run.Results = append(run.Results, sarifTry(len(run.Tool.Driver.Rules)-1, t, p))
		}
	}
	if !p.Honest.Served {
		add(ProbeTry{Name: "honest", Title: "the right requests", Gain: "what refuses everybody proves nothing", Clause: "RFC 6750", Demanded: true, Surprise: true,
			Fix: strings.Join(p.Honest.Look, "; "), Verdict: verdict.Verdict{Outcome: verdict.Void, Reason: p.Honest.Reason}})
	}
	for _, t := range p.Tries {
		if !p.Honest.Served {
			t.Skipped = t.Verdict.Reason
		}
		add(t)
	}
	return writeJSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifTry(index int, t ProbeTry, p Probe) sarifResult {
	r := sarifResult{
		Rule: t.Name, Index: index, Kind: "fail", Level: "warning", Message: sarifText{Sentence(Clean(t.Title)) + " " + t.explained(p.Profile)},
		Fingerprints: map[string]string{"thiefbox/v1": t.Name + ":" + Clean(p.Profile) + ":" + string(t.Verdict.Outcome)},
		Properties:   map[string]any{"outcome": t.Verdict.Outcome, "expected": t.Expected},
	}
	if t.Surprise {
		r.Level = "error"
	}
	at := sarifLocation{Logical: []sarifLogical{{Clean(p.Target.Method + " " + p.Target.URL), "resource"}}}
	at.Physical.Artifact.URI = "api" // readers want a file: the path of the API stands for one
	if u, err := url.Parse(p.Target.URL); err == nil {
		at.Physical.Artifact.URI += u.EscapedPath()
	}
	at.Physical.Region.Line = 1
	r.Locations = []sarifLocation{at}
	return r
}

// WriteProbeMarkdown writes what is not held, explained, and a table of all.
func WriteProbeMarkdown(w io.Writer, d Probe) error {
	p := &page{w: w, opt: TextOptions{Plain: true}}
	p.line("### %s %s, as %s asks", inCell(d.Target.Method), inCell(d.Target.URL), inCell(d.Profile))
	p.line("")
	p.line("%s", inCell(d.Summary()))
	if !d.Honest.Served {
		p.line("")
		p.line("**Void**: the honest are not served (%s). %s", statusWords(d.Honest.Statuses), inCell(d.Honest.Reason))
		for _, l := range d.Honest.Look {
			p.line("- %s", inCell(l))
		}
		return p.err
	}
	for _, t := range d.Tries {
		if t.Skipped == "" && t.Verdict.Outcome != verdict.Held {
			p.line("")
			p.line("**%s** `%s`, %s. %s", Word(t.Verdict.Outcome), t.Name, inCell(t.Title), inCell(t.explained(d.Profile)))
		}
	}
	p.line("")
	p.line("| try | | outcome | control |")
	p.line("|---|---|---|---|")
	for _, t := range d.Tries {
		word := Word(t.Verdict.Outcome)
		if t.Skipped != "" {
			word = "not tried"
		} else if t.Surprise {
			word = "**" + word + "**"
		}
		p.line("| %s | %s | %s | %s |", inCell(t.Name), inCell(t.Title), word, inCell(t.Control))
	}
	for _, s := range d.Stale {
		p.line("")
		p.line("The baseline is stale: %s.", inCell(s))
	}
	return p.err
}
