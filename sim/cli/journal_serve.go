package cli

import (
	"sync"

	"thiefbox/sim/event"
	"thiefbox/sim/serve"
	"thiefbox/sim/telemetry"
)

// servedMemory is how many events a server that runs for weeks remembers the secrets of.
const servedMemory = 20_000

// logServer has a server tell the journal what happens: every event as it is shown to readers, or the logs
// that its authorization server and its API have of their own. Those have a witness for each issuer.
func (a *app) logServer(c *serve.Config, everything func(event.Event)) {
	j := a.journal
	if j.format == everyEvent {
		c.Log = func(_ string, e event.Event) { everything(e) }
		return
	}
	var mu sync.Mutex // issuers tell side by side
	exports := map[string]func(event.Event){}
	c.Raw = func(issuer string, e event.Event) {
		mu.Lock()
		defer mu.Unlock()
		if exports[issuer] == nil {
			exports[issuer] = j.served(issuer)
		}
		exports[issuer](e)
	}
}

func (j *journal) served(issuer string) func(event.Event) {
	w := telemetry.NewWitness()
	w.Memory = servedMemory
	w.Also = []telemetry.Field{{Key: "issuer", Value: issuer}}
	w.Address = func(sender string, _ int) string { return serve.AddressOf(sender) }
	export := telemetry.ExportBy(w, j.file, j.format, j.fail)
	for _, actor := range serve.Actors() {
		export(event.Event{Body: actor})
	}
	return export
}
