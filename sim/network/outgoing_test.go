package network

import (
	"net/http"
	"net/url"
	"reflect"
	"testing"

	"golang.org/x/net/http/httpguts"
	"pgregory.net/rapid"
)

// The short ways through what every message needs lead to where net/http's lead.
func TestShortWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Z][a-z0-9]{0,3}(-[A-Za-z_!]?[a-z]{0,3}){0,2}`)).Draw(t, "name")
		if got, want := canonical(name), http.CanonicalHeaderKey(name) == name && httpguts.ValidHeaderFieldName(name); got != want {
			t.Fatalf("%q: expected canonical to be %v", name, want)
		}
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z/%2F?#\[ *]{0,8}`))
		u := &url.URL{Path: "/" + text.Draw(t, "path"), RawPath: text.Draw(t, "raw path"), RawQuery: text.Draw(t, "query"), ForceQuery: rapid.Bool().Draw(t, "?")}
		want, err := url.ParseRequestURI(u.RequestURI())
		if err != nil {
			return
		}
		out := outgoing{uri: u.RequestURI()}
		if err := out.receive(u); err != nil || !reflect.DeepEqual(out.url, want) {
			t.Fatalf("%#v: expected %#v, got %#v, %v", u, want, out.url, err)
		}
	})
}
