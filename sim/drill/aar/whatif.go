package aar

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/drill"
)

// mostWhatIfs are played: each takes a whole drill.
const mostWhatIfs = 16

// whatIfs plays the tape again with each decision that changed a machine left out, and with each made as
// soon as there was an alarm, or beside the one before it, unless it undid another. What would have been better comes first, and of either what
// matters most.
func whatIfs(ctx context.Context, t *drill.Tape, d *drill.Drill, maker drill.Maker) (out []WhatIf, played int, err error) {
	v := d.View()
	if len(v.Inbox) == 0 {
		return nil, 0, nil
	}
	alarm, was := v.Inbox[0].At, d.Harm()
	try := func(text string, other *drill.Tape) error {
		if played >= mostWhatIfs {
			return nil
		}
		played++
		again, err := drill.Replay(ctx, other, maker)
		if err != nil {
			return err
		}
		h := again.Harm()
		one := WhatIf{Text: text, Records: was.Records - h.Records, ClinicMinutes: was.ClinicMinutes - h.ClinicMinutes, Loss: was.Loss - h.Loss, Tape: other.Hash()}
		one.Sentence = one.sentence()
		out = append(out, one)
		return again.Close()
	}
	before := time.Duration(-1) // when the one before it was made
	for _, one := range v.Done {
		if !changesMachines(one.Do) || one.Cancelled {
			continue
		}
		times := []time.Duration{alarm + drill.DefaultLook}
		if before > times[0] {
			times = append(times, before)
		}
		for _, at := range times {
			if undoes(one.Do) || one.At <= at {
				continue
			}
			early := drill.WhatIf(t, one.N, func(d *drill.Decision) bool { d.At = at; return true })
			if err := try(fmt.Sprintf("%s at %s instead of %s", one.Decision, drill.Clock(at), drill.Clock(one.At)), early); err != nil {
				return nil, 0, err
			}
		}
		without := drill.WhatIf(t, one.N, func(*drill.Decision) bool { return false })
		if err := try(fmt.Sprintf("without %s at %s", one.Decision, drill.Clock(one.At)), without); err != nil {
			return nil, 0, err
		}
		before = one.At
	}
	out = slices.DeleteFunc(out, func(w WhatIf) bool { return w.Records == 0 && w.ClinicMinutes == 0 && w.Loss == 0 })
	slices.SortStableFunc(out, func(a, b WhatIf) int {
		if (a.Loss > 0) != (b.Loss > 0) {
			return int(min(max(b.Loss-a.Loss, -1), 1))
		}
		return int(min(max(math.Abs(b.Loss)-math.Abs(a.Loss), -1), 1))
	})
	return out[:min(6, len(out))], played, nil
}

// undoes tells of an action that takes another back: to have done it before there was anything to undo is no advice.
func undoes(action string) bool {
	return slices.Contains([]string{"admit", "enable", "online", "unblock", "withdraw", "spread"}, action)
}

// sentence says a what-if as people do: "deny web-ehr at T+12m instead of T+41m: 322 fewer records".
func (w WhatIf) sentence() string {
	var parts []string
	add := func(n float64, one, many string) {
		count, more := math.Round(math.Abs(n)), "fewer"
		if n < 0 {
			more = "more"
		}
		name := many
		if count == 1 {
			name = one
		}
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%.0f %s %s", count, more, name))
		}
	}
	add(w.Records, "record", "records")
	add(w.ClinicMinutes, "clinic-minute", "clinic-minutes")
	if len(parts) == 0 {
		add(w.Loss, "point of harm", "points of harm, for duties")
	}
	return w.Text + ": " + strings.Join(parts, ", ")
}

func changesMachines(action string) bool {
	return slices.ContainsFunc(drill.Catalogue(), func(a drill.Action) bool { return a.ID == action && a.Changes() })
}
