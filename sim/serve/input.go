package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"thiefbox/sim/fapi"
)

// What programs write to this package's own paths: one JSON object, read strictly, because a member
// that is mistyped and passed over in silence costs its author an afternoon.

// readJSON decodes the body into v. An empty body is an empty object.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	if kind := r.Header.Get("Content-Type"); kind != "" && !strings.HasPrefix(kind, "application/json") && !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		return fmt.Errorf("expected a JSON object, got %s", kind)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxKept))
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return describeJSON(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("expected one JSON object, got something after it")
	}
	return fapi.CheckObject(body)
}

// describeJSON puts what encoding/json found into terms of the document instead of Go's types.
func describeJSON(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("expected %s to be %s, got a JSON %s", firstOf(wrong.Field, "the body"), inWords(wrong.Type.String()), wrong.Value)
	}
	return fmt.Errorf("expected a JSON object with the members of %s: %s", pathOpenAPI, strings.TrimPrefix(err.Error(), "json: "))
}

func inWords(goType string) string {
	switch goType {
	case "bool":
		return "true or false"
	case "int", "float64", "uint64":
		return "a number"
	case "string", "serve.Duration":
		return "a string"
	}
	return "an object"
}

// Duration is a duration in JSON, written as Go does: "90s", "10m", "1h30m".
type Duration time.Duration

// MarshalJSON writes "1m30s".
func (s Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(s).String()) }

// UnmarshalJSON reads "90s", and a bare number as seconds, as OAuth writes them.
func (s *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		text = string(data) + "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("expected a duration such as \"90s\", \"10m\" or a number of seconds, got %s", data)
	}
	*s = Duration(d)
	return nil
}

// UnmarshalYAML reads the same, with or without quotes.
func (s *Duration) UnmarshalYAML(data []byte) error {
	text := strings.Trim(strings.TrimSpace(string(data)), `"'`)
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		text = strconv.Quote(text)
	}
	return s.UnmarshalJSON([]byte(text))
}

func badInput(w http.ResponseWriter, err error) {
	refuse(w, http.StatusBadRequest, "invalid_request", err.Error())
}
