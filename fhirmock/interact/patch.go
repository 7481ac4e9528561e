package interact

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// operation is what RFC 6902 s4 says an operation is.
type operation struct {
	Op    string          `json:"op"`
	Path  *string         `json:"path"`
	From  *string         `json:"from"`
	Value json.RawMessage `json:"value"`
}

// wrong says what an operation lacks, or nothing.
func (o *operation) wrong() string {
	switch {
	case !slices.Contains([]string{"add", "remove", "replace", "move", "copy", "test"}, o.Op):
		return "expected add, remove, replace, move, copy or test, got " + query.Quote(o.Op)
	case o.Path == nil:
		return "expected a path"
	case (o.Op == "move" || o.Op == "copy") && o.From == nil:
		return "expected from with " + o.Op
	case (o.Op == "add" || o.Op == "replace" || o.Op == "test") && o.Value == nil:
		return "expected a value with " + o.Op
	}
	return ""
}

// readPatch reads a JSON Patch. The library takes more than RFC 6902 does, and falls over some of it.
func readPatch(data []byte) (jsonpatch.Patch, error) {
	if _, err := r4.Parse(data); err != nil { // which refuses what the libraries would spoil
		return nil, problem(http.StatusBadRequest, "structure", "the patch cannot be read: "+err.Error())
	}
	var ops []*operation
	if err := json.Unmarshal(data, &ops); err != nil || ops == nil {
		return nil, problem(http.StatusBadRequest, "structure", "expected a JSON Patch (RFC 6902), a list of operations")
	}
	if len(ops) > mostOperations {
		return nil, problem(http.StatusBadRequest, "too-costly", "expected at most "+strconv.Itoa(mostOperations)+" operations in a JSON Patch, got "+strconv.Itoa(len(ops)))
	}
	for i, op := range ops {
		if op == nil {
			op = &operation{}
		}
		if wrong := op.wrong(); wrong != "" {
			return nil, problem(http.StatusBadRequest, "structure", "operation "+strconv.Itoa(i+1)+" of the JSON Patch: "+wrong)
		}
	}
	p, err := jsonpatch.DecodePatch(data)
	if err != nil {
		return nil, problem(http.StatusBadRequest, "structure", "expected a JSON Patch (RFC 6902)")
	}
	return p, nil
}

// patched applies a patch. Should the library fall over one all the same, it does not fit.
func patched(p jsonpatch.Patch, text []byte) (out []byte, err error) {
	defer func() {
		if fell := recover(); fell != nil {
			out, err = nil, fmt.Errorf("expected a patch that can be applied, got %v", fell)
		}
	}()
	options := jsonpatch.NewApplyOptions()
	options.AccumulatedCopySizeLimit = maxPatched
	return p.ApplyWithOptions(text, options)
}

// mayCompare: a patch that tests a value tells by its failure what stands there, and one that copies can
// move it to where it is shown. Both are ways of reading, so that the right to change is not enough.
func (w *writer) mayCompare(p jsonpatch.Patch, before *store.Record) error {
	for _, op := range p {
		switch op.Kind() {
		case "test", "copy", "move":
			opened, err := before.Open(w.g, store.AsTest)
			if err != nil || opened == nil {
				return orMissing(err)
			}
			return nil
		}
	}
	return nil
}

// mostOperations is how many operations a patch may have: some take as long as the record is.
const mostOperations = 1000

// maxPatched is how large a patch may make a record: copies of copies grow fast.
const maxPatched = 1 << 20
