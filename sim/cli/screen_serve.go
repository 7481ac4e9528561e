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

func keepHAR(issuer string, har []byte) (string, error) {
	return keepFile(har, func(n int) string { return fmt.Sprintf("thiefbox-%s-%d.har", issuer, n) })
}

// keepFile writes data beside where the user is, over no other file: under the first of some names that is free.
func keepFile(data []byte, named func(n int) string) (string, error) {
	for n := 1; ; n++ {
		name := named(n)
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = file.Write(data)
		return name, errors.Join(err, file.Close())
	}
}
