package telemetry

import "strconv"

// OpenTelemetry logs as OTLP/JSON (opentelemetry-proto 1.x, logs/v1): a line is one export request, as the file
// exporter writes them. Names that the semantic conventions have are used; the others begin with thiefbox.
var otlpKnown = map[string]string{
	"src_ip": "client.address", "method": "http.request.method", "status": "http.response.status_code", "url": "url.full", "host": "server.address",
	"path": "url.path", "sub": "user.id",
}

// Severity numbers of the log data model.
const (
	otlpInfo = 9
	otlpWarn = 13
)

func otlpRequest(e Entry) any {
	number, text := otlpInfo, "INFO"
	if e.failed() {
		number, text = otlpWarn, "WARN"
	}
	at := strconv.FormatInt(e.At.UnixNano(), 10) // 64 bits are a string in JSON
	record := object{
		{"timeUnixNano", at}, {"observedTimeUnixNano", at}, {"severityNumber", number}, {"severityText", text},
		{"eventName", "thiefbox." + e.Event}, {"body", otlpValue(otlpBody(e))}, {"attributes", otlpAttributes(e)},
	}
	resource := []any{
		otlpPair("service.name", e.text("service")), otlpPair("service.namespace", "thiefbox"),
	}
	if node := e.text("node"); node != "" {
		resource = append(resource, otlpPair("service.instance.id", node))
	}
	scope := object{{"scope", object{{"name", "thiefbox." + e.Log}}}, {"logRecords", []any{record}}}
	return object{{"resourceLogs", []any{object{
		{"resource", object{{"attributes", resource}}}, {"scopeLogs", []any{scope}},
	}}}}
}

func otlpBody(e Entry) string {
	if about := EventNames[e.Event]; about != "" {
		return about
	}
	return e.Event
}

func otlpAttributes(e Entry) []any {
	out := []any{}
	for _, f := range e.Fields {
		if f.Key == "service" || f.Key == "node" {
			continue
		}
		name, known := otlpKnown[f.Key]
		if !known {
			name = "thiefbox." + f.Key
		}
		out = append(out, otlpPair(name, f.Value))
	}
	return append(out, otlpPair("thiefbox.exercise", true))
}

func otlpPair(key string, value any) object { return object{{"key", key}, {"value", otlpValue(value)}} }

// otlpValue is an AnyValue.
func otlpValue(value any) object {
	switch v := value.(type) {
	case bool:
		return object{{"boolValue", v}}
	case int:
		return object{{"intValue", strconv.Itoa(v)}}
	case []string:
		values := make([]any, len(v))
		for i, s := range v {
			values[i] = otlpValue(s)
		}
		return object{{"arrayValue", object{{"values", values}}}}
	}
	s, _ := value.(string)
	return object{{"stringValue", s}}
}
