package r4

import (
	"reflect"
	"testing"
)

// Read again, a text says what it said, whatever was read before it.
func FuzzReread(f *testing.F) {
	for _, text := range []string{
		`{"resourceType":"Patient","name":[{"given":["Å\u00e5\n","b\\\"c"]},{}],"active":true,"x":[],"n":-1.50e3,"deep":{"a":{"b":[[null,false]]}}}`,
		`"\ud83d\ude00"`, ` [ 1 , {"a" : "" } ] `, `0`,
	} {
		f.Add(text)
	}
	var r Rereader
	f.Fuzz(func(t *testing.T, text string) {
		want, err := Parse([]byte(text))
		if err != nil {
			t.Skip()
		}
		if got := r.Read(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: expected %s, got %s", text, want.Append(nil), got.Append(nil))
		}
	})
}
