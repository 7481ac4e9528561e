package serve

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"thiefbox/fhirmock/r4"
)

// The writers of TestKillAmongRecords: each writes in one way, on records of its own, and knows what must be there.

const fhirJSON = "application/fhir+json"

func (w *recordWriter) creates() bool {
	says := fmt.Sprintf("%s %d", w.name, w.answered)
	header, ok := w.write(http.MethodPost, "/Observation", fhirJSON, observationOf("", says))
	if !ok {
		return false
	}
	_, after, _ := strings.Cut(header.Get("Location"), "/Observation/")
	id, _, _ := strings.Cut(after, "/")
	w.kept[id] = says
	return true
}

func (w *recordWriter) updates() bool {
	w.fixed = []string{w.name + "-updated"}
	_, ok := w.write(http.MethodPut, "/Observation/"+w.fixed[0], fhirJSON, observationOf(w.fixed[0], strconv.Itoa(w.number+1)))
	if ok {
		w.number++
	}
	return ok
}

func (w *recordWriter) patches() bool {
	if w.number == 0 {
		return w.updates()
	}
	_, ok := w.write(http.MethodPatch, "/Observation/"+w.fixed[0], "application/json-patch+json", fmt.Sprintf(`[{"op":"replace","path":"/code/text","value":"%d"}]`, w.number+1))
	if ok {
		w.number++
	}
	return ok
}

func (w *recordWriter) deletes() bool {
	id := fmt.Sprintf("%s-deleted-%d", w.name, w.answered)
	if _, ok := w.write(http.MethodPut, "/Observation/"+id, fhirJSON, observationOf(id, id)); !ok {
		return false
	}
	// Whether it is there is not known from here until the answer.
	if _, ok := w.write(http.MethodDelete, "/Observation/"+id, fhirJSON, ""); !ok {
		return false
	}
	w.kept[id] = ""
	return true
}

func (w *recordWriter) transacts() bool {
	var entries []string
	w.fixed = nil
	for n := range 50 {
		id := fmt.Sprintf("%s-of-fifty-%d", w.name, n)
		w.fixed = append(w.fixed, id)
		entries = append(entries, fmt.Sprintf(`{"resource":%s,"request":{"method":"PUT","url":"Observation/%s"}}`, observationOf(id, strconv.Itoa(w.number+1)), id))
	}
	_, ok := w.write(http.MethodPost, "/", fhirJSON, `{"resourceType":"Bundle","type":"transaction","entry":[`+strings.Join(entries, ",")+`]}`)
	if ok {
		w.number++
	}
	return ok
}

// exports asks for all observations, while others write, and leaves the export there until the next one.
func (w *recordWriter) exports() bool {
	was := w.export
	lines, total, ok := w.exported()
	if ok && total > 0 && lines == 0 {
		w.t.Error("expected an export of something")
	}
	if !ok || was.path == "" {
		return ok
	}
	if _, _, _, ok = w.do(http.MethodDelete, was.path, fhirJSON, ""); ok {
		w.deleted = was.path
	} else {
		w.orphans = append(w.orphans, was.path)
	}
	return ok
}

func (w *recordWriter) exported() (lines, total int, ok bool) {
	status, _, text, ok := w.do(http.MethodGet, "/Observation?_summary=count", fhirJSON, "")
	if !ok {
		return 0, 0, false
	}
	n, err := r4.Parse([]byte(text))
	if err != nil || status != http.StatusOK {
		w.t.Errorf("expected a count, got %d %s", status, text)
		return 0, 0, false
	}
	if total, err = strconv.Atoi(n.Get("total").Text); err != nil {
		w.t.Errorf("expected a count, got %s", text)
	}
	status, header, text, ok := w.do(http.MethodGet, "/$export", fhirJSON, "")
	if !ok {
		return 0, 0, false
	}
	_, at, found := strings.Cut(header.Get("Content-Location"), "/fhir")
	if status != http.StatusAccepted || !found {
		w.t.Errorf("expected an export to begin, got %d %s", status, text)
		return 0, 0, false
	}
	if _, _, text, ok = w.do(http.MethodGet, at+"/Observation.ndjson", fhirJSON, ""); !ok {
		w.orphans = append(w.orphans, at)
		return 0, 0, false
	}
	w.export = begun{at, strings.Count(text, "\n")}
	return w.export.lines, total, true
}

// check holds what the server has against what it had answered before it was killed.
func (w *recordWriter) check() {
	w.t.Helper()
	for id, says := range w.kept {
		status, _, text, _ := w.do(http.MethodGet, "/Observation/"+id, fhirJSON, "")
		switch {
		case says == "" && status != http.StatusGone:
			w.t.Errorf("%s: expected it to stay deleted, got %d %s", id, status, text)
		case says != "" && (status != http.StatusOK || !strings.Contains(text, `"text":"`+says+`"`)):
			w.t.Errorf("%s: expected %q, got %d %s", id, says, status, text)
		}
	}
	now := -1
	for _, id := range w.fixed {
		status, header, text, _ := w.do(http.MethodGet, "/Observation/"+id, fhirJSON, "")
		n, version := 0, 0
		if status != http.StatusNotFound {
			resource, err := r4.Parse([]byte(text))
			if err != nil {
				w.t.Errorf("%s: got %d %s", id, status, text)
				continue
			}
			n, _ = strconv.Atoi(resource.Get("code").String("text"))
			version, _ = strconv.Atoi(strings.Trim(header.Get("ETag"), `W/"`))
		}
		if n != version || n < w.number || n > w.number+1 {
			w.t.Errorf("%s: %d writes were answered, got the one of number %d as version %d", id, w.number, n, version)
		}
		if now >= 0 && n != now {
			w.t.Errorf("%s is of transaction %d, others are of %d: it was torn", id, n, now)
		}
		now = n
	}
	if now >= 0 {
		w.number = now
	}
	w.checkExport()
	if lines, total, ok := w.exported(); !ok || lines != total {
		w.t.Errorf("expected an export of %d observations, got %d", total, lines)
	}
}

// checkExport holds an export that was there against what it was, and one that was deleted against nothing.
func (w *recordWriter) checkExport() {
	w.t.Helper()
	for _, path := range w.orphans { // whether they are there is not known; too many are not to be had
		w.do(http.MethodDelete, path, fhirJSON, "")
	}
	w.orphans = nil
	if w.deleted != "" {
		if status, _, text, _ := w.do(http.MethodGet, w.deleted, fhirJSON, ""); status != http.StatusNotFound {
			w.t.Errorf("%s: expected it to stay deleted, got %d %s", w.deleted, status, text)
		}
	}
	if w.export.path == "" || w.export.path == w.deleted {
		return
	}
	status, _, text, _ := w.do(http.MethodGet, w.export.path+"/Observation.ndjson", fhirJSON, "")
	if lines := strings.Count(text, "\n"); status != http.StatusOK || lines != w.export.lines {
		w.t.Errorf("%s: expected %d lines again, got %d and %d", w.export.path, w.export.lines, status, lines)
	}
	w.do(http.MethodDelete, w.export.path, fhirJSON, "")
	w.export = begun{}
}
