package serve

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// bundleOf is a transaction of so many observations, each with a note of about so many bytes.
func bundleOf(entries, bytes int) string {
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","type":"transaction","entry":[`)
	note := strings.Repeat("invented ", bytes/9)
	for i := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"request":{"method":"PUT","url":"Observation/big-%d"},"resource":{"resourceType":"Observation","id":"big-%d","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p01"},"note":[{"text":%q}]}}`, i, i, note)
	}
	return b.String() + "]}"
}

// A record system that moves in brings bundles of megabytes: the FHIR API takes what it says it takes, and a body that
// is longer is refused with the limit that holds. The authorization server's own limit stays what it was.
func TestLongBodies(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	token := a.writersToken()
	bundle := bundleOf(41, 128<<10)
	if len(bundle) < 5<<20 {
		t.Fatalf("expected five megabytes to send, got %d bytes", len(bundle))
	}
	expect(t, a.send(http.MethodPost, "", token, bundle), 200, `"transaction-response"`)
	expect(t, a.read("/Observation/big-40", token), 200, "invented")
	expect(t, a.send(http.MethodPost, "", token, bundleOf(1, 16<<20)), 413, "expected at most 16777216 bytes")
	expect(t, a.send(http.MethodPut, "/Observation/mine", token, strings.Replace(written, "kept", strings.Repeat("x", 2<<20), 1)), 413, "expected at most 2097152 bytes")
	expect(t, a.back("/token", url.Values{"grant_type": {"client_credentials"}, "scope": {strings.Repeat("x", 2<<20)}}), 413, "")
}
