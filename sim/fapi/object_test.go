package fapi

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestManyMembers(t *testing.T) {
	var members []string
	for i := range 100 {
		members = append(members, fmt.Sprintf(`"m%d":%d`, i, i))
	}
	for _, n := range []int{1, 8, 16, 17, 100} {
		unique := "{" + strings.Join(members[:n], ",") + "}"
		o, err := parseObject(unique)
		check(t, err)
		if len(o) != n || o.get(fmt.Sprint("m", n-1)) != fmt.Sprint(n-1) || o.get("m100") != "" {
			t.Errorf("expected %d members, got %d", n, len(o))
		}
		_, err = parseObject(unique[:len(unique)-1] + `,"m0":1}`)
		refused(t, err, `"m0" twice`)
	}
}

// TestAgainstEncodingJSON builds objects of any shape, and expects the members that encoding/json reads.
func TestAgainstEncodingJSON(t *testing.T) {
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		plain := []*rapid.Generator[any]{rapid.String().AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil)}
		if depth == 0 {
			return rapid.OneOf(plain...)
		}
		inner := rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) })
		return rapid.OneOf(append(plain, rapid.SliceOfN(inner, 0, 4).AsAny(), rapid.MapOfN(rapid.String(), inner, 0, 4).AsAny())...)
	}
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOfN(rapid.String(), value(3), 0, 20).Draw(t, "object")
		marshal := rapid.SampledFrom([]func(any) ([]byte, error){json.Marshal,
			func(v any) ([]byte, error) { return json.MarshalIndent(v, " ", "\t") }}).Draw(t, "form")
		data := must(marshal(want))
		o, err := parseObject(string(data))
		if err != nil || len(o) != len(want) {
			t.Fatalf("expected %d members of %s, got %d, %v", len(want), data, len(o), err)
		}
		var theirs map[string]json.RawMessage
		_ = json.Unmarshal(data, &theirs)
		for name, raw := range theirs {
			if o.get(name) != string(raw) {
				t.Fatalf("%q: expected %s, got %s", name, raw, o.get(name))
			}
		}
	})
}

// A stranger must not be able to buy much work with few bytes.
func TestHostileSizes(t *testing.T) {
	const n = 200_000
	deep := strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)
	var wide strings.Builder
	for i := range n {
		fmt.Fprintf(&wide, `"%d":0,`, i)
	}
	for name, test := range map[string]struct{ json, want string }{
		"deep":           {`{"a":` + deep + `}`, ""},
		"too deep":       {`{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`, "exceeded max depth"},
		"deep objects":   {strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000), ""},
		"wide":           {"{" + wide.String() + `"x":0}`, ""},
		"wide and twice": {"{" + wide.String() + `"0":0}`, `"0" twice`},
	} {
		began := time.Now()
		_, err := parseObject(test.json)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: expected work in proportion to %d bytes, got %s of it", name, len(test.json), took)
		}
		if test.want != "" {
			refused(t, err, test.want)
		} else if err != nil {
			t.Errorf("%s: %.80v", name, err)
		}
	}
}
