package report

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"thiefbox/sim/event"
)

// An HTTP archive (HAR 1.2), which browsers and proxies write and read. Members that begin with an underscore are
// ours, as the format allows: who sent it, which control refused it and why.
type (
	harDocument struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
		Comment string     `json:"comment"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  time.Time   `json:"startedDateTime"`
		Time     float64     `json:"time"` // milliseconds
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment,omitempty"`
		From     string      `json:"_from"`
		To       string      `json:"_to"`
		Refused  string      `json:"_refused_by,omitempty"`
		Exchange int         `json:"_exchange"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		Version     string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		Query       []harPair `json:"queryString"`
		Post        *harPost  `json:"postData,omitempty"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int       `json:"bodySize"`
	}
	harPost struct {
		Type   string    `json:"mimeType"`
		Params []harPair `json:"params"`
		Text   string    `json:"text"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		Text        string     `json:"statusText"`
		Version     string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		Redirect    string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int        `json:"bodySize"`
	}
	harContent struct {
		Size     int    `json:"size"`
		Type     string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Encoding string `json:"encoding,omitempty"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// The size of headers as they were sent is not known: -1 says so (HAR 1.2, "request" and "response"). Nor is the
// version of HTTP, on the network of a run; it is written as the messages of this program are.
const (
	harUnknown = -1
	harHTTP    = "HTTP/1.1"
)

// WriteHAR writes the exchanges among events as an HTTP archive, in the order in which they began. Secrets are to be
// taken out beforehand: such files are sent around.
func WriteHAR(w io.Writer, events []event.Event) error {
	doc := harDocument{Log: harLog{Version: "1.2", Creator: harCreator{"thiefbox", "1"}, Entries: []harEntry{},
		Comment: "Everything in here is made up: people, records, keys. Secrets stand under names that are equal where the secrets are."}}
	began, ended := map[int]time.Time{}, map[int]time.Time{}
	for _, e := range events {
		switch e.Body.(type) {
		case event.Request:
			began[e.Exchange] = e.At
		case event.Response, event.Lost:
			ended[e.Exchange] = e.At
		}
	}
	all := exchanges(events)
	numbers := make([]int, 0, len(all))
	for n, x := range all {
		if x.RequestEvent != 0 && x.Response != nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		doc.Log.Entries = append(doc.Log.Entries, harOf(all[n], began[n], ended[n].Sub(began[n])))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

func harOf(x *Exchange, at time.Time, took time.Duration) harEntry {
	ms := float64(took.Microseconds()) / 1000
	e := harEntry{Started: at, Time: ms, Timings: harTimings{Wait: ms}, From: x.Request.From, To: x.Request.To, Exchange: x.N,
		Request: harRequestOf(x.Request.Message), Response: harResponseOf(*x.Response)}
	for _, r := range x.Rulings {
		if r.Outcome == "refused" || r.Outcome == "challenged" {
			e.Refused, e.Comment = r.Control, "refused by "+r.Control
		}
	}
	return e
}

func harRequestOf(m event.Message) harRequest {
	r := harRequest{Method: m.Method, URL: m.URL, Version: harHTTP, Cookies: []harPair{}, Headers: harHeaders(m.Header), Query: []harPair{},
		HeadersSize: harUnknown, BodySize: len(m.Body)}
	for _, c := range (&http.Request{Header: m.Header}).Cookies() {
		r.Cookies = append(r.Cookies, harPair{c.Name, c.Value})
	}
	if u, err := url.Parse(m.URL); err == nil {
		r.Query = harValues(u.RawQuery)
	}
	if len(m.Body) > 0 {
		r.Post = &harPost{Type: m.Header.Get("Content-Type"), Params: []harPair{}, Text: strings.ToValidUTF8(string(m.Body), "\ufffd")}
	}
	return r
}

// harValues keeps the order and the repetitions of a query.
func harValues(query string) []harPair {
	out := []harPair{}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		n, err1 := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(value)
		if part != "" && err1 == nil && err2 == nil {
			out = append(out, harPair{n, v})
		}
	}
	return out
}

func harResponseOf(m event.Message) harResponse {
	r := harResponse{Status: m.Status, Text: http.StatusText(m.Status), Version: harHTTP, Cookies: []harPair{}, Headers: harHeaders(m.Header),
		Redirect: m.Header.Get("Location"), HeadersSize: harUnknown, BodySize: len(m.Body), Content: harContent{Size: len(m.Body), Type: m.Header.Get("Content-Type")}}
	for _, c := range (&http.Response{Header: m.Header}).Cookies() {
		r.Cookies = append(r.Cookies, harPair{c.Name, c.Value})
	}
	if r.Content.Type == "" {
		r.Content.Type = "x-unknown"
	}
	if r.Content.Text = string(m.Body); !utf8.Valid(m.Body) {
		r.Content.Text, r.Content.Encoding = base64.StdEncoding.EncodeToString(m.Body), "base64"
	}
	return r
}

func harHeaders(h http.Header) []harPair {
	out := []harPair{}
	for _, name := range sortedKeys(h) {
		for _, v := range h[name] {
			out = append(out, harPair{name, v})
		}
	}
	return out
}
