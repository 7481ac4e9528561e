package drill

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func example(t interface{ Fatal(...any) }) string {
	data, err := os.ReadFile("../../scenarios/drills/ten-minutes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestMistakesAreToldWithTheirLine: each mistake in a drill is found, and where it stands.
func TestMistakesAreToldWithTheirLine(t *testing.T) {
	good := example(t)
	if _, err := ParseFile([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ from, to, want string }{
		{"duration: 60m", "duration: 60m\nduraton: 1h", "unknown field"},
		{"duration: 60m", "duration: soon", ""},
		{"tick: 1m", "tick: 2h", "ticks in a drill"},
		{"operators: 1", "operators: 0x7f", "1 to 20 operators"},
		{"without: [rs/dpop-scheme, rs/token-revoked]", "without: [rs/dpop-sceme]", "rs/dpop-sceme"},
		{"{kind: no-nonce, share: 0.034}", "{kind: no-nonse, share: 0.034}", "expected a kind of client"},
		{"{kind: no-nonce, share: 0.034}", "{kind: no-nonce, share: 1.5}", "shares of 0 or more"},
		{"at: [imaging]\n", "at: [imging]\n", "expected a kind of API of this drill"},
		{"clinics_dark > 1000", "clinics_drak > 1000", "clinics_drak"},
		{"do: refuse-bearer imaging", "do: refuse-bearer imging", "expected an API of this drill"},
		{"do: believe downgrade 80", "do: believe downgrade much", "expected a percentage"},
		{"duties: [early-warning]", "duties: [earlywarning]", "expected an obligation"},
		{"right: true", "right: false", "expected a hypothesis that is true"},
		{"id: I2", "id: I1", "expected an id of its own"},
		{"when: \"eradicated\", channel: chat", "when: \"fired('I9')\", channel: chat", "expected a message of this drill"},
		{"when: \"eradicated\", channel: chat", "when: \"on('rs/dpop-scheme@imging')\", channel: chat", "expected a place of this drill"},
		{"when: \"eradicated\", channel: chat", "when: \"done('offline imging')\", channel: chat", "expected an API of this drill"},
		{"score: {records: 1", "score: {records: -1", "expected a weight"},
	} {
		text := strings.Replace(good, test.from, test.to, 1)
		line := strings.Count(good[:strings.Index(good, test.from)], "\n") + 1
		_, err := ParseFile([]byte(text))
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: expected problems, got %v", test.to, err)
			continue
		}
		p := problems[0]
		if !strings.Contains(err.Error(), test.want) || p.Line != 0 && (p.Line < line-3 || p.Line > line+3) {
			t.Errorf("%s on line %d: expected %q, got %v", test.to, line, test.want, err)
		}
	}
}

// Whatever a trainer writes, the reader neither panics nor plays what it cannot.
func FuzzParseFile(f *testing.F) {
	f.Add(example(f))
	f.Add("id: X\ninjects: [{id: 1, when: '('}]")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := ParseFile([]byte(text))
		if (file == nil) == (err == nil) {
			t.Error("expected a drill or an error")
		}
	})
}

func TestObligationsRead(t *testing.T) {
	for _, country := range Countries() {
		if CountryName(country) == country {
			t.Errorf("%s has no name", country)
		}
		for _, o := range Obligations(country) {
			if o.ID == "" || o.To == "" || o.Within <= 0 || o.Law == "" {
				t.Errorf("%s: %+v lacks something", country, o)
			}
		}
	}
	if len(Countries()) < 2 || Obligations("XX") != nil {
		t.Error("expected Norway and the EU, and nothing for a country there is not")
	}
}

// TestEveryActionIsUnderstood: each action of the catalogue takes what its usage says.
func TestEveryActionIsUnderstood(t *testing.T) {
	f, err := ParseFile([]byte(example(t)))
	if err != nil {
		t.Fatal(err)
	}
	words := strings.NewReplacer("client|subject|key", "client", "auth|proof", "auth", "server|API", "server", "all|KIND", "all", "KIND", "no-nonce", "CLIENT", "web-ehr",
		"API", "records", "[OVERLAP]", "", "[ANSWER]", "", "DURATION", "30s", "CONTROL", "rs/dpop-nonce", "PLACE", "imaging", "ADDRESS", "192.0.2.1", "OBLIGATION", "authority",
		"INJECT", "I2", "HYPOTHESIS", "key", "PERCENT", "50%", "[EVIDENCE...]", "e1", "EVIDENCE...", "e1", "WORDS...", "a guess", "LINE", "e1", "NUMBER", "3", "DECISION", "4")
	for _, a := range Catalogue() {
		line := a.ID + " " + words.Replace(a.Usage)
		if a.ID == "ratchet" { // this drill has no kind that it is for
			continue
		}
		if a.ID == "sticky" || a.ID == "spread" { // of its APIs one has several nodes
			line = a.ID + " records"
		}
		if _, err := f.order(parseLine(line)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if _, err := f.order(parseLine(a.ID + " one two three four")); err == nil && a.ID != Wait && a.ID != "suppose" { // any words are an explanation
			t.Errorf("%s: expected nonsense to be refused", a.ID)
		}
	}
}
