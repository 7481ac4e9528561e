package tui

import (
	"strconv"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// The words for an outcome. They are the same on every screen, and colour never stands in for them.
const (
	wordLeak = "LEAK" // breached
	wordStop = "stop" // held
	wordVoid = "VOID" // proves nothing
	wordNone = "n/a"  // the attack makes no sense here

	wordPass = "pass" // of a single check
	wordFail = "FAIL"
	wordOff  = "off"
)

func wordFor(o verdict.Outcome) string {
	switch o {
	case verdict.Breached:
		return wordLeak
	case verdict.Held:
		return wordStop
	}
	return wordVoid
}

func cellWord(c report.Cell) string {
	if !c.Applicable {
		return wordNone
	}
	return wordFor(c.Verdict.Outcome)
}

// legend explains the words, wherever there is room for it.
var legend = []string{
	wordLeak + "  the thief ended up with something he has no right to (breached)",
	wordStop + "  he did not, and a control refused him (held)",
	wordVoid + "  the run proves nothing: it failed for some other reason",
	wordNone + "   the attack makes no sense against this profile, and was not run",
}

// brief is a verdict in a few words: "LEAK 1 record", "stop by rs/dpop-binding".
func brief(v verdict.Verdict) string { return inBrief(v, v.Records()) }

// inBrief is brief where the facts are gone and their count was kept.
func inBrief(v verdict.Verdict, records int) string {
	word := wordFor(v.Outcome)
	switch {
	case v.Outcome == verdict.Held && v.StoppedBy != "":
		return word + " by " + v.StoppedBy
	case v.Outcome == verdict.Breached && records > 0:
		return word + " " + count(records, "record")
	}
	return word
}

// expectation says whether the run is what the reviewed matrix says it should be.
func expectation(expected, got verdict.Outcome) string {
	switch {
	case got == verdict.Void:
		return "a run that proves nothing is never expected"
	case expected == "":
		return "" // a what-if is in no matrix
	case expected == got:
		return "as expected"
	}
	return "UNEXPECTED: the reviewed matrix says " + wordFor(expected)
}

// roleWord says what an actor is; of the thief, whose lane says that already, who he is.
func roleWord(a event.Actor) string {
	switch a.Role {
	case event.RoleAuthorizationServer:
		return "auth server"
	case event.RoleResourceServer:
		return "API"
	case event.RoleThief:
		return a.ID
	}
	return string(a.Role)
}

func itoa(n int) string { return strconv.Itoa(n) }
