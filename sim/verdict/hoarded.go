package verdict

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"thiefbox/sim/event"
)

// Hoarded is the fact that the thief was handed more records within a minute than his work takes, though he may open each.
const Hoarded FactKind = "hoarded"

// hoardMinute is the time in which records are counted together.
const hoardMinute = time.Minute

// hoarded counts the records in answers to the thief: different ones that hold some patient's canary, within any minute
// of the attack. A record that he was sent twice is one. It is one fact, shown by the answer with which it was too many.
func (c *casefile) hoarded() []Fact {
	if c.allowance <= 0 {
		return nil
	}
	type delivery struct {
		at   time.Time
		name string
	}
	var minute []delivery
	holds := map[string]int{} // deliveries of each record within the minute
	most, decisive := 0, 0
	for _, i := range c.carried {
		b, ok := c.events[i].Body.(event.Response)
		if !ok || !c.sentByThief(i) {
			continue
		}
		now := c.events[i].At
		for len(minute) > 0 && now.Sub(minute[0].at) >= hoardMinute {
			if holds[minute[0].name]--; holds[minute[0].name] == 0 {
				delete(holds, minute[0].name)
			}
			minute = minute[1:]
		}
		c.recordsIn(b.Message.Body, deepest, func(name string) {
			minute = append(minute, delivery{now, name})
			holds[name]++
		})
		if most = max(most, len(holds)); decisive == 0 && most > c.allowance {
			decisive = c.events[i].N
		}
	}
	if decisive == 0 {
		return nil
	}
	return []Fact{{Kind: Hoarded, Event: decisive,
		Text: fmt.Sprintf("%s was handed %d records within a minute, where his work takes %d at most", c.thief(), most, c.allowance)}}
}

// deepest is how many bundles may stand in each other: an answer to a batch has searches in it.
const deepest = 4

// recordsIn names the records in a body that hold a canary: a resource, the entries of a bundle, the lines of an export.
// What cannot be read holds none.
func (c *casefile) recordsIn(body []byte, depth int, visit func(name string)) {
	if depth == 0 || !bytes.Contains(body, canaryBytes) {
		return
	}
	lines := json.NewDecoder(bytes.NewReader(body))
	for {
		var line json.RawMessage
		if lines.Decode(&line) != nil {
			return
		}
		var r struct {
			ResourceType, ID string
			Entry            []struct{ Resource json.RawMessage }
		}
		if json.Unmarshal(line, &r) != nil || r.ResourceType == "" {
			continue
		}
		if r.ResourceType == "Bundle" {
			for _, e := range r.Entry {
				c.recordsIn(e.Resource, depth-1, visit)
			}
			continue
		}
		if r.ID != "" && c.isProtected(line) {
			visit(r.ResourceType + "/" + r.ID)
		}
	}
}

// isProtected tells whether bytes hold the canary of some patient.
func (c *casefile) isProtected(b []byte) bool {
	for {
		at := bytes.Index(b, canaryBytes)
		if at < 0 || len(b)-at < canaryLength {
			return false
		}
		if _, known := c.canaries[string(b[at:at+canaryLength])]; known {
			return true
		}
		b = b[at+len(canaryPrefix):]
	}
}
