package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"thiefbox/sim/drill"
)

// TestWhatATrainerIsTold: the drill to begin from is in order; what is spoilt in it is told by its line, with what to do.
func TestWhatATrainerIsTold(t *testing.T) {
	good := string(drill.Skeleton())
	for _, test := range []struct{ from, to, want string }{
		{"", "", ""},
		{"plan: [D-23]", "plan: [D-99]", `expected a technique (thiefbox list), got "D-99"`},
		{"has: [dpop-key]", "has: [key]", "expected something to have, one of "},
		{"vantage: api-proxy", "vantage: proxy", "expected a place to listen, one of "},
		{"has: [dpop-key]", "has: [own-client]", "D-23 cannot be tried without dpop-key: expected it under has"},
		{"plan: [D-23]", "plan: [D-01]", "D-01 cannot be tried without api-log: expected it under hears"},
		{"has: [dpop-key]", "has: [dpop-key]\n  starts: \"t > 5h\"", "the thief gets nothing, though nobody does anything: he never begins"},
		{"profile: fapi2-dpop", "profile: fapi2-dqop", "fapi2-dqop"},
		{"when: \"clients_broken > 100\"", "when: \"clients_broken > 5000\"", "inject I3 never fires"},
		{"when: \"clients_broken > 100\"", "when: \"done('nonce') && success > 0\"", "ask for rounds_since('nonce') > 0 besides"},
		{", answer_within: 60m, text", ", text", "answer_within beside answers"},
		{"wrong: \"It held the key.\"", "wrong_when: \"success > 0\"", "expected wrong, which says why, beside wrong_when"},
		{"do: roll-key proof web-ehr", "do: roll-key auth web-ehr", "the reference does not reach objective O2 by T+2h00m; at the end, eradicated is 0, success is 1, clients_broken is 0"},
		{"do: roll-key proof web-ehr", "do: disable web-ehr", "the reference walks into this trap at "},
	} {
		text := strings.Replace(good, test.from, test.to, 1)
		c, err := drill.Check(context.Background(), []byte(text), seed, exercises, DrillVocabulary())
		problems := c.Problems
		if err != nil && !errors.As(err, &problems) {
			t.Fatal(err)
		}
		told := problems.Error()
		if test.want == "" && told != "" || !strings.Contains(told, test.want) {
			t.Errorf("%s: expected to be told %q, got %q", test.to, test.want, told)
		}
		if line := fmt.Sprintf("line %d: ", 1+strings.Count(text[:max(strings.Index(text, test.to), 0)], "\n")); strings.HasPrefix(test.want, "expected a") && !strings.Contains(told, line) {
			t.Errorf("%s: expected %q, got %q", test.to, line, told)
		}
	}
}
