package intake

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, files map[string]string, change func(*Options)) (*Result, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := Options{CanaryURL: "https://canary.test", Mark: "{{canary}}",
		Served: func(kind string) bool { return kind != "Claim" }}
	if change != nil {
		change(&o)
	}
	return Read(dir, o)
}

// A bundle as Synthea writes it: entries that refer to each other by urn:uuid, to a professional in another
// file by a search, and of a type that is not served.
const synthea = `{"resourceType":"Bundle","type":"transaction","entry":[
 {"fullUrl":"urn:uuid:3f1d4d6e-0000-4000-8000-000000000001","resource":{"resourceType":"Patient","id":"3f1d4d6e-0000-4000-8000-000000000001","gender":"female"}},
 {"fullUrl":"urn:uuid:3f1d4d6e-0000-4000-8000-000000000002","resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},
  "subject":{"reference":"urn:uuid:3f1d4d6e-0000-4000-8000-000000000001"},"performer":[{"reference":"Practitioner?identifier=http://npi|7"}]}},
 {"fullUrl":"urn:uuid:3f1d4d6e-0000-4000-8000-000000000003","resource":{"resourceType":"Claim","id":"c"}},
 {"fullUrl":"urn:uuid:b","resource":{"resourceType":"Binary","id":"b1","contentType":"text/plain","data":"eA==","securityContext":{"reference":"DocumentReference/d1"}}},
 {"fullUrl":"urn:uuid:d","resource":{"resourceType":"DocumentReference","id":"d1","status":"current","subject":{"reference":"urn:uuid:3f1d4d6e-0000-4000-8000-000000000001"},"content":[{"attachment":{"url":"Binary/b1"}}]}}]}`

const professionals = `{"resourceType":"Practitioner","id":"gp7","identifier":[{"system":"http://npi","value":"7"}]}` + "\n\n"

