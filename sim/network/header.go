package network

import (
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"sort"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// connectionHeader tells whether a header belongs to one connection (RFC 9110 s7.6.1) or is written by
// the wire itself, and so does not travel. Keys are canonical.
func connectionHeader(key string) bool {
	switch key {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect":
		return true
	case exchangeHeader:
		return true
	}
	return false
}

// requestOnly tells which headers of a request net/http takes from the fields of http.Request instead.
func requestOnly(key string) bool { return key == "Host" || key == "Content-Length" }

func leftOutOfRequests(key string) bool { return connectionHeader(key) || requestOnly(key) }

// sentHeader is what arrives of a request's header: canonical names, trimmed values, nothing that belongs to
// the connection. Like net/http it refuses names and values that cannot be sent. A header that is given away need
// not be copied.
func sentHeader(h http.Header, given bool) (delivered, error) {
	if given && asItIs(h, leftOutOfRequests) {
		return delivered{header: h}, nil
	}
	out, err := copyHeader(h, 1, leftOutOfRequests, true)
	if err != nil {
		return out, fmt.Errorf("net/http: invalid header %w", err)
	}
	// net/http sends one User-Agent, and none for an empty one.
	if agents, ok := out.header["User-Agent"]; ok {
		if len(agents) == 0 || agents[0] == "" {
			delete(out.header, "User-Agent")
		} else {
			out.header["User-Agent"] = agents[:1]
		}
	}
	fixPragma(out.header)
	return out, nil
}

// answeredHeader is what arrives of a response's header. As in net/http, an invalid name is left out and
// a line break becomes a space; a value with other control characters breaks the answer.
func answeredHeader(h http.Header) (delivered, error) {
	room := 0
	for _, own := range []string{"Content-Type", "Content-Length", "Date"} {
		if _, there := h[own]; !there {
			room++
		}
	}
	out, err := copyHeader(h, room, connectionHeader, false)
	if err != nil {
		return out, fmt.Errorf("malformed response header: %w", err)
	}
	fixPragma(out.header)
	return out, nil
}

// asItIs tells whether a header arrives as it is written: there is nothing in it that would be left out, added to or
// put in another form.
func asItIs(h http.Header, leaveOut func(string) bool) bool {
	for key, values := range h {
		if len(values) == 0 || !canonical(key) || leaveOut(key) || key == "Pragma" || key == "User-Agent" {
			return false
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) || textproto.TrimString(v) != v {
				return false
			}
		}
	}
	return true
}

// fixPragma does what net/http does at both ends (RFC 9111 s5.4).
func fixPragma(h http.Header) {
	if p, ok := h["Pragma"]; ok && len(p) > 0 && p[0] == "no-cache" {
		if _, there := h["Cache-Control"]; !there {
			h["Cache-Control"] = []string{"no-cache"}
		}
	}
}

// delivered is a header as it arrives. Its values lie in one array, which has room for the wire's own.
type delivered struct {
	header http.Header
	values []string
}

// set adds a header of the wire's own, with one value.
func (d *delivered) set(key, value string) {
	if d.values == nil {
		d.values = make([]string, 0, 3) // all that the wire has to say: type, length and date
	}
	d.values = append(d.values, value)
	d.header[key] = slices.Clip(d.values[len(d.values)-1:])
}

// copyHeader leaves room for what the wire will add, and for no more: a map of more than eight costs
// several times as much.
func copyHeader(h http.Header, room int, leaveOut func(string) bool, strict bool) (delivered, error) {
	values := room
	for _, v := range h {
		values += len(v)
	}
	out := delivered{make(http.Header, len(h)+room), make([]string, 0, values)}
	var odd []string
	for key, vv := range h {
		if !canonical(key) {
			odd = append(odd, key)
			continue
		}
		if leaveOut(key) {
			continue
		}
		from := len(out.values)
		for _, v := range vv {
			v, err := fieldValue(key, v, strict)
			if err != nil {
				return out, err
			}
			out.values = append(out.values, v)
		}
		if len(out.values) > from {
			out.header[key] = slices.Clip(out.values[from:])
		}
	}
	if odd == nil {
		return out, nil
	}
	return out, copyOdd(out.header, h, odd, leaveOut, strict)
}

// canonical tells whether a name is a token and spelt as http.CanonicalHeaderKey does: in one pass, for
// every header of every message.
func canonical(key string) bool {
	upper := true
	for i := range len(key) {
		c := key[i]
		switch {
		case 'a' <= c && c <= 'z':
			if upper {
				return false
			}
		case 'A' <= c && c <= 'Z':
			if !upper {
				return false
			}
		case '0' <= c && c <= '9', c == '-':
		default: // other bytes that a name may hold are seldom seen
			return http.CanonicalHeaderKey(key) == key && httpguts.ValidHeaderFieldName(key)
		}
		upper = c == '-'
	}
	return key != ""
}

// copyOdd adds headers whose keys were put into the map in another spelling than the canonical one.
// They cross the wire sorted by the bytes of that spelling, so a canonical X-A comes before an x-a.
func copyOdd(out, h http.Header, odd []string, leaveOut func(string) bool, strict bool) error {
	sort.Strings(odd)
	for _, key := range odd {
		if !httpguts.ValidHeaderFieldName(key) {
			if strict {
				return fmt.Errorf("field name %q", key)
			}
			continue
		}
		canonical := http.CanonicalHeaderKey(key)
		if leaveOut(canonical) {
			continue
		}
		for _, v := range h[key] {
			v, err := fieldValue(key, v, strict)
			if err != nil {
				return err
			}
			out[canonical] = append(out[canonical], v)
		}
	}
	return nil
}

var newlineToSpace = strings.NewReplacer("\n", " ", "\r", " ")

func fieldValue(key, v string, strict bool) (string, error) {
	if httpguts.ValidHeaderFieldValue(v) {
		return textproto.TrimString(v), nil
	}
	if !strict {
		if v = newlineToSpace.Replace(v); httpguts.ValidHeaderFieldValue(v) {
			return textproto.TrimString(v), nil
		}
	}
	// The value is not shown: it may be a credential (golang/go issue 43631).
	return "", fmt.Errorf("field value for %q", key)
}
