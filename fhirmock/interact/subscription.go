package interact

import (
	"mime"
	"net/http"
	"net/netip"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// Subscription is what a resource of that type asks for: R4's kind, of criteria and a channel. Offered is the channel
// rest-hook, to https, or to http on the machine itself. Who may have one, and what it is sent, is for the door.
type Subscription struct {
	Type    string // of the records it waits for
	Filters []store.Filter
	// Endpoint is where it is sent; Payload is the media type of the records, or "" for empty notices.
	Endpoint *url.URL
	Payload  string
	Header   http.Header
	End      time.Time // zero for never
	Active   bool
}

// How much a channel may hold.
const (
	mostEndpoint   = 2 << 10
	mostHeaders    = 16
	mostHeaderSize = 4 << 10
)

// ReadSubscription takes one apart. Base is the URL of the API. The error is a *query.Problem that says what to do.
func ReadSubscription(base string, n *r4.Node) (*Subscription, error) {
	out := &Subscription{Active: n.String("status") == "active"}
	var err error
	if out.Type, out.Filters, err = query.Criteria(query.Context{Base: base}, n.String("criteria")); err != nil {
		return nil, inSubscription("criteria", err)
	}
	channel := n.Get("channel")
	if kind := channel.String("type"); kind != "rest-hook" {
		return nil, unfit("channel.type", "not-supported", "expected a channel of type rest-hook, got "+query.Quote(kind)+": this API offers no other")
	}
	if out.Endpoint, err = endpoint(base, channel.String("endpoint")); err != nil {
		return nil, err
	}
	if out.Payload, err = payload(channel.String("payload")); err != nil {
		return nil, err
	}
	if out.Header, err = headers(channel.List("header")); err != nil {
		return nil, err
	}
	if end := n.String("end"); end != "" {
		span, ok := terms.Date(end)
		if !ok {
			return nil, unfit("end", "value", "expected an instant, got "+query.Quote(end))
		}
		out.End = time.UnixMilli(int64(span.Lo))
	}
	return out, nil
}

func unfit(element, code, text string) *query.Problem {
	return &query.Problem{Status: http.StatusUnprocessableEntity, Code: code, Expression: "Subscription." + element, Text: text}
}

// inSubscription says of a problem with a search that it stands in a resource.
func inSubscription(element string, err error) error {
	if p, is := err.(*query.Problem); is {
		return unfit(element, p.Code, p.Text)
	}
	return err
}

// endpoint: notices hold what is in records, so they travel by TLS; on the machine itself they travel nowhere. An API
// that notified itself would begin again with each notice.
func endpoint(base, raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	own, _ := url.Parse(base)
	switch {
	case err != nil || raw == "" || len(raw) > mostEndpoint || u.Host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "":
		return nil, unfit("channel.endpoint", "value", "expected an absolute https URL without user and fragment, got "+query.Quote(raw))
	case u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Hostname())):
		return nil, unfit("channel.endpoint", "value", "expected an https URL (http is for this machine: 127.0.0.1, [::1] or localhost), got "+query.Quote(raw))
	case own != nil && strings.EqualFold(u.Host, own.Host):
		return nil, unfit("channel.endpoint", "value", "expected an endpoint elsewhere than at this API, got "+query.Quote(raw))
	}
	return u, nil
}

// Loopback tells whether a host is the machine itself.
func Loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

func payload(raw string) (string, error) {
	if raw == "" {
		return "", nil
	}
	t, _, err := mime.ParseMediaType(raw)
	if err != nil || t != "application/fhir+json" && t != "application/json" {
		return "", unfit("channel.payload", "not-supported", "expected application/fhir+json, or no payload for an empty notice, got "+query.Quote(raw))
	}
	return raw, nil
}

// withheld are the headers that are this API's or the connection's to say (RFC 9110 s7.6.1).
var withheld = map[string]bool{"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Proxy-Authenticate": true, "Proxy-Authorization": true,
	"Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true, "Host": true, "Content-Length": true, "Content-Type": true, "Content-Encoding": true, "Expect": true}

func headers(lines []*r4.Node) (http.Header, error) {
	out, size := http.Header{}, 0
	for i, line := range lines {
		at := "channel.header[" + strconv.Itoa(i) + "]"
		name, value, has := strings.Cut(line.Text, ":")
		value = strings.TrimSpace(value)
		size += len(line.Text)
		switch {
		case i >= mostHeaders || size > mostHeaderSize:
			return nil, unfit(at, "too-costly", "expected at most "+strconv.Itoa(mostHeaders)+" headers of together "+strconv.Itoa(mostHeaderSize)+" characters, got more")
		case !has || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value):
			return nil, unfit(at, "value", "expected a header as Name: value, got something else")
		}
		name = textproto.CanonicalMIMEHeaderKey(name)
		if withheld[name] {
			return nil, unfit(at, "business-rule", "expected a header of the subscriber's, got "+name+", which is this API's or the connection's to say")
		}
		out.Add(name, value)
	}
	return out, nil
}

// asked tells what is wrong with a subscription that somebody wants stored (R4 subscription-definitions, "status": a client
// asks for one or turns it off; that it is active or in error is the server's to say).
func (e *Engine) asked(n *r4.Node) error {
	s, err := ReadSubscription(e.Base, n)
	if err != nil {
		return err
	}
	switch status := n.String("status"); {
	case status != "requested" && status != "off":
		return unfit("status", "business-rule", "expected requested, or off, got "+query.Quote(status)+": whether it is active or in error is this API's to say")
	case status == "requested" && !s.End.IsZero() && !s.End.After(e.Now()):
		return unfit("end", "business-rule", "expected a time to come, got one that has passed")
	}
	return nil
}

// waits makes of a subscription that was requested one that is active. The caller must be one who may search for what it
// waits for: otherwise nothing would ever be sent, and he would not know why.
func (w *writer) waits(r *Request) error {
	if r.Body.String("status") == "requested" {
		r.Body.Set("status", r4.Text("active"))
	}
	r.Body.Remove("error")
	about, _, _ := strings.Cut(strings.TrimPrefix(r.Body.String("criteria"), "/"), "?")
	if err := w.g.Enters(Search, about); err != nil {
		return err
	}
	return w.g.Enters(r.Kind, r.Type)
}
