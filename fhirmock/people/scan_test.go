package people

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"thiefbox/fhirmock/store"
)

// What is in a Binary carries the canary too: whoever is sent the content alone has the record. It is a document's,
// which says where it is.
func TestContentCarriesTheCanary(t *testing.T) {
	town, err := Town(Settings{People: 30, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	v, seen, pdfs := store.New(town.Base()).View(), 0, 0
	search := v.Find("Binary", nil, nil, nil)
	for found := search.Next(); found != nil; found = search.Next() {
		r, _ := found.Open(everybody{}, store.AsRead)
		n := r.Node("canary-0123456789abcdef")
		content, err := base64.StdEncoding.DecodeString(n.String("data"))
		if err != nil || !bytes.HasSuffix(content, []byte("canary-0123456789abcdef")) {
			t.Fatalf("%s: expected content that ends with the canary, got %v and %q", r.ID, err, content)
		}
		if want := "Patient/" + r.Patients[0]; n.Get("securityContext").String("reference") != want {
			t.Errorf("%s: expected %s as securityContext", r.ID, want)
		}
		if n.String("contentType") == "application/pdf" {
			pdfs++
			wantPDF(t, content)
		}
		seen++
	}
	if pdfs == 0 || pdfs == seen {
		t.Errorf("expected scanned letters and notes, got %d of %d", pdfs, seen)
	}
	letters := 0
	for _, r := range Everybody().Records("DocumentReference") {
		if url := r.Node("c").List("content")[0].Get("attachment").String("url"); url != "" {
			letters++
			if file := Everybody().Record("Binary", strings.TrimPrefix(url, "Binary/")); file == nil || file.Patients[0] != r.Patients[0] {
				t.Errorf("%s leads to %s, which is not there or another's", r.ID, url)
			}
		}
	}
	if letters != pdfs {
		t.Errorf("expected a document for each letter, got %d for %d", letters, pdfs)
	}
}

// wantPDF looks at what a reader of PDF begins with: the end names the table, and the table each object.
func wantPDF(t *testing.T, content []byte) {
	t.Helper()
	end := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n`).FindSubmatch(content)
	if !bytes.HasPrefix(content, []byte("%PDF-1.4\n")) || end == nil {
		t.Fatalf("expected a PDF, got %q", content)
	}
	table, _ := strconv.Atoi(string(end[1]))
	if !bytes.HasPrefix(content[table:], []byte("xref\n0 6\n")) {
		t.Errorf("expected the table at %d", table)
	}
	for i, m := range regexp.MustCompile(`(\d{10}) 00000 n `).FindAllSubmatch(content, -1) {
		at, _ := strconv.Atoi(string(m[1]))
		if want := fmt.Sprintf("%d 0 obj", i+1); !bytes.HasPrefix(content[at:], []byte(want)) {
			t.Errorf("expected %s at %d, got %.20q", want, at, content[at:])
		}
	}
}
