package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"thiefbox/sim/verdict"
	"thiefbox/sim/worth"
)

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	m := aMatrix()
	m.Attacks[0].Title = "=cmd()"
	if err := WriteMatrixCSV(&b, m); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 1+len(m.Attacks)*len(m.Profiles) {
		t.Fatalf("expected a line a cell, got %d, %v", len(rows), err)
	}
	if rows[1][2] != "'=cmd()" {
		t.Errorf("expected text to be no formula, got %q", rows[1][2])
	}
}

func TestMarkdown(t *testing.T) {
	var b bytes.Buffer
	m := aMatrix()
	m.Attacks[0].Title = "a | b"
	if err := WriteMatrixMarkdown(&b, m); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	for i, want := range []string{"| attack | |", "|---|---|", "| "} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d: expected it to begin with %q, got %q", i, want, lines[i])
		}
	}
	if strings.Count(lines[2], "|")-strings.Count(lines[2], `\|`) != strings.Count(lines[0], "|") {
		t.Errorf("expected as many cells as in the heading, got %q", lines[2])
	}
}

// What is not as expected fails, what proves nothing is in error, what makes no sense is skipped, and a
// stale entry of a baseline fails too; the sums are right.
func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	m := aMatrix()
	m.Stale = []string{"T-01 under legacy is Held"}
	if err := WriteMatrixJUnit(&b, m); err != nil {
		t.Fatal(err)
	}
	var got junitSuites
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Suites) != len(m.Profiles)+1 || got.Fails+got.Errors != m.Surprises()+1 || got.Tests != len(m.Attacks)*len(m.Profiles)+1 {
		t.Errorf("expected %d surprises and a stale entry, got %+v", m.Surprises(), got)
	}
	for _, s := range got.Suites {
		if s.Tests != len(s.Cases) {
			t.Errorf("%s: expected the number of its cases, got %d", s.Name, s.Tests)
		}
	}
}

func TestSARIF(t *testing.T) {
	var b bytes.Buffer
	m := aMatrix()
	m.By = Program{Version: "v1.2.3", Module: "example.org/thiefbox"}
	if err := WriteMatrixSARIF(&b, m); err != nil {
		t.Fatal(err)
	}
	var got sarifLog
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got.Version != "2.1.0" || len(got.Runs) != 1 {
		t.Fatalf("expected one run of SARIF 2.1.0, got %v, %v", got.Version, err)
	}
	if d := got.Runs[0].Tool.Driver; d.Version != "v1.2.3" || d.Home != "https://example.org/thiefbox" {
		t.Errorf("expected to read which build it was, got %q and %q", d.Version, d.Home)
	}
	errors := 0
	for _, r := range got.Runs[0].Results {
		if rule := got.Runs[0].Tool.Driver.Rules[r.Index]; rule.ID != r.Rule || r.Message.Text == "" || len(r.Locations) != 1 {
			t.Errorf("expected a result with its rule, a message and a place, got %+v", r)
		}
		if r.Level == "error" {
			errors++
		}
	}
	if errors != m.Surprises() {
		t.Errorf("expected an error for each of %d surprises, got %d", m.Surprises(), errors)
	}
}

// A rule leads to what was published about it, and a build from no place on the web claims none.
func TestSARIFAddresses(t *testing.T) {
	for want, reads := range map[string][]string{
		"https://www.rfc-editor.org/rfc/rfc9449#section-11.1":           {"hapi-fhir #6065", "RFC 9449 s11.1, s7"},
		"https://www.rfc-editor.org/rfc/rfc9700":                        {"RFC 9700"},
		"https://openid.net/specs/fapi-security-profile-2_0-final.html": {"FAPI 2.0 SP 6.2-3", "RFC 9449"},
		"": {"OWASP API1:2023"},
	} {
		if got := published(reads); got != want {
			t.Errorf("%v: expected %q, got %q", reads, want, got)
		}
	}
	if got := (Program{Module: "thiefbox"}).home(); got != "" {
		t.Errorf("expected no address of a module without a host, got %q", got)
	}
}

// A page holds all it needs: it parses, asks nobody, escapes what it is told, and every link leads somewhere.
func TestHTML(t *testing.T) {
	m := aMatrix()
	m.Attacks[0].Title = "<script>alert(1)</script>"
	m.Stale = []string{"X"}
	run := breached()
	run.Attack.ID = m.Attacks[0].ID
	other := Tell(run)
	other.Profiles = []string{"bcp"}
	told := Together([]Telling{Tell(run), other})
	if len(told) != 1 || len(told[0].Profiles) != 2 {
		t.Fatalf("expected runs that went the same way to be told once, got %d", len(told))
	}
	ablated := worth.Ablation{Attack: m.Attacks[0].ID, Outcome: verdict.Held, BreakSets: [][]string{{"rs/scope"}},
		Shares: []worth.ControlShare{{Control: "rs/scope", Share: 1}}, Backfires: []worth.BackfireDocument{{Stops: []string{"a"}, Added: []string{"b"}}}}
	album := NewAlbum()
	for _, telling := range []Telling{Tell(run), other} {
		if err := album.Add(telling); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	err := WriteHTML(&b, Page{Matrix: m, Album: album, Catalogues: []worth.Catalogue{{Profile: "legacy", Asked: 2, Attacks: []worth.Ablation{ablated},
		Controls: []worth.Worth{{Control: "rs/scope", Alone: []string{m.Attacks[0].ID}, Share: 1}}}}})
	if err != nil {
		t.Fatal(err)
	}
	page := b.String()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids, links, diagrams := map[string]bool{}, []string{}, 0
	for n := range root.Descendants() {
		if n.Data == "svg" {
			diagrams++
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "href" || a.Key == "src":
				links = append(links, a.Val)
			}
		}
	}
	if got := strings.Count(page, "<main>"); got != 1 || !strings.Contains(page, FamilyHeading(FamilyOf(m.Attacks[0].ID))) {
		t.Errorf("expected one main part, and families by what they are about, got %d", got)
	}
	for _, l := range links {
		if !strings.HasPrefix(l, "#") || !ids[l[1:]] {
			t.Errorf("expected every link to lead to a place in the page, got %q", l)
		}
	}
	if diagrams != 1 || strings.Contains(page, "<script>alert") || !strings.Contains(page, "Gets in without") {
		t.Errorf("expected one diagram, no foreign script and the ablation, got %d diagrams", diagrams)
	}
}