func TestAFolderOfBundles(t *testing.T) {
	got, err := read(t, map[string]string{"a.json": synthea, "z.ndjson": professionals}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Unknown["Claim"] != 1 || got.Loaded["Patient"] != 1 || len(got.Records) != 5 || !strings.Contains(got.String(), "not served, left out: Claim 1") {
		t.Errorf("got %s", got)
	}
	patient := "3f1d4d6e-0000-4000-8000-000000000001"
	for _, r := range got.Records {
		text := string(r.Append(nil, "canary-1"))
		if r.Type == "Practitioner" {
			if strings.Contains(text, "canary") || len(r.Patients) > 0 {
				t.Errorf("expected nobody's record, got %s", text)
			}
			continue
		}
		if !slices.Equal(r.Patients, []string{patient}) || strings.Count(text, "canary-1") != 1 || strings.Contains(text, "{{") {
			t.Errorf("%s/%s: expected a record of the patient with a canary, got %v, %s", r.Type, r.ID, r.Patients, text)
		}
		if r.Type == "Observation" && (r.ID != "3f1d4d6e-0000-4000-8000-000000000002" || !slices.Equal(r.References("performer"), []string{"Practitioner/gp7"})) {
			t.Errorf("expected references by name, got %s", text)
		}
	}
}

// Each of Synthea's bundles brings the hospital along, with a count in an extension that differs from bundle to bundle.
func TestHospitalsOfSeveralBundles(t *testing.T) {
	bundle := func(patient, hospital string) string {
		return `{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:h1","resource":{"resourceType":"Organization","id":"h1",` + hospital + `}},` +
			`{"fullUrl":"urn:uuid:` + patient + `","resource":{"resourceType":"Patient","id":"` + patient + `","managingOrganization":{"reference":"urn:uuid:h1"}}}]}`
	}
	got, err := read(t, map[string]string{"a.json": bundle("p1", `"name":"one"`), "b.json": bundle("p2", `"name":"two"`)}, nil)
	if err != nil || len(got.Records) != 3 || got.Repeated["Organization"] != 1 || !strings.Contains(got.String(), "in several bundles, loaded once: Organization 1") {
		t.Errorf("expected the hospital once, got %v %v", got, err)
	}
	if _, err := read(t, map[string]string{"a.json": bundle("p1", `"name":"one"`), "b.json": bundle("p1", `"name":"one"`)}, nil); err == nil {
		t.Error("expected one patient twice to be refused")
	}
}

func TestWhatIsWrongIsToldAndNothingLoaded(t *testing.T) {
	good := `{"resourceType":"Patient","id":"a"}`
	for name, c := range map[string]struct{ file, text, want string }{
		"value":      {"x.ndjson", good + "\n" + `{"resourceType":"Observation","id":"o","status":"wrong","code":{"text":"x"}}`, "x.ndjson, line 2, Observation.status"},
		"entry":      {"x.json", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + good + `},{"resource":{"resourceType":"Observation","id":"o"}}]}`, "x.json, entry 1, Observation"},
		"JSON":       {"x.ndjson", good + "\n{", "x.ndjson, line 2: expected JSON"},
		"no type":    {"x.json", `{"a":1}`, "without resourceType"},
		"no id":      {"x.json", `{"resourceType":"Patient"}`, "Patient.id: expected an id"},
		"bad id":     {"x.json", `{"resourceType":"Patient","id":"a/b"}`, "Patient.id: expected an id"},
		"twice":      {"x.ndjson", good + "\n" + good, "line 2, Patient.id: expected a name of its own"},
		"taken":      {"x.json", `{"resourceType":"Patient","id":"p01"}`, "expected a name of its own"},
		"lost":       {"x.json", `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:gone"}}`, `got "urn:uuid:gone"`},
		"no entry":   {"x.json", `{"resourceType":"Bundle","type":"collection","entry":[{}]}`, "x.json, entry 0: expected a resource"},
		"not served": {"x.json", `{"resourceType":"Claim","id":"c"}`, "got none"},
		"empty":      {"x.txt", good, ".ndjson, got none"},
	} {
		_, err := read(t, map[string]string{c.file: c.text}, func(o *Options) { o.Taken = func(_, id string) bool { return id == "p01" } })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: expected an error with %q, got %v", name, c.want, err)
		}
	}
	got, err := read(t, map[string]string{"x.ndjson": good + "\n{\n" + `{"resourceType":"Observation","id":"o"}`}, func(o *Options) { o.SkipInvalid = true })
	if err != nil || len(got.Records) != 1 || got.Refused != 2 || !strings.Contains(got.String(), "refused 2") {
		t.Errorf("expected the good one and two refusals, got %v, %v", got, err)
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none"), Options{}); err == nil {
		t.Error("expected no such file")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(synthea)
	f.Add(professionals)
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "x.ndjson")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path, Options{Served: func(string) bool { return true }, SkipInvalid: true}); err == nil && len(got.Records) == 0 {
			t.Error("expected records or an error")
		}
	})
}

// However many are read at a time, they come in the order of the files, and what is wrong is told in that order.
func TestManyLines(t *testing.T) {
	files := folk(500, 19)
	lines := strings.SplitAfter(files["Observation.ndjson"], "\n")
	lines[3000], lines[7000] = "{\n", `{"resourceType":"Observation","id":"o"}`+"\n"
	files["Observation.ndjson"] = strings.Join(lines, "")
	got, err := read(t, files, func(o *Options) { o.SkipInvalid = true })
	if err != nil || len(got.Records) != 9998 || got.Refused != 2 || !strings.Contains(got.Problems[0], "line 3001:") || !strings.Contains(got.Problems[1], "line 7001, ") {
		t.Fatalf("expected two refusals, got %v %v", got, err)
	}
	if r := got.Records; r[0].ID != "x0-0" || r[3000].ID != "x157-18" || r[9497].ID != "x499-18" || r[9498].ID != "x0" || !slices.Equal(r[20].Patients, []string{"x1"}) {
		t.Errorf("expected the order of the files, got %s, %s, %s, %s of %v", r[0].ID, r[3000].ID, r[9497].ID, r[9498].ID, r[20].Patients)
	}
}
