package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"

	"thiefbox/sim/report"
)

// What stands where: "thiefbox" holds the number of the format, "runs" the runs without their
// recordings, "recordings" those, both by the run's number in eight bytes. Lists read small pages only.
var (
	bucketMeta       = []byte("thiefbox")
	bucketRuns       = []byte("runs")
	bucketRecordings = []byte("recordings")
	keyFormat        = []byte("format")
)

// format is the number of the layout. A program that finds a greater one must not touch the file.
const format = 1

func layOut(tx *bbolt.Tx) error {
	b, err := tx.CreateBucket(bucketMeta)
	if err != nil {
		return err
	}
	if err := b.Put(keyFormat, []byte(strconv.Itoa(format))); err != nil {
		return err
	}
	_, err1 := tx.CreateBucket(bucketRuns)
	_, err2 := tx.CreateBucket(bucketRecordings)
	return errors.Join(err1, err2)
}

func (s *Store) checkFormat(tx *bbolt.Tx) error {
	b := tx.Bucket(bucketMeta)
	if b == nil {
		return foreignFile(s.path, "it is a database, but of another program")
	}
	written := string(b.Get(keyFormat))
	got, err := strconv.Atoi(written)
	switch {
	case err != nil || got < 1:
		return s.damaged(fmt.Errorf("expected the number of its format, got %q", written))
	case got > format:
		return fmt.Errorf("%w (format %d, this one knows %d): update thiefbox to read %s, or use another --data directory", ErrNewer, got, format, s.path)
	case tx.Bucket(bucketRuns) == nil || tx.Bucket(bucketRecordings) == nil:
		return s.damaged(errors.New("a part of it is missing"))
	}
	return nil
}

func put(tx *bbolt.Tx, run report.Run, recording []byte) (string, error) {
	runs := tx.Bucket(bucketRuns)
	number, err := runs.NextSequence()
	if err != nil {
		return "", err
	}
	run.ID = idOf(number)
	summary, err := json.Marshal(withoutRecording(run))
	if err != nil {
		return "", fmt.Errorf("writing the run: %w", err)
	}
	key := binary.BigEndian.AppendUint64(nil, number)
	if err := runs.Put(key, summary); err != nil {
		return "", err
	}
	return run.ID, tx.Bucket(bucketRecordings).Put(key, recording)
}

func (s *Store) summary(key, value []byte) (report.Run, error) {
	var run report.Run
	if len(key) != 8 {
		return run, s.damaged(fmt.Errorf("expected a number of 8 bytes for a run, got %d", len(key)))
	}
	run.ID = idOf(binary.BigEndian.Uint64(key))
	id := run.ID
	if err := json.Unmarshal(value, &run); err != nil {
		return report.Run{}, s.damaged(fmt.Errorf("run %s: %w", id, err))
	}
	run.ID = id
	return run, nil
}

// idOf writes a run's number as its id: r0007.
func idOf(number uint64) string { return fmt.Sprintf("r%04d", number) }

// find looks a run up: by its whole id, by its number ("7", "r7"), or by the beginning of its id.
func find(tx *bbolt.Tx, id string) (key []byte, err error) {
	id = strings.ToLower(strings.TrimSpace(id))
	runs := tx.Bucket(bucketRuns)
	if number, err := strconv.ParseUint(strings.TrimPrefix(id, "r"), 10, 64); err == nil {
		key := binary.BigEndian.AppendUint64(nil, number)
		if runs.Get(key) != nil {
			return key, nil
		}
	}
	var found []string
	if id != "" {
		c := runs.Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			if len(k) != 8 {
				continue
			}
			if other := idOf(binary.BigEndian.Uint64(k)); strings.HasPrefix(other, id) {
				key, found = k, append(found, other)
			}
		}
	}
	switch len(found) {
	case 0:
		return nil, unknown(id)
	case 1:
		return key, nil
	}
	return nil, fmt.Errorf("%w: %q fits %s; write more of it", ErrAmbiguous, id, some(found))
}

func unknown(id string) error {
	return fmt.Errorf("%w: %q; `thiefbox history` lists them", ErrUnknown, id)
}

func some(ids []string) string {
	if len(ids) > 3 {
		return strings.Join(ids[:3], ", ") + fmt.Sprintf(" and %d more", len(ids)-3)
	}
	return strings.Join(ids, ", ")
}
