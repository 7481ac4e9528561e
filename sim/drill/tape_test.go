package drill

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func anyTape(t *rapid.T) *Tape {
	tape := &Tape{File: []byte(rapid.String().Draw(t, "file")), Seed: rapid.Uint64().Draw(t, "seed")}
	at := time.Duration(0)
	for range rapid.IntRange(0, 8).Draw(t, "decisions") {
		at += time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "after"))
		d := Decision{At: at, Do: rapid.StringMatching(`[a-z-]{1,8}`).Draw(t, "do"), By: rapid.SampledFrom([]string{"", "lead"}).Draw(t, "by")}
		if args := rapid.SliceOfN(rapid.StringMatching(`[a-z0-9"\\]{1,5}`), 0, 3).Draw(t, "args"); len(args) > 0 {
			d.Args = args
		}
		tape.Decisions = append(tape.Decisions, d)
	}
	return tape
}

func written(t interface{ Fatal(...any) }, tape *Tape) []byte {
	var b bytes.Buffer
	if _, err := tape.Record(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestTapesReadBack: what was written is what is read, and its hash stays.
func TestTapesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tape := anyTape(t)
		got, err := ReadTape(written(t, tape))
		if err != nil || !reflect.DeepEqual(got, tape) || got.Hash() != tape.Hash() {
			t.Fatalf("expected %+v, got %+v, %v", tape, got, err)
		}
	})
}

// TestTornTapesKeepWhatIsWhole: cut anywhere, or with a byte changed anywhere after the first line, a tape
// keeps the decisions before the damage and says where it is.
func TestTornTapesKeepWhatIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tape := anyTape(t)
		data := written(t, tape)
		first := bytes.IndexByte(data, '\n') + 1
		at := rapid.IntRange(first, len(data)).Draw(t, "at")
		damaged := bytes.Clone(data[:at])
		if at < len(data) && rapid.Bool().Draw(t, "changed") {
			damaged = bytes.Clone(data)
			damaged[at] ^= 1 << rapid.IntRange(0, 6).Draw(t, "bit")
		}
		got, err := ReadTape(damaged)
		var torn *TornError
		switch {
		case err == nil: // cut between two lines, or changed in a way that says the same (the case of a key)
		case !errors.As(err, &torn):
			t.Fatalf("expected a torn tape, got %v", err)
		case torn.Kept != len(got.Decisions) || torn.Size > len(damaged) || torn.Line != torn.Kept+2:
			t.Fatalf("%+v does not agree with the %d decisions kept", torn, len(got.Decisions))
		}
		if n := len(got.Decisions); !reflect.DeepEqual(got.Decisions, tape.Decisions[:n:n]) && n > 0 {
			t.Fatalf("kept other decisions than were made: %+v", got.Decisions)
		}
		// What was kept can be written on.
		if torn != nil {
			var b bytes.Buffer
			b.Write(damaged[:torn.Size])
			more := Decision{At: 1000 * time.Hour, Do: "wait"}
			if err := got.Resume(&b).Add(more); err != nil {
				t.Fatal(err)
			}
			again, err := ReadTape(b.Bytes())
			if err != nil || len(again.Decisions) != len(got.Decisions)+1 {
				t.Fatalf("cannot be written on: %v", err)
			}
		}
	})
}

func TestForeignTapes(t *testing.T) {
	for _, text := range []string{"", "\n", "{}\n", `{"tape":9,"drill":"","seed":1,"sum":""}` + "\n", `{"tape":1,"drill":"x","seed":1,"sum":"no"}` + "\n"} {
		if tape, err := ReadTape([]byte(text)); err == nil || tape != nil {
			t.Errorf("%q: expected an error, got %v", text, tape)
		}
	}
}

func FuzzReadTape(f *testing.F) {
	f.Add(written(f, &Tape{File: []byte("id: X"), Seed: 1, Decisions: []Decision{{At: time.Minute, Do: "deny", Args: []string{"web-ehr"}}}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		tape, err := ReadTape(data)
		if err == nil && tape.Hash() == "" {
			t.Error("a tape without a hash")
		}
	})
}
