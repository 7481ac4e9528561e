package network

import (
	"net/http"
	"strings"
	"testing"
)

func TestExchangeIsTold(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		w.site("as.thiefbox.test", "as", func(rw http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			rw.Header().Set("X-Saw", r.Form.Get("a")+r.Form.Get("b"))
			rw.WriteHeader(http.StatusCreated)
			_, _ = rw.Write([]byte("<html>hello"))
		})
		req := w.request(http.MethodPost, "https://as.thiefbox.test/token?a=1", "b=2")
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, body := w.do("ehr", req)
		if resp.StatusCode != 201 || resp.Header.Get("X-Saw") != "12" || body != "<html>hello" {
			t.Errorf("expected 201 with 12 and the page, got %d %v %q", resp.StatusCode, resp.Header, body)
		}
		want := `{"n":1,"at":"2026-11-23T08:00:00Z","exchange":1,"kind":"request","body":{"from":"ehr","to":"as","message":{"method":"POST","url":"https://as.thiefbox.test/token?a=1","header":{"Content-Length":["3"],"Content-Type":["application/x-www-form-urlencoded"]},"body":"b=2"}}}
{"n":2,"at":"2026-11-23T08:00:00.01Z","exchange":1,"kind":"response","body":{"message":{"status":201,"header":{"Content-Length":["11"],"Content-Type":["text/html; charset=utf-8"],"Date":["Mon, 23 Nov 2026 08:00:00 GMT"],"X-Saw":["12"]},"body":"\u003chtml>hello"}}}
`
		if got := strings.ReplaceAll(w.events(), `\u003e`, ">"); got != want {
			t.Errorf("expected the events\n%sgot\n%s", want, got)
		}
	})
}
