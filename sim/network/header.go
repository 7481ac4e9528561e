package network

import (
	"fmt"
	"net/http"
	"net/textproto"
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

// sentHeader is what arrives of a request's header: canonical names, trimmed values, nothing that belongs to
// the connection. Like net/http it refuses names and values that cannot be sent.
func sentHeader(h http.Header) (http.Header, error) {
	out, err := copyHeader(h, 1, func(key string) bool { return connectionHeader(key) || requestOnly(key) }, true)
	if err != nil {
		return nil, fmt.Errorf("net/http: invalid header %w", err)
	}
	// net/http sends one User-Agent, and none for an empty one.
	if agents, ok := out["User-Agent"]; ok {
		if len(agents) == 0 || agents[0] == "" {
			delete(out, "User-Agent")
		} else {
			out["User-Agent"] = agents[:1]
		}
	}
	fixPragma(out)
	return out, nil
}

// answeredHeader is what arrives of a response's header. As in net/http, an invalid name is left out and
// a line break becomes a space; a value with other control characters breaks the answer.
func answeredHeader(h http.Header) (http.Header, error) {
	room := 0
	for _, own := range []string{"Content-Type", "Content-Length", "Date"} {
		if _, there := h[own]; !there {
			room++
		}
	}
	out, err := copyHeader(h, room, connectionHeader, false)
	if err != nil {
		return nil, fmt.Errorf("malformed response header: %w", err)
	}
	fixPragma(out)
	return out, nil
}

// fixPragma does what net/http does at both ends (RFC 9111 s5.4).
func fixPragma(h http.Header) {
	if p, ok := h["Pragma"]; ok && len(p) > 0 && p[0] == "no-cache" {
		if _, there := h["Cache-Control"]; !there {
			h["Cache-Control"] = []string{"no-cache"}
		}
	}
}

// copyHeader leaves room for what the wire will add, and for no more: a map of more than eight costs
// several times as much.
func copyHeader(h http.Header, room int, leaveOut func(string) bool, strict bool) (http.Header, error) {
	values := 0
	for _, v := range h {
		values += len(v)
	}
	store := make([]string, 0, values)
	out := make(http.Header, len(h)+room)
	var odd []string
	for key, vv := range h {
		if !canonical(key) {
			odd = append(odd, key)
			continue
		}
		if leaveOut(key) {
			continue
		}
		from := len(store)
		for _, v := range vv {
			v, err := fieldValue(key, v, strict)
			if err != nil {
				return nil, err
			}
			store = append(store, v)
		}
		if len(store) > from {
			out[key] = store[from:len(store):len(store)]
		}
	}
	if odd == nil {
		return out, nil
	}
	return out, copyOdd(out, h, odd, leaveOut, strict)
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
