package keep

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/store"
)

// writeTo makes this test program a process that writes until it is killed.
var writeTo = flag.String("write-to", "", "write transactions to this file, and print the number of each when it is answered for")

const (
	rounds  = 12 // how often a process is killed
	written = 20 // records in a transaction
)

// TestWriteUntilKilled is what the killed process does, and nothing when it is not one.
func TestWriteUntilKilled(t *testing.T) {
	if *writeTo == "" {
		t.Skip("for TestAKilledProcessLosesNothing")
	}
	s, _ := reopen(t, *writeTo)
	for n := last(t, s) + 1; ; n++ {
		err := s.Update(at(time.Unix(int64(n), 0)), func(tx *store.Tx) error {
			for i := range written {
				tx.Put(observation(t, fmt.Sprintf("o%d", i), strconv.Itoa(n)), "PUT")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(os.Stderr, n) // not buffered
	}
}

// last is the number of the transaction that the store ends with. All its records must be of it, and have as many versions.
func last(t *testing.T, s *store.Store) int {
	t.Helper()
	number := 0
	for i := range written {
		id, n := fmt.Sprintf("o%d", i), 0
		if found := s.View().Get("Observation", id); found != nil {
			r, err := found.Open(anybody{}, store.AsRead)
			if err != nil {
				t.Fatal(err)
			}
			if n, err = strconv.Atoi(r.Node("").Get("code").String("text")); err != nil || n != r.Version {
				t.Fatalf("%s: expected version %d to be of transaction %d: %v", id, r.Version, n, err)
			}
		}
		if i > 0 && n != number {
			t.Fatalf("half a transaction shows: %s is of %d, those before of %d", id, n, number)
		}
		number = n
	}
	return number
}

// A process that is killed in the midst of writing, again and again, has lost nothing that it answered for, and half of
// a transaction is never read back.
func TestAKilledProcessLosesNothing(t *testing.T) {
	if *writeTo != "" {
		t.Skip("this is the process that is killed")
	}
	people.Everybody()
	path := filepath.Join(t.TempDir(), "records.db")
	answered := 0
	for round := range rounds {
		child := exec.Command(os.Args[0], "-test.run", "^TestWriteUntilKilled$", "-write-to", path)
		out, err := child.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n <= round*3 && lines.Scan(); n++ {
			if answered, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatalf("expected a number, got %q", lines.Text())
			}
		}
		if err := child.Process.Kill(); err != nil { // SIGKILL: it cannot put anything in order
			t.Fatal(err)
		}
		for lines.Scan() { // what it answered for before it died
			if n, err := strconv.Atoi(lines.Text()); err == nil {
				answered = n
			}
		}
		_ = child.Wait() // it was killed
		s, f := reopen(t, path)
		if n := last(t, s); n < answered || n > answered+1 {
			t.Fatalf("round %d: %d transactions were answered for, %d are there", round, answered, n)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if answered < rounds {
		t.Errorf("expected a transaction or more in each round, got %d", answered)
	}
	t.Logf("killed %d times, %d transactions answered for", rounds, answered)
}
