package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// exported returns the lines of a run in a format.
func exported(t *testing.T, f Format) (lines []map[string]any) {
	t.Helper()
	var b bytes.Buffer
	sink := Export(&b, f, func(err error) { t.Fatal(err) })
	for _, e := range morning(t) {
		sink(e)
	}
	for line := range strings.Lines(b.String()) {
		var m map[string]any
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&m); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, m)
	}
	if len(lines) != 11 {
		t.Fatalf("%s: expected 11 lines, got %d", f, len(lines))
	}
	return lines
}

// want checks values by path: "metadata.product.name". An empty one has to be there and not be empty.
func want(t *testing.T, doc map[string]any, values map[string]string) {
	t.Helper()
	for path, value := range values {
		var v any = doc
		for name := range strings.SplitSeq(path, "/") {
			m, _ := v.(map[string]any)
			v = m[name]
		}
		if got := fmt.Sprint(v); v == nil || got == "" || value != "" && got != value {
			t.Errorf("%s: expected %q, got %v in %v", path, value, v, doc)
		}
	}
}

// Required attributes and constraints of the classes, as ocsf/ocsf-schema states them (1.8.0; unchanged in
// a5cfc68e of 2026-07).
var ocsfRequired = map[string][]string{
	"3002": {"user/uid", "service/name"}, // at least one of service and dst_endpoint
	"3004": {"entity/name"},              // at least one of name, uid, device, group, org, policy, user
	"6003": {"actor", "api/operation", "src_endpoint"},
}

func TestOCSF(t *testing.T) {
	activities := map[string][]string{"3002": {"1", "2", "3", "4", "5", "6", "7", "99"}, "3004": {"1", "2", "3", "4", "99"}, "6003": {"1", "2", "3", "4", "99"}}
	for _, e := range exported(t, OCSF) {
		want(t, e, map[string]string{"activity_id": "", "category_uid": "", "class_uid": "", "severity_id": "", "type_uid": "",
			"time": "1795420800250", "metadata/version": "1.8.0", "metadata/product/name": "thiefbox", "metadata/product/vendor_name": "thiefbox"})
		class, activity := fmt.Sprint(e["class_uid"]), fmt.Sprint(e["activity_id"])
		for _, path := range ocsfRequired[class] {
			want(t, e, map[string]string{path: ""})
		}
		c, _ := strconv.Atoi(class)
		a, _ := strconv.Atoi(activity)
		if fmt.Sprint(e["type_uid"]) != strconv.Itoa(c*100+a) || fmt.Sprint(e["category_uid"]) != class[:1] || !slices.Contains(activities[class], activity) {
			t.Errorf("expected type %d, a category and an activity of class %s, got %v", c*100+a, class, e)
		}
		if actor, ok := e["actor"].(map[string]any); ok && len(actor) == 0 {
			t.Errorf("expected an actor with at least one of user, app_uid, app_name, got %v", e)
		}
		if r, ok := e["http_response"].(map[string]any); ok && r["code"] == nil {
			t.Errorf("http_response: expected a code, got %v", r)
		}
	}
}

// Values that ECS 8.17 allows in event.category, and in event.type with it (field reference, "Expected event types").
var ecsAllowed = map[string][]string{
	"api":            {"access", "admin", "allowed", "change", "creation", "deletion", "denied", "end", "info", "start", "user"},
	"authentication": {"start", "end", "info"},
	"configuration":  {"access", "change", "creation", "deletion", "info"},
	"session":        {"start", "end", "info"},
	"web":            {"access", "error", "info"},
}

func TestECS(t *testing.T) {
	for _, e := range exported(t, ECS) {
		want(t, e, map[string]string{"@timestamp": "2026-11-23T08:00:00.250Z", "ecs.version": "8.17.0", "event.kind": "event",
			"event.action": "", "event.outcome": "", "event.dataset": ""})
		if !slices.Contains([]string{"success", "failure", "unknown"}, fmt.Sprint(e["event.outcome"])) {
			t.Errorf("event.outcome: got %v", e["event.outcome"])
		}
		for _, c := range e["event.category"].([]any) {
			for _, k := range e["event.type"].([]any) {
				if !slices.Contains(ecsAllowed[c.(string)], k.(string)) {
					t.Errorf("%v: event.type %v does not go with event.category %v", e["event.action"], k, c)
				}
			}
		}
		if ip, ok := e["source.ip"].(string); ok {
			if _, err := netip.ParseAddr(ip); err != nil {
				t.Errorf("source.ip: %v", err)
			}
		}
		for name := range e {
			root, _, _ := strings.Cut(name, ".")
			if !slices.Contains([]string{"@timestamp", "ecs", "event", "service", "source", "user", "http", "url", "thiefbox"}, root) {
				t.Errorf("%s is in no field set of ECS, and not under thiefbox", name)
			}
		}
	}
}

