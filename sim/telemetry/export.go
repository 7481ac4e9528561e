package telemetry

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"thiefbox/sim/event"
)

// Format is a way to write the logs of the honest, a JSON document a line.
type Format string

// Formats that others read.
const (
	JSON Format = "json" // an Entry as it is: flat names
	OCSF Format = "ocsf" // Open Cybersecurity Schema Framework
	ECS  Format = "ecs"  // Elastic Common Schema
	OTLP Format = "otlp" // OpenTelemetry protocol, as its file exporter writes it
)

var mappings = map[Format]func(Entry) any{JSON: jsonLine, OCSF: ocsfEvent, ECS: ecsDocument, OTLP: otlpRequest}

// Formats are the names of the formats.
func Formats() []string { return []string{string(JSON), string(OCSF), string(ECS), string(OTLP)} }

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	if !slices.Contains(Formats(), name) {
		return "", fmt.Errorf("expected a format of logs (%s), got %q", strings.Join(Formats(), ", "), name)
	}
	return Format(name), nil
}

// Line writes one entry, without a newline.
func (f Format) Line(e Entry) ([]byte, error) {
	mapping, ok := mappings[f]
	if !ok {
		return nil, fmt.Errorf("expected a format of logs (%s), got %q", strings.Join(Formats(), ", "), string(f))
	}
	return plainJSON(mapping(e))
}

// Export returns a sink for the events of one run, which writes the logs of its honest parties. An entry is
// one Write, so that runs can share a file.
func Export(to io.Writer, f Format, failed func(error)) func(event.Event) {
	return ExportBy(NewWitness(), to, f, failed)
}

// ExportBy is Export by a witness that knows more than the events tell.
func ExportBy(w *Witness, to io.Writer, f Format, failed func(error)) func(event.Event) {
	return func(e event.Event) {
		for _, entry := range w.See(e) {
			line, err := f.Line(entry)
			if err == nil {
				_, err = to.Write(append(line, '\n'))
			}
			if err != nil && failed != nil {
				failed(err)
			}
		}
	}
}
