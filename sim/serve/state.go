package serve

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/idp/keep"
	"thiefbox/sim/event"
)

// What survives a restart, with Config.Keep: registrations, grants, codes, tokens, sessions, pushed requests,
// which assertions and proofs the servers have seen, whom they were told to bar, and how far the clock is ahead,
// in a file next to the keys of the issuer. Every answer waits until what it rests on is in there. Keys that were
// replaced (signing.go), the key of the nonces and the records have files of their own. Controls, settings and
// faults are as they are at a start: they belong to a test.

const stateFile = "state.db"

// The clock's record in the file stands apart from those of the servers.
const (
	clockKeeper = "clock"
	clockKind   = "ahead"
)

func (t *tenant) openState() (err error) {
	if !t.server.config.Keep {
		return nil
	}
	path := t.file(stateFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if t.state, err = keep.Open(path, t.server.config.Now()); err != nil {
		return err
	}
	return t.state.At(clockKeeper).Kept(func(c idp.Change) error {
		var ahead time.Duration
		if err := json.Unmarshal(c.Value, &ahead); err != nil {
			return err
		}
		t.clock.Advance(ahead)
		return nil
	})
}

// keeper is the keeper of the issuer at an origin; nil if nothing is kept.
func (t *tenant) keeper(origin string) idp.Keeper {
	if t.state == nil {
		return nil
	}
	return t.state.At(origin)
}

// nonceKey makes the nonces at an origin; nil for one that is drawn anew at each start.
func (t *tenant) nonceKey(origin string) ([]byte, error) {
	if t.state == nil {
		return nil, nil
	}
	secret, err := secretFile(t.file("nonces.secret"), t.dice.Fork("key of the nonces").Token)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(secret + " " + origin))
	return sum[:], nil
}

// proofs keeps what an API has seen.
type proofs struct{ line *keep.Line }

// proofs is that of the API at an origin; nil if nothing is kept. One line serves both of its nodes.
func (t *tenant) proofs(origin string) fhirmock.Keeper {
	if t.state == nil {
		return nil
	}
	return proofs{t.state.At("fhir at " + origin).InLine()}
}

func (p proofs) Keep(memory, proof string, now, until time.Time) error {
	return p.line.Keep(idp.Change{Kind: memory, Key: proof, Value: []byte("true"), Expires: until}, now)
}

func (p proofs) Kept(see func(memory, proof string, until time.Time)) error {
	return p.line.Kept(func(c idp.Change) error { see(c.Kind, c.Key, c.Expires); return nil })
}

// keepClock writes down how far the clock is ahead of the machine's.
func (t *tenant) keepClock() {
	if t.state == nil {
		return
	}
	ahead, err := json.Marshal(t.clock.Now().Sub(t.server.config.Now()).Round(time.Millisecond))
	if err == nil {
		err = t.state.At(clockKeeper).Keep([]idp.Change{{Kind: clockKind, Value: ahead}})
	}
	if err != nil {
		t.journal.tell(context.Background(), event.Refused{Party: "serve", Status: http.StatusServiceUnavailable, Code: "temporarily_unavailable", Detail: "the clock is not kept: " + err.Error()})
	}
}

func (t *tenant) closeState() error {
	if t.state == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var err error
	for _, i := range t.issuers {
		err = errors.Join(err, i.as.Settle())
	}
	return errors.Join(err, t.state.Close())
}

// forgetState lets the issuer begin anew. Whoever still holds on to the old one is told that nothing can be kept.
func (t *tenant) forgetState() error {
	if t.state == nil {
		return nil
	}
	err := t.closeState()
	if gone := os.Remove(t.file(stateFile)); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}
