package serve

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"thiefbox/fhirmock"
)

// records is what clients have written at an issuer, whichever its origin. They are kept next to the keys,
// if they are kept (Config.Keep), and opened when the API is first asked: a second server over the same directory
// (--print-config, for one) needs the keys and not these.
type records struct {
	mu    sync.Mutex
	store *fhirmock.Records
	file  io.Closer // nil if nothing is kept
	log   io.Closer // of accesses; nil if that is not kept
	wrong error     // they are damaged
}

// The log of accesses is kept with what people and clients do (Config.Keep), not with what they write.
const recordsFile, auditFile = "records.db", "audit.ndjson"

func (t *tenant) openRecords() (*fhirmock.Records, error) {
	r := &t.records
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.store != nil || r.wrong != nil {
		return r.store, r.wrong
	}
	if !t.server.config.Keep {
		r.store = fhirmock.NewRecords(t.server.people)
		return r.store, nil
	}
	path := t.file(recordsFile)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		r.store, r.file, err = fhirmock.OpenRecords(t.server.people, path)
	}
	if errors.Is(err, fhirmock.ErrDamaged) {
		r.wrong = err
	}
	if err == nil {
		if r.log, err = r.store.KeepAudit(t.file(auditFile)); err != nil {
			err, r.store, r.file = errors.Join(err, r.file.Close()), nil, nil
		}
	}
	return r.store, err
}

func (t *tenant) closeRecords() error {
	t.records.mu.Lock()
	defer t.records.mu.Unlock()
	var err error
	for _, file := range []*io.Closer{&t.records.file, &t.records.log} {
		if *file != nil {
			err = errors.Join(err, (*file).Close())
		}
		*file = nil
	}
	return err
}

// forgetRecords lets the issuer begin anew. Whoever still holds on to the old one writes into nothing.
func (t *tenant) forgetRecords() error {
	err := t.closeRecords()
	if !t.server.config.Keep {
		return err
	}
	for _, name := range []string{recordsFile, auditFile} {
		if gone := os.Remove(t.file(name)); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// api is the FHIR API of an issuer. It is made when it is first asked.
type api struct {
	issuer *Issuer

	mu      sync.Mutex
	nodes   []*fhirmock.API
	balance http.Handler // over the nodes
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	nodes, err := a.made()
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error", err.Error())
		return
	}
	nodes.ServeHTTP(w, r)
}

func (a *api) made() (http.Handler, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.balance != nil {
		return a.balance, nil
	}
	stored, err := a.issuer.tenant.openRecords()
	if err != nil {
		return nil, err
	}
	a.balance, a.nodes, err = a.issuer.newAPI(stored)
	return a.balance, err
}

// forgetKeys has the nodes fetch the keys of the authorization server again.
func (a *api) forgetKeys() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, node := range a.nodes {
		node.ForgetKeys()
	}
}
