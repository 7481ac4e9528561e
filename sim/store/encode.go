package store

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// wireEvent writes an event as event.Event does, but straight into the stream: marshalling each event
// to bytes and those again into an array would cost a second pass over every body.
type wireEvent struct {
	N        int        `json:"n"`
	At       time.Time  `json:"at"`
	Exchange int        `json:"exchange,omitempty"`
	Kind     event.Kind `json:"kind"`
	Body     event.Body `json:"body"`
}

// gzip keeps a checksum, so a flipped bit is noticed rather than shown. The fastest level will do: what
// makes a run long is the same rulings and the same tokens over and over.
var writers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid, so there is no error
	return w
}}

// pack writes a recording as compressed JSON, an event a line.
func pack(rec event.Recording) ([]byte, error) {
	var b bytes.Buffer
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	w.Reset(&b)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	var room []byte
	for _, e := range rec.Events {
		if e.Body == nil {
			return nil, fmt.Errorf("event %d has no body", e.N)
		}
		written, ok := line(room[:0], e)
		if room = written; ok {
			if _, err := w.Write(room); err != nil {
				return nil, fmt.Errorf("writing event %d: %w", e.N, err)
			}
			continue
		}
		if err := enc.Encode(wireEvent{e.N, e.At, e.Exchange, e.Body.Kind(), e.Body}); err != nil {
			return nil, fmt.Errorf("writing event %d: %w", e.N, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// largest bounds what a recording may unpack to, so that a damaged one cannot eat the memory.
const largest = 1 << 30

func unpack(packed []byte) (event.Recording, error) {
	if len(packed) == 0 {
		return event.Recording{}, errors.New("it is missing")
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return event.Recording{}, err
	}
	var rec event.Recording
	dec := json.NewDecoder(io.LimitReader(r, largest))
	for {
		var e event.Event
		err := dec.Decode(&e)
		if errors.Is(err, io.EOF) {
			return rec, nil
		}
		if err != nil {
			return event.Recording{}, err
		}
		rec.Events = append(rec.Events, e)
	}
}

// packAll packs on all cores, since a matrix is saved while a person waits.
func packAll(runs []report.Run) ([][]byte, error) {
	packed := make([][]byte, len(runs))
	errs := make([]error, len(runs))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(runs)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(runs); i = int(next.Add(1)) - 1 {
				packed[i], errs[i] = pack(runs[i].Recording)
			}
		})
	}
	wg.Wait()
	return packed, errors.Join(errs...)
}
