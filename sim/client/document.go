package client

import (
	"context"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// What hangs on a DocumentReference is shown below the list of documents, unless it is plain text that lies in the
// record: that its narrative tells. A document that lies elsewhere is fetched by its address, which is relative, or
// begins like the API that the record came from. Somebody may have written another one there.

// attachment is what hangs on a record (R4 datatypes, Attachment), or a Binary.
type attachment struct{ contentType, data, url, title string }

// mostFetched is how many documents of a page are fetched: each is a request.
const mostFetched = 20

// foreign is an address out of a record on trial, and the API that the record is of.
type foreign struct{ address, own string }

// foreignGuards judge what is about to be fetched. Without them the EHR asks whoever is there, with its token.
var foreignGuards = []control.Guard[foreign]{
	{Control: control.ClientForeignReference, Check: checkForeign, Answer: notFetched},
}

// notFetched is no answer of its own: the page is shown without the document.
var notFetched = control.Answer{Status: http.StatusOK, Code: "foreign_reference", Safe: keptElsewhere}

const keptElsewhere = "This document is kept elsewhere."

// checkForeign: BCP s4.9.1: a token goes to the API that it is for.
func checkForeign(f *foreign) (string, error) {
	if strings.HasPrefix(f.address, f.own+"/") && !strings.Contains(f.address, "/..") {
		return f.address, nil
	}
	return f.address, control.ExpectedFix("address in a record", "one of "+f.own, f.address, "show the link, and leave it to the reader to follow it")
}

// document is what the page shows of an attachment.
type document struct {
	of, title string
	markup    string // HTML that may stand in a page of ours
	words     string // or text
	note      string // or why there is nothing
}

// attached makes what is shown of the attachments of documents. Whatever goes wrong is noted in its place.
func (e *EHR) attached(ctx context.Context, s *session, from source, rows []resource) (all []document) {
	fetched := 0
	for i := range rows {
		r := &rows[i]
		for _, a := range r.attachments {
			d := document{of: r.kind + "/" + r.id, title: a.title}
			switch {
			case a.data != "" && kindOf(a.contentType) == "text/plain":
				continue
			case a.data != "":
				d.fill(e, ctx, a)
			case a.url == "":
				continue
			case fetched == mostFetched:
				d.note = "There are too many documents to show them all."
			default:
				fetched++
				e.fetchDocument(ctx, s, from, a.url, &d)
			}
			all = append(all, d)
		}
	}
	return all
}

// fill reads a document that is there.
func (d *document) fill(e *EHR, ctx context.Context, a attachment) {
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(a.data), ""))
	if err != nil {
		d.note = "This document cannot be read."
		return
	}
	d.show(e, ctx, a.contentType, string(data))
}

// show decides how a document is shown, by its type.
func (d *document) show(e *EHR, ctx context.Context, contentType, text string) {
	switch kind := kindOf(contentType); kind {
	case "text/plain":
		d.words = text
	case "text/html", "application/xhtml+xml":
		if d.markup = e.admitted(ctx, markup{d.of, text}); d.markup == "" {
			d.words = (&resource{div: text}).narrative()
		}
	default:
		d.note = "A document of the type " + kind + "."
	}
}

func kindOf(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "unknown"
	}
	return kind
}

// fetchDocument fetches a document with the token of the API that its record came from.
func (e *EHR) fetchDocument(ctx context.Context, s *session, from source, address string, d *document) {
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() && (u.Scheme != "https" || u.Host == "" || u.User != nil) || !u.IsAbs() && (u.Host != "" || strings.HasPrefix(u.Path, "/") || strings.Contains(u.Path, "..")) {
		d.note = "The address of this document cannot be understood."
		return
	}
	path := "/" + address
	if u.IsAbs() {
		if err := party.Enforce(ctx, e.protocol.party, &foreign{address, from.base}, foreignGuards); err != nil {
			d.note = keptElsewhere
			return
		}
		from.base, path = "", address
	}
	rep, err := e.fetch(ctx, s, from, path)
	if err != nil {
		e.tell(ctx, failureOf(fmt.Errorf("document %s of %s: %w", address, d.of, err)))
		d.note = "Could not be read."
		return
	}
	kind := rep.header.Get("Content-Type")
	if k := kindOf(kind); k != "application/fhir+json" && k != "application/json" {
		d.show(e, ctx, kind, string(rep.body))
		return
	}
	binary, err := readBinary(rep.body)
	if err != nil {
		d.note = "This document cannot be read."
		return
	}
	d.fill(e, ctx, binary)
}

// readBinary reads a Binary as FHIR writes it.
func readBinary(body []byte) (a attachment, err error) {
	s := scanner{data: body}
	s.attachment(&a)
	return a, s.end()
}

// attachments takes the content of a DocumentReference. Content of other types is no list.
func (s *scanner) attachments(r *resource) {
	if s.peek() != '[' {
		s.skip()
		return
	}
	s.array(func() {
		s.object(func(name []byte) {
			if string(name) != "attachment" {
				s.skip()
				return
			}
			var a attachment
			s.attachment(&a)
			r.attachments = append(r.attachments, a)
		})
	})
}

func (s *scanner) attachment(a *attachment) {
	s.object(func(name []byte) {
		switch string(name) {
		case "contentType":
			a.contentType = s.text()
		case "data":
			a.data = s.text()
		case "url":
			a.url = s.text()
		case "title":
			a.title = s.text()
		default:
			s.skip()
		}
	})
}

// documents shows what hangs on them.
func (p *page) documents(all []document) {
	for _, d := range all {
		p.raw("<section data-document=\"").text(d.of).raw("\">\n<h2>").text(d.title).raw("</h2>\n")
		switch {
		case d.note != "":
			p.raw("<p>").text(d.note).raw("</p>\n")
		case d.markup != "":
			p.raw("<div>").raw(d.markup).raw("</div>\n")
		default:
			p.raw("<pre>").text(d.words).raw("</pre>\n")
		}
		p.raw("</section>\n")
	}
}
