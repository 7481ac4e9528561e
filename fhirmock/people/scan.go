package people

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"thiefbox/fhirmock/store"
)

// Some letters came on paper, and were scanned. The DocumentReference says what a letter is; the letter itself is a Binary
// at an address of its own, a PDF, whose securityContext is the patient. Nothing else in a Binary says whose it is.

var docLetter = docKind{loinc: "51852-2", title: "Letter"}

// onPaper tells whether the nth of the forty (from 0) was written about on paper.
func onPaper(n int) bool { return n%10 == 4 }

// letter files what the hospital wrote after the first visit. It is the last of the chart, so that no other record is
// numbered otherwise than it was, and rolls no dice.
func (w *writer) letter(a ailment, visit time.Time) {
	w.labels = a.labels()
	defer func() { w.labels = nil }()
	when := visit.AddDate(0, 0, 4)
	h, id := w.begin("DocumentReference", "doc", when)
	title := docLetter.title + " from the hospital: " + a.text
	w.out = append(w.out, &documentResource{
		head: h, Identifier: id, Status: "current", DocStatus: "final",
		Type:     concept{Coding: []coding{{System: sysLOINC, Code: docLetter.loinc}}, Text: docLetter.title},
		Category: []concept{{Text: "Scanned"}},
		Subject:  w.subject(), Date: instant(when), Author: []reference{to("Organization", HospitalID)}, Custodian: to("Organization", w.patient.Clinic),
		Content: []documentPart{{Attachment: attachment{
			ContentType: "application/pdf", Language: "en", Title: title, URL: "Binary/" + w.scan(title, when), Creation: instant(when),
		}}},
	})
}

// binaryResource is no DomainResource: it has neither narrative nor extensions but those of its meta.
type binaryResource struct {
	ResourceType    string     `json:"resourceType"`
	ID              string     `json:"id"`
	Meta            markedMeta `json:"meta"`
	ContentType     string     `json:"contentType"`
	SecurityContext reference  `json:"securityContext"`
	Data            string     `json:"data"`
}

type markedMeta struct {
	Extension []extension `json:"extension"`
	meta
}

// scan makes the Binary, and returns its id.
func (w *writer) scan(title string, when time.Time) string {
	h, _ := w.begin("Binary", "file", when)
	text, err := json.Marshal(binaryResource{
		ResourceType: "Binary", ID: h.ID, Meta: markedMeta{[]extension{{URL: CanaryURL, ValueString: CanaryMark}}, h.Meta},
		ContentType: "application/pdf", SecurityContext: w.subject(),
		Data: encoded(pdf(title, "An invented letter about an invented patient.")),
	})
	if err != nil {
		panic("people: " + err.Error())
	}
	w.scans = append(w.scans, store.Prerendered("Binary", h.ID, w.patient.ID, when, text, CanaryMark))
	return h.ID
}

// endingInCanary pads a text so that the canary behind it stands by itself in base64 (store.Prerendered).
func endingInCanary(text string) string {
	return text + strings.Repeat(" ", (3-len(text)%3)%3) + CanaryMark
}

// pdf is a page with some lines (PDF 1.4): five objects, the table of where they are, and behind the end, in a
// comment, the canary.
func pdf(lines ...string) string {
	page := "BT /F1 12 Tf 72 760 Td 16 TL"
	for _, l := range lines {
		page += " (" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(l) + ") Tj T*"
	}
	page += " ET"
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(page), page), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}
	at := make([]int, 0, len(objects))
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj%s endobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, place := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", place)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n%%", len(objects)+1, table)
	return endingInCanary(b.String())
}
