package client

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

func TestActiveContent(t *testing.T) {
	for source, passes := range map[string]bool{
		`<p class="x" style="color: red">5 &lt; 6 <b>and</b></p><!-- a remark -->`: true,
		`<a href="https://a.test/">there</a><img src="data:image/png;base64,AA">`:  true,
		`<script src="https://evil.test/x.js"></script>`:                           false,
		`<SCRIPT>x</SCRIPT>`:                           false,
		`</main><p>x</p>`:                              false,
		`<img src=x onerror=x()>`:                      false,
		`<img src="https://evil.test/seen.gif">`:       false,
		`<img src="data:image/svg+xml,x">`:             false,
		`<p onmouseover="x()">x</p>`:                   false,
		`<a href="javascript:x()">x</a>`:               false,
		"<a href=\" java\tscript&colon;x()\">x</a>":    false,
		`<a href="/logout">x</a>`:                      false,
		`<form action="/logout"><button>x</button>`:    false,
		`<iframe srcdoc="x">`:                          false,
		`<p style="background:url(//evil.test)">x</p>`: false,
		`<p style="b\61 ckground:x">x</p>`:             false,
		`<svg><a xlink:href="javascript:x()">x</a>`:    false,
		`<!--> <script>x</script> -->`:                 false,
		`<![CDATA[ > <script>x</script> ]]>`:           false,
		`<p title="<script>">x</p>`:                    true,
		`<p>x</p><a href="https://evil.test/?`:         false,
		`<p>x</p><a href="https://evil.test/?" `:       false,
		`<p>x</p><`:                                    true,
		`<p>x</p></`:                                   false,
		`<p>x</p><!-- and the rest`:                    false,
		`<p>x</p><!-->`:                                true,
		`<p>x</p><?php the rest`:                       false,
	} {
		if _, err := checkActiveContent(&markup{"AllergyIntolerance/x", source}); (err == nil) != passes {
			t.Errorf("%s: expected to pass %t, got %v", source, passes, err)
		}
	}
}

func TestFormatted(t *testing.T) {
	for div, want := range map[string]bool{
		"": false, "words": false, `<div xmlns="x">5 &lt; 6</div>`: false, " <div>x</div> ": false, "<div/>": false,
		"<div>a <b>b</b></div>": true, "<div><div>x</div></div>": true, "<div>x</div><script>": true, "<div>x<br/></div>": true,
	} {
		if got := (&resource{div: div}).formatted(); got != want {
			t.Errorf("%q: expected %t, got %t", div, want, got)
		}
	}
}

// chartOf answers searches for documents and allergies with these, and Binaries with a letter.
func chartOf(w *world, narrative, attachments string) {
	w.net.m["fhir.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		kind, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/fhir/"), "/")
		rec := httptest.NewRecorder()
		if w.fhir.ServeHTTP(rec, r); rec.Code != http.StatusOK {
			rw.WriteHeader(rec.Code)
			return
		}
		rw.Header().Set("Content-Type", "application/fhir+json")
		switch kind {
		case "Binary":
			_, _ = fmt.Fprintf(rw, `{"resourceType":"Binary","contentType":"text/plain; charset=utf-8","data":%q}`, base64.StdEncoding.EncodeToString([]byte("a <letter>")))
		case "DocumentReference", "AllergyIntolerance":
			_, _ = fmt.Fprintf(rw, `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":%q,"id":"x","text":{"div":%q},"content":[%s]}}]}`, kind, narrative, attachments)
		default:
			_, _ = rw.Write(rec.Body.Bytes())
		}
	})
}

func allRefusals(w *world) string { return strings.Join(w.refusals(), " ") }

// A narrative with a script in it is shown as words, and without the control as it came; so is a letter.
func TestMarkupOfOthers(t *testing.T) {
	const script = `<script src="https://evil.test/x.js"></script>`
	letter := fmt.Sprintf(`{"attachment":{"contentType":"text/html","title":"Letter","data":%q}}`, base64.StdEncoding.EncodeToString([]byte("<p>Dear <i>you</i></p>"+script)))
	for page, has := range map[string]string{"/patients/p07": "Rash after", "/patients/p07/documents": "Dear you"} {
		w := newWorld(t, full(t))
		chartOf(w, "<div>Rash after <b>x</b>"+script+"</div>", letter)
		b := w.browser()
		b.mustSignIn()
		status, _, body := b.get(ehrURL + page)
		if status != 200 || strings.Contains(body, "<script") || !strings.Contains(body, has) || !strings.Contains(allRefusals(w), control.ClientActiveContent.ID) {
			t.Errorf("%s: expected the words without the script, got %d %s %s", page, status, body, allRefusals(w))
		}
		w = newWorld(t, full(t).Without(control.ClientActiveContent))
		chartOf(w, "<div>Rash after <b>x</b>"+script+"</div>", letter)
		b = w.browser()
		b.mustSignIn()
		if _, _, body := b.get(ehrURL + page); !strings.Contains(body, script) {
			t.Errorf("%s: without the control expected the script, got %s", page, body)
		}
	}
	w := newWorld(t, full(t))
	chartOf(w, "<div>Rash after <b>x</b></div>", "")
	b := w.browser()
	b.mustSignIn()
	if _, _, body := b.get(ehrURL + "/patients/p07"); !strings.Contains(body, "<div>Rash after <b>x</b></div>") || allRefusals(w) != "" {
		t.Errorf("expected formatting to be shown, got %s %s", body, allRefusals(w))
	}
}
