package client

import (
	"html"
	"strings"
)

// resource is what the EHR shows of a FHIR resource: its narrative, which FHIR means for people, and
// the extensions that are text.
type resource struct {
	kind, id   string
	div        string // XHTML
	extensions []string
	name       string // of a patient
	birthDate  string
	shown      string // div, where it is more than words and may stand in a page of ours (markup.go)

	attachments []attachment // of a DocumentReference
}

// readResource reads one resource.
func readResource(body []byte) (*resource, error) {
	s := scanner{data: body}
	var r resource
	s.resource(&r)
	return &r, s.end()
}

// readBundle reads the resources of a search.
func readBundle(body []byte) ([]resource, error) {
	s := scanner{data: body}
	var all []resource
	s.object(func(name []byte) {
		if string(name) != "entry" {
			s.skip()
			return
		}
		s.array(func() {
			s.object(func(name []byte) {
				if string(name) != "resource" {
					s.skip()
					return
				}
				all = append(all, resource{})
				s.resource(&all[len(all)-1])
			})
		})
	})
	return all, s.end()
}

func (s *scanner) resource(r *resource) {
	s.object(func(name []byte) {
		switch string(name) {
		case "resourceType":
			r.kind = s.text()
		case "id":
			r.id = s.text()
		case "birthDate":
			r.birthDate = s.text()
		case "text":
			s.member("div", &r.div)
		case "extension":
			s.array(func() {
				var value string
				if s.member("valueString", &value); value != "" {
					r.extensions = append(r.extensions, value)
				}
			})
		case "name":
			s.name(r)
		case "content":
			s.attachments(r)
		default:
			s.skip()
		}
	})
}

// member takes one member of an object, which is text.
func (s *scanner) member(wanted string, into *string) {
	s.object(func(name []byte) {
		if string(name) != wanted {
			s.skip()
			return
		}
		*into = s.text()
	})
}

// name takes a list of HumanName and keeps the first. Some resources have a name that is text, which
// is passed over.
func (s *scanner) name(r *resource) {
	if s.peek() != '[' {
		s.skip()
		return
	}
	s.array(func() {
		var text, family string
		var given []string
		s.object(func(name []byte) {
			switch string(name) {
			case "text":
				text = s.text()
			case "family":
				family = s.text()
			case "given":
				s.array(func() { given = append(given, s.text()) })
			default:
				s.skip()
			}
		})
		if text == "" {
			text = strings.TrimSpace(strings.Join(given, " ") + " " + family)
		}
		if r.name == "" {
			r.name = text
		}
	})
}

// title names a patient for the top of the page.
func (r *resource) title() string {
	if r.name == "" {
		return "Patient " + r.id
	}
	return r.name
}

// narrative is the text of a resource's XHTML. Its tags are dropped and what remains is escaped again
// when it is shown.
func (r *resource) narrative() string {
	div := r.div
	if !strings.ContainsAny(div, "<&") {
		return div
	}
	var bare strings.Builder
	bare.Grow(len(div))
	for div != "" {
		text, rest, found := strings.Cut(div, "<")
		bare.WriteString(text)
		if !found {
			break
		}
		_, after, closed := strings.Cut(rest, ">")
		if !closed {
			break
		}
		bare.WriteByte(' ') // the words on both sides of a tag stay apart
		div = after
	}
	text := html.UnescapeString(bare.String())
	var words strings.Builder
	words.Grow(len(text))
	for word := range strings.FieldsSeq(text) {
		if words.Len() > 0 {
			words.WriteByte(' ')
		}
		words.WriteString(word)
	}
	return words.String()
}
