package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.etcd.io/bbolt"
)

// The transcripts of testdata run the program as a stranger would, each in a home of its own. On top of
// testscript's commands they have
//
//	status N thiefbox ARG...   run it, and insist on the exit status
//	json FILE PATH WANT        read FILE ("stdout" is the last output) as JSON; PATH is keys and indexes
//	                           with dots between, "runs.0.profile", or ends in ".len" for a length
//	fits SCHEMA FILE           hold FILE ("stdout" is the last output) against the JSON Schema in SCHEMA
//	truncate FILE SIZE         cut a file short
//	foreign FILE               make a database that is not ours
//	lock FILE                  hold a history open for the rest of the transcript
func TestTranscripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_DATA_HOME", e.WorkDir+"/share")
			e.Setenv("TERM", "xterm")
			return nil
		},
		// [raced]: transcripts that compute whole maps are played without the race detector only; sim/worth
		// has been seen by it.
		Condition: func(name string) (bool, error) {
			if name != "raced" {
				return false, fmt.Errorf("expected the condition raced, got %q", name)
			}
			return raced, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "json": jsonAt, "fits": fits, "truncate": truncate, "foreign": foreign, "lock": lock,
		},
	})
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [arg...]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%s: expected exit status %s, got %d", strings.Join(args[1:], " "), args[0], got)
	}
}

func jsonAt(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json file path want")
	}
	var v any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &v); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	for _, step := range strings.Split(args[1], ".") {
		v = descend(ts, v, step)
	}
	text, isText := v.(string)
	if !isText {
		b, err := json.Marshal(v)
		ts.Check(err)
		text = string(b)
	}
	if (text == args[2]) == neg {
		ts.Fatalf("%s: expected %q, got %q (negated: %v)", args[1], args[2], text, neg)
	}
}

func descend(ts *testscript.TestScript, v any, step string) any {
	switch v := v.(type) {
	case map[string]any:
		if step == "len" {
			return len(v)
		}
		return v[step]
	case []any:
		if step == "len" {
			return len(v)
		}
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	ts.Fatalf("there is no %q in %v", step, v)
	return nil
}

func fits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fits schema file")
	}
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	c := jsonschema.NewCompiler()
	ts.Check(c.AddResource(args[0], schema))
	compiled, err := c.Compile(args[0])
	ts.Check(err)
	ts.Check(compiled.Validate(document))
}

func truncate(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: truncate file size")
	}
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

func foreign(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	db, err := bbolt.Open(path, 0o600, nil)
	ts.Check(err)
	ts.Check(db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("recipes"))
		return err
	}))
	ts.Check(db.Close())
}

func lock(ts *testscript.TestScript, _ bool, args []string) {
	db, err := bbolt.Open(ts.MkAbs(args[0]), 0o600, nil)
	ts.Check(err)
	ts.Defer(func() { _ = db.Close() })
}
