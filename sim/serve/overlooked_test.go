package serve

import (
	"net/url"
	"strings"
	"testing"
)

// TestAScopeForNothingIsTold: a letter wrong in a resource type is granted, and whoever asks why is told of it, once.
func TestAScopeForNothingIsTold(t *testing.T) {
	s := start(t, Config{HTTPSPort: -1})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	for _, scope := range []string{"system/Obsrvation.rs", "system/Obsrvation.rs", "system/Observation.rs"} {
		got := a.back("/token", url.Values{"grant_type": {"client_credentials"}, "scope": {scope}})
		expect(t, got, 200, scope)
	}
	told := string(a.get(a.issuer.URL + pathWhy).body)
	if n := strings.Count(told, "machine asked for the scope system/Obsrvation.rs and was not refused"); n != 1 || strings.Contains(told, "scope system/Observation.rs") {
		t.Errorf("expected to be told once of the letter that is wrong, got %s", told)
	}
}
