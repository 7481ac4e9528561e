package idp

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A form is read as net/url reads it, but for the rules that are ours: no parameter twice, and not too many.
func TestFormIsReadAsNetURLDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		encoded := strings.Join(rapid.SliceOfN(rapid.StringMatching(`(resource|[a-c]?)=?[a-c%;+=é]{0,4}(%4[1-3])?`), 0, 6).Draw(t, "pairs"), "&")
		want, wrong := url.ParseQuery(encoded)
		for name, v := range want {
			if len(v) > 1 && name != "resource" {
				t.Skip("a parameter stands twice")
			}
		}
		got, err := parseForm(encoded)
		if (err != nil) != (wrong != nil) {
			t.Fatalf("%q: net/url says %v, parseForm %v", encoded, wrong, err)
		}
		if wrong != nil {
			return
		}
		if !maps.EqualFunc(got.byName(), want, slices.Equal[[]string]) {
			t.Fatalf("%q: expected %v, got %v", encoded, want, got)
		}
	})
}

// byName is a form as net/url has it.
func (f form) byName() map[string][]string {
	values := map[string][]string{}
	for _, p := range f {
		values[p.name] = f.all(p.name)
	}
	return values
}
