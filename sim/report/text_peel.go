package report

import (
	"fmt"
	"io"

	"thiefbox/sim/verdict"
)

// WritePeel tells the layers of a defence, outermost first.
func WritePeel(w io.Writer, peel Peel, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	p.entry("", 0, fmt.Sprintf("%s %s, under %s, peeled layer by layer.", peel.Attack.ID, peel.Attack.Title, Clean(peel.Profile)))
	p.line("")
	held := 0
	for i, l := range peel.Layers {
		text := p.paint(Word(l.Verdict.Outcome), Word(l.Verdict.Outcome))
		if l.Verdict.Outcome == verdict.Held {
			held++
			text += ": " + demand(l.Verdict.StoppedBy) + "."
		} else {
			text += ". " + Sentence(Clean(l.Verdict.Reason))
		}
		p.entry(fmt.Sprintf("layer %d", i+1), stepColumn, without(l)+text)
	}
	p.line("")
	p.entry("", 0, peelSummary(peel, held))
	return p.err
}

func without(l Layer) string {
	switch n := len(l.Removed); {
	case n == 0:
		return ""
	default:
		return "without " + l.Removed[n-1] + ": "
	}
}

func peelSummary(peel Peel, held int) string {
	tail := fmt.Sprintf(" Seed %d.", peel.Seed)
	last := verdict.Void
	if n := len(peel.Layers); n > 0 {
		last = peel.Layers[n-1].Verdict.Outcome
	}
	switch {
	case held == 0 && last == verdict.Breached:
		return "Nothing stands in the way of this attack." + tail
	case last == verdict.Breached:
		return "It takes " + count(held, "control") + " to be missing before the thief wins." + tail
	case last == verdict.Void:
		return "The peel ended in a run that proves nothing: look at it before you trust the layers." + tail
	}
	return "The thief never won." + tail
}
