package intake

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"thiefbox/fhirmock/query"
)

// BenchmarkRead is reading ten thousand records of five hundred patients, as a bulk export gives them.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	for name, text := range folk(500, 19) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		got, err := Read(dir, Options{Served: query.Served, CanaryURL: "https://x.test/canary", Mark: "{{canary}}"})
		if err != nil || len(got.Records) != 10_000 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/record")
}

// folk are patients with some observations each, in NDJSON.
func folk(patients, each int) map[string]string {
	var who, labs strings.Builder
	for p := range patients {
		fmt.Fprintf(&who, `{"resourceType":"Patient","id":"x%d","name":[{"family":"Lie"}],"birthDate":"1950-01-01"}`+"\n", p)
		for n := range each {
			fmt.Fprintf(&labs, `{"resourceType":"Observation","id":"x%d-%d","meta":{"lastUpdated":"2026-09-23T00:00:00Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Haemoglobin 13.4 g/dL</div>"},"status":"final",`+
				`"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Hemoglobin [Mass/volume] in Blood"}],"text":"Hemoglobin"},`+
				`"subject":{"reference":"Patient/x%d"},"effectiveDateTime":"2020-01-01T10:00:00Z","valueQuantity":{"value":13.4,"unit":"g/dL","system":"http://unitsofmeasure.org","code":"g/dL"}}`+"\n", p, n, p)
		}
	}
	return map[string]string{"Patient.ndjson": who.String(), "Observation.ndjson": labs.String()}
}