// The kinds of event that the morning does not have, too, go together as the schema says.
func TestECSKindsFit(t *testing.T) {
	for name := range EventNames {
		categories, kinds := ecsKind(Entry{Event: name})
		for _, c := range categories {
			for _, k := range kinds {
				if !slices.Contains(ecsAllowed[c], k) {
					t.Errorf("%s: event.type %s does not go with event.category %s", name, k, c)
				}
			}
		}
	}
}

// The JSON mapping of opentelemetry-proto v1 logs: lowerCamelCase names, 64-bit numbers as strings, enums
// as numbers, one kind of value in an AnyValue.
func TestOTLP(t *testing.T) {
	for _, line := range exported(t, OTLP) {
		resource := line["resourceLogs"].([]any)[0].(map[string]any)
		otlpPairs(resource["resource"].(map[string]any)["attributes"], t)
		scope := resource["scopeLogs"].([]any)[0].(map[string]any)
		record := scope["logRecords"].([]any)[0].(map[string]any)
		want(t, record, map[string]string{"timeUnixNano": "1795420800250000000", "severityText": "", "eventName": "", "body/stringValue": ""})
		if n := fmt.Sprint(record["severityNumber"]); n != "9" && n != "13" {
			t.Errorf("severityNumber: got %s", n)
		}
		if _, ok := record["timeUnixNano"].(string); !ok {
			t.Error("expected 64 bits to be a string")
		}
		otlpPairs(record["attributes"], t)
	}
}

func otlpPairs(list any, t *testing.T) {
	t.Helper()
	seen := map[string]bool{}
	for _, p := range list.([]any) {
		pair := p.(map[string]any)
		key, value := pair["key"].(string), pair["value"].(map[string]any)
		if seen[key] || key == "" || len(value) != 1 {
			t.Errorf("expected one value for each key, got %v", pair)
		}
		seen[key] = true
		for kind, v := range value {
			switch v.(type) {
			case string:
				if kind != "stringValue" && kind != "intValue" {
					t.Errorf("%v", pair)
				}
			case bool:
				if kind != "boolValue" {
					t.Errorf("%v", pair)
				}
			case map[string]any:
				if kind != "arrayValue" {
					t.Errorf("%v", pair)
				}
			default:
				t.Errorf("did not expect %T in %v", v, pair)
			}
		}
	}
}

func TestCanonicalJSON(t *testing.T) {
	for _, e := range exported(t, JSON) {
		want(t, e, map[string]string{"ts": "2026-11-23T08:00:00.250Z", "log": "", "event": "", "service": "", "exercise": "true"})
		for key, v := range e {
			if _, nested := v.(map[string]any); nested || strings.ToLower(key) != key || strings.Contains(key, ".") {
				t.Errorf("expected flat snake case, got %s: %v", key, v)
			}
		}
	}
}

func TestExportTellsOfALoss(t *testing.T) {
	var lost []error
	sink := Export(broken{}, JSON, func(err error) { lost = append(lost, err) })
	for _, e := range morning(t) {
		sink(e)
	}
	if len(lost) != 11 {
		t.Errorf("expected 11 losses, got %v", lost)
	}
	if _, err := ParseFormat("xml"); err == nil {
		t.Error("expected xml to be refused")
	}
	if _, err := Format("xml").Line(Entry{}); err == nil || errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("expected a format that is unknown to be refused, got %v", err)
	}
}

func BenchmarkWitness(b *testing.B) {
	events := morning(b)
	b.ReportAllocs()
	for b.Loop() {
		w := NewWitness()
		for _, e := range events {
			w.See(e)
		}
	}
}
