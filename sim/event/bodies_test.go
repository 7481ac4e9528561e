package event

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestRoundTrip takes every kind of body to JSON and back, empty and with every field filled, so that
// a field without a JSON form, or a new kind, is noticed here and not in somebody's recording.
func TestRoundTrip(t *testing.T) {
	for kind, read := range newBody {
		empty, err := read([]byte("{}"))
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		full := reflect.New(reflect.TypeOf(empty)).Elem()
		fill(t, string(kind), full)
		for name, body := range map[string]Body{"empty": empty, "full": full.Interface().(Body)} {
			t.Run(string(kind)+" "+name, func(t *testing.T) { roundTrip(t, kind, body) })
		}
	}
}

func roundTrip(t *testing.T, kind Kind, body Body) {
	want := Event{N: 7, At: time.Date(2026, 11, 23, 8, 0, 0, 123456789, time.UTC), Exchange: 3, Body: body}
	if body.Kind() != kind {
		t.Fatalf("expected it to call itself %q, got %q", kind, body.Kind())
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Event
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v, got %+v by way of %s", want, got, b)
	}
}

// fill gives every field a value that is not zero.
func fill(t *testing.T, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("text <&> of " + path)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(42)
	case reflect.Uint64:
		v.SetUint(1<<64 - 1)
	case reflect.Uint8:
		v.SetUint(0xfe)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, path+"[0]", v.Index(0))
		fill(t, path+"[1]", v.Index(1))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, path+" key", key)
		fill(t, path+" value", value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	default:
		t.Fatalf("%s: a body holds plain data, got a %s", path, v.Type())
	}
}

// TestEveryKindIsKnown reads the source, since a type that is missing in newBody compiles.
func TestEveryKindIsKnown(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "bodies.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]bool{}
	for _, read := range newBody {
		b, _ := read([]byte("{}"))
		types[reflect.TypeOf(b).Name()] = true
	}
	kinds, methods := 0, 0
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if id, ok := n.Type.(*ast.Ident); ok && id.Name == "Kind" {
				kinds++
			}
		case *ast.FuncDecl:
			if n.Name.Name == "Kind" && n.Recv != nil {
				methods++
				if name := fmt.Sprint(n.Recv.List[0].Type); !types[name] {
					t.Errorf("%s has a kind, but newBody cannot read it", name)
				}
			}
		}
		return true
	})
	if kinds != len(newBody) || methods != len(newBody) {
		t.Errorf("expected as many kinds and types as newBody reads (%d), got %d kinds and %d types", len(newBody), kinds, methods)
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for name, test := range map[string]struct{ json, want string }{
		"an unknown kind":    {`{"n":4,"kind":"teleported","body":{}}`, `event 4 has the kind "teleported"`},
		"no kind":            {`{"n":4,"body":{}}`, `event 4 has the kind ""`},
		"another kind's use": {`{"n":4,"kind":"request","body":{"from":7}}`, "event 4 (request)"},
		"no body":            {`{"n":4,"kind":"request"}`, "event 4 (request)"},
		"no object":          {`[]`, "cannot unmarshal"},
		"no time":            {`{"n":4,"at":"noon","kind":"ended","body":{}}`, "noon"},
	} {
		e := Event{N: 1, Body: Ended{}}
		err := json.Unmarshal([]byte(test.json), &e)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: expected an error with %q, got %v", name, test.want, err)
		}
		if e.N != 1 {
			t.Errorf("%s: expected the event to stay as it was, got %+v", name, e)
		}
	}
}

func TestMarshalWithoutBody(t *testing.T) {
	if b, err := json.Marshal(Event{N: 9}); err == nil || !strings.Contains(err.Error(), "event 9 has no body") {
		t.Errorf("expected an error that names the event, got %s, %v", b, err)
	}
}

func TestRecording(t *testing.T) {
	began := Began{Technique: "D-04", Profile: "bcp", Controls: []string{}, Seed: 1, Wire: "memory"}
	r := Recording{Events: []Event{{N: 1, Body: Phase{PhaseJourney}}, {N: 2, Body: began}, {N: 3, Body: Began{Technique: "later"}}}}
	if got := r.Began(); !reflect.DeepEqual(got, began) {
		t.Errorf("expected the first opening event, got %+v", got)
	}
	if got := (Recording{}).Began(); !reflect.DeepEqual(got, Began{}) {
		t.Errorf("expected nothing of an empty recording, got %+v", got)
	}
	var back Recording
	b, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(b, &back)
	}
	if err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("expected %+v, got %+v, %v", r, back, err)
	}
}
