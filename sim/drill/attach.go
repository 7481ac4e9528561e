package drill

import (
	"fmt"
	"slices"
	"strings"
)

// attachTokens is what a message can bring along: tokens, by the names that the logs have them under, so that whoever
// holds them against the logs finds the lines. Nobody handles the tokens themselves.
const attachTokens = "tokens"

// mostAttached names are quoted.
const mostAttached = 6

// attached says what comes with a message; nothing if nothing has happened yet.
func (d *Drill) attached(in *Inject) string {
	if in.Attach != attachTokens {
		return ""
	}
	var names []string
	for _, t := range d.tries {
		for _, e := range d.logs(t.First) {
			if e.N > t.Last || len(names) == mostAttached {
				break
			}
			if name := short(e.Token); e.Log != placeServer && name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" (Attached; in our logs they are called %s.)", strings.Join(names, ", "))
}
