package serve

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/dice"
)

var killRounds = flag.Int("kill-rounds", 3, "how often TestKillAmongRecords kills the server; a hundred take a minute or two")

// TestKillAmongRecords kills the server while several clients write records over HTTP, in every way there is. Each time
// it finds, in the server that is started again, all that was answered, and of no transaction a part.
func TestKillAmongRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	v := newVictim(t)

	writers := make([]*recordWriter, 0, 2*len(recordWriters))
	for n := range cap(writers) {
		writers = append(writers, &recordWriter{t: t, name: fmt.Sprintf("w%d", n), kept: map[string]string{}})
	}
	d := dice.Secure()
	answered := 0
	for round := range *killRounds {
		token := v.recordsToken()
		var all sync.WaitGroup
		for n, w := range writers {
			w.base, w.token = fmt.Sprintf("http://localhost:%d/legacy/fhir", v.port), token
			all.Go(func() {
				for recordWriters[n%len(recordWriters)](w) {
				}
			})
		}
		time.Sleep(time.Duration(80+d.IntN(300)) * time.Millisecond)
		v.kill()
		all.Wait()
		v.start()
		token = v.recordsToken()
		answered = 0
		for _, w := range writers {
			w.token = token
			w.check()
			answered += w.answered
		}
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
		t.Logf("round %d: %d writes were answered so far, and are there", round, answered)
	}
	if answered == 0 {
		t.Error("expected something to have been written")
	}
}

// recordsToken is one that may write anybody's record.
func (v *victim) recordsToken() string {
	v.t.Helper()
	issuer := fmt.Sprintf("http://localhost:%d/legacy", v.port)
	if _, err := http.Get(issuer + "/.well-known/openid-configuration"); err != nil { // which makes its secrets
		v.t.Fatal(err)
	}
	secret, err := os.ReadFile(filepath.Join(v.dir, "legacy", "legacy-app.secret"))
	if err != nil {
		v.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, issuer+"/token", strings.NewReader(url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.cruds"}}.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("legacy-app", strings.TrimSpace(string(secret)))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.Token == "" {
		v.t.Fatalf("expected a token, got %d %v", resp.StatusCode, err)
	}
	return got.Token
}

// recordWriter writes records of its own, and remembers what it was answered.
type recordWriter struct {
	t           *testing.T
	name        string
	base, token string
	answered    int

	number int               // of its last write that was answered
	fixed  []string          // records that all say the number of the last write
	kept   map[string]string // other records: what they say, or "" for those that are deleted

	export  begun  // the export that was answered for last
	deleted string // the one that was deleted last
	orphans []string
}

// begun is an export, and how many observations it had.
type begun struct {
	path  string
	lines int
}

// recordWriters are the ways to write. Each returns false when the server is gone.
var recordWriters = []func(*recordWriter) bool{
	(*recordWriter).creates, (*recordWriter).updates, (*recordWriter).patches, (*recordWriter).deletes, (*recordWriter).transacts, (*recordWriter).exports,
}

func observationOf(id, says string) string {
	if id != "" {
		id = `"id":"` + id + `",`
	}
	return `{"resourceType":"Observation",` + id + `"status":"final","code":{"text":"` + says + `"},"subject":{"reference":"Patient/p01"}}`
}

// do sends a request, and tells whether it was answered.
func (w *recordWriter) do(method, path, contentType, body string) (status int, header http.Header, text string, ok bool) {
	w.t.Helper()
	r, err := http.NewRequest(method, w.base+path, strings.NewReader(body))
	if err != nil {
		w.t.Error(err)
		return 0, nil, "", false
	}
	r.Header.Set("Authorization", "Bearer "+w.token)
	r.Header.Set("Content-Type", contentType)
	if strings.HasSuffix(path, "$export") {
		r.Header.Set("Prefer", "respond-async")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, "", false
	}
	got, err := io.ReadAll(resp.Body)
	if resp.Body.Close() != nil || err != nil {
		return 0, nil, "", false
	}
	return resp.StatusCode, resp.Header, string(got), true
}

// write sends one that must be done if it is answered.
func (w *recordWriter) write(method, path, contentType, body string) (http.Header, bool) {
	w.t.Helper()
	status, header, text, ok := w.do(method, path, contentType, body)
	if !ok {
		return nil, false
	}
	if status >= 300 {
		w.t.Errorf("%s %s: got %d %s", method, path, status, text)
		return nil, false
	}
	w.answered++
	return header, true
}
