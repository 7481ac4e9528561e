package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"thiefbox/sim/serve"
	"thiefbox/sim/telemetry"
	"thiefbox/sim/tui"
)

// watchServer shows a running server on the screens, and ends with them.
func (a *app) watchServer(ctx context.Context, ring *telemetry.Ring, first string, w serve.Watched) error {
	source := a.source(ring)
	source.Traffic = &tui.Traffic{First: first, Issuers: w.Issuers, Events: w.Events, Busy: w.Busy, Export: func(issuer string) (string, error) {
		har, err := w.HAR(issuer)
		if err != nil {
			return "", err
		}
		return keepHAR(issuer, har)
	}}
	a.screened = true
	defer func() { a.screened = false }()
	return tui.Run(ctx, source, tui.Options{Theme: a.theme, Input: a.env.Stdin, Output: a.env.Stdout})
}

// keepHAR writes an archive beside where the user is, over no other file.
func keepHAR(issuer string, har []byte) (string, error) {
	for n := 1; ; n++ {
		name := fmt.Sprintf("thiefbox-%s-%d.har", issuer, n)
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = file.Write(har)
		return name, errors.Join(err, file.Close())
	}
}
