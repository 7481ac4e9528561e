package client

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestReadResource(t *testing.T) {
	for body, want := range map[string]resource{
		`{}`:   {},
		`null`: {},
		` {"resourceType" : "Patient","id":"p07", "x":[1,{"y":[]},"}",true,null,-1.5e3]} `:                  {kind: "Patient", id: "p07"},
		`{"text":{"status":"generated","div":"<div>a\u003cb\\</div>"},"birthDate":"1980-02-03"}`:            {div: `<div>a<b\</div>`, birthDate: "1980-02-03"},
		`{"extension":[{"url":"u","valueString":"one"},{"valueInteger":2},{"valueString":"\"two\""},null]}`: {extensions: []string{"one", `"two"`}},
		`{"name":[{"family":"Nordmann","given":["Kari","Anne"]},{"text":"Maiden Name"}]}`:                   {name: "Kari Anne Nordmann"},
		`{"name":[{"use":"official","text":"Kari Nordmann","family":"Nordmann"}]}`:                          {name: "Kari Nordmann"},
		`{"name":"Sentralsykehuset"}`:         {},
		`{"name":null,"id":null,"text":null}`: {},
		"{\"id\":\"a\xffb\"}":                 {id: "a\uFFFDb"},
		`{"id":"\"a\\\"\/b\""}`:               {id: `"a\"/b"`},
		`{"id":"\"\u00e6\n\\"}`:               {id: "\"æ\n\\"},
		"{\"id\":\"\\\"a\xffb\"}":             {id: "\"a\uFFFDb"},
	} {
		got, err := readResource([]byte(body))
		if err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("%s: expected %+v, got %+v %v", body, want, got, err)
		}
	}
}

func TestReadResourceMalformed(t *testing.T) {
	deep := `{"x":` + strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1) + `}`
	for _, body := range []string{
		``, ` `, `[]`, `"p"`, `{`, `{"id"`, `{"id":`, `{"id":"p`, `{"id":"p\`, `{"id":"p"`, `{"id":7}`, `{"id" "p"}`, `{"id":"p","`, `{id:"p"}`,
		`{"id":"p"} x`, "{}\x00", `{"id":"\x"}`, `{"x":}`, `{"x":]}`, `{"x":,}`, `{"x":[}`, `{"x":[1`, `{"text":"t"}`, `{"text":[]}`, `{"extension":{}}`,
		`{"extension":[{}`, `{"extension":[{}{}]}`, `{"name":[7]}`, "{\"x\":\x00}", deep,
	} {
		if got, err := readResource([]byte(body)); err == nil {
			t.Errorf("%.60q: expected an error, got %+v", body, got)
		}
	}
}

func TestReadBundle(t *testing.T) {
	for body, want := range map[string][]string{
		`{"resourceType":"Bundle"}`:            nil,
		`{"resourceType":"Bundle","entry":[]}`: nil,
		`{"entry":[{"fullUrl":"u","resource":{"id":"a"}},{"search":{"mode":"match"}},{"resource":{"id":"b"},"x":1}],"total":2}`: {"a", "b"},
	} {
		got, err := readBundle([]byte(body))
		var ids []string
		for _, r := range got {
			ids = append(ids, r.id)
		}
		if err != nil || !reflect.DeepEqual(ids, want) {
			t.Errorf("%s: expected %v, got %v %v", body, want, ids, err)
		}
	}
	for _, body := range []string{`{"entry":{}}`, `{"entry":[{"resource":[]}]}`, `{"entry":[7]}`, `<Bundle/>`} {
		if _, err := readBundle([]byte(body)); err == nil {
			t.Errorf("%s: expected an error", body)
		}
	}
}

func TestNarrative(t *testing.T) {
	for div, want := range map[string]string{
		"":                                   "",
		"plain":                              "plain",
		"<div><p>One</p><p>two</p></div>":    "One two",
		"<div>5 &lt; 6 &amp; 7</div>":        "5 < 6 & 7",
		"text <unclosed":                     "text",
		"<div>&lt;script&gt;x</div>":         "<script>x",
		"<div>canary-0123456789abcdef</div>": "canary-0123456789abcdef",
	} {
		r := resource{div: div}
		if got := r.narrative(); got != want {
			t.Errorf("%q: expected %q, got %q", div, want, got)
		}
		var p page
		if got := p.text(r.narrative()).String(); strings.Contains(got, "<") {
			t.Errorf("%q: expected markup to be escaped, got %q", div, got)
		}
	}
}

func TestTitle(t *testing.T) {
	for want, r := range map[string]resource{"Patient p07": {id: "p07"}, "Kari Nordmann": {id: "p07", name: "Kari Nordmann"}} {
		if got := r.title(); got != want {
			t.Errorf("expected %q, got %q", want, got)
		}
	}
}

// FuzzReadBundle: whatever comes is read to an end, nothing but an object is a Bundle, and what
// encoding/json writes is read as it was meant.
func FuzzReadBundle(f *testing.F) {
	f.Add([]byte(fhirBody("/Condition?patient=p07")), "id", "<div>&amp;</div>")
	f.Add([]byte(`{"entry":[{"resource":{"text":{"div":"\ud83d"}}}]}`), "a\x00", "\\\"\u2028")
	f.Add([]byte(`{"entry":[{"resource":{"content":[{"attachment":{"url":"x","data":null}},{}]}}]}`), "", "")
	f.Add([]byte(`{"entry":[[[[`), "", "")
	f.Fuzz(func(t *testing.T, body []byte, id, div string) {
		trimmed := bytes.TrimSpace(body)
		if _, err := readBundle(body); err == nil && !bytes.HasPrefix(trimmed, []byte("{")) && string(trimmed) != "null" {
			t.Errorf("expected an error for %q", body)
		}
		written, err := json.Marshal(map[string]any{"x": []any{1, id, nil}, "entry": []any{map[string]any{"resource": map[string]any{
			"id": id, "y": map[string]any{"z": div}, "text": map[string]any{"div": div}, "extension": []any{map[string]any{"valueString": div}},
		}}}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := readBundle(written)
		if err != nil || len(got) != 1 || got[0].id != asWritten(id) || got[0].div != asWritten(div) {
			t.Errorf("expected %q and %q, got %+v %v", id, div, got, err)
		}
	})
}

// asWritten is a text as encoding/json writes it: each invalid byte becomes U+FFFD.
func asWritten(s string) string { return string([]rune(s)) }
