package client

import (
	"net/url"
	"testing"

	"pgregory.net/rapid"
)

func TestEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := url.Values(rapid.MapOfN(rapid.String(), rapid.SliceOfN(rapid.String(), 0, 3), 0, 5).Draw(t, "form"))
		if got, want := string(encoded(form)), form.Encode(); got != want {
			t.Fatalf("expected %q, got %q", want, got)
		}
	})
}
