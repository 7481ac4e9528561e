package network

import (
	"net/http"
	"sync/atomic"

	"thiefbox/sim/clock"
)

// dates writes the Date of answers (RFC 9110 s6.6.1). It has whole seconds, of which a world sees few: the
// latest is kept as it is written.
type dates struct {
	clock  *clock.Clock
	latest atomic.Pointer[date]
}

type date struct {
	second int64
	text   string
}

func (d *dates) now() string {
	now := d.clock.Now()
	if latest := d.latest.Load(); latest != nil && latest.second == now.Unix() {
		return latest.text
	}
	text := now.UTC().Format(http.TimeFormat)
	d.latest.Store(&date{now.Unix(), text})
	return text
}
