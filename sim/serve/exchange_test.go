package serve

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A file that takes longer than an answer may is sent to its end, as long as it is read; another answer is cut off.
func TestLongFiles(t *testing.T) {
	piece := bytes.Repeat([]byte("x"), aPiece)
	for kind, whole := range map[string]bool{"application/fhir+ndjson": true, "application/fhir+json": false} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			o := &observed{ResponseWriter: w, now: time.Now}
			o.Header().Set("Content-Type", kind)
			_, _ = o.Write(piece)
			time.Sleep(400 * time.Millisecond)
			_, _ = o.Write(piece)
		}))
		s.Config.WriteTimeout = 200 * time.Millisecond
		s.Start()
		resp, err := http.Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if whole != (err == nil && len(got) == 2*aPiece) {
			t.Errorf("%s: expected the whole %t, got %d bytes, %v", kind, whole, len(got), err)
		}
		s.Close()
	}
}
