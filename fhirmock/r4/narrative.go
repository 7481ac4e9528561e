package r4

import (
	"encoding/xml"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// What may stand in a narrative (txt-1): formatting as in chapters 7 to 11 and 15 of HTML 4.0, links and images. A link
// that runs a script is no formatting either, though the invariant lists names alone.

// HasNarrative tells whether a resource, or one that it contains, has a narrative.
func HasNarrative(n *Node) bool {
	if n.Get("text").Get("div") != nil {
		return true
	}
	for _, c := range n.List("contained") {
		if HasNarrative(c) {
			return true
		}
	}
	return false
}

// ActiveNarratives says where narratives of a resource hold what they must not (txt-1): the first such thing of each. It
// takes a resource that is well-formed.
func ActiveNarratives(n *Node) []Issue {
	out := narrativeOf(n, n.Resource())
	for i, c := range n.List("contained") {
		out = append(out, narrativeOf(c, n.Resource()+".contained["+strconv.Itoa(i)+"]")...)
	}
	return out
}

func narrativeOf(n *Node, at string) []Issue {
	if what := notFormatting(n.Get("text").String("div")); what != "" {
		return []Issue{{Code: "invariant", Expression: at + ".text.div", Text: "expected formatting, links and images, got " + what + " (txt-1)"}}
	}
	return nil
}

// notFormatting names the first thing in a narrative that is no formatting, "" if there is none. It is XHTML, and it is
// browsers who show it, as HTML: what is a comment or plain text to one may be markup to the other, so both are asked.
func notFormatting(div string) string {
	if div == "" {
		return ""
	}
	if what := asXML(div); what != "" {
		return what
	}
	if what := asHTML(div); what != "" {
		return what + ", as browsers read it"
	}
	return ""
}

// asXML stops where the text is not well-formed, which is the business of others.
func asXML(div string) string {
	d := xml.NewDecoder(strings.NewReader(div))
	d.Entity = xml.HTMLEntity
	for {
		t, err := d.Token()
		if err != nil {
			return ""
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if !formats(e.Name.Local) {
			return "<" + cut(e.Name.Local) + ">"
		}
		for _, a := range e.Attr {
			switch a.Name.Space {
			case "xmlns":
			case "":
				if !formatsBy(a.Name.Local, a.Value) {
					return cut(a.Name.Local) + " of <" + e.Name.Local + ">"
				}
			case "xml", "http://www.w3.org/XML/1998/namespace": // xml:lang
			default:
				return "xlink:" + cut(a.Name.Local) + " or the like of <" + e.Name.Local + ">"
			}
		}
	}
}

func asHTML(div string) string {
	tokens := html.NewTokenizer(strings.NewReader(div))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			t := tokens.Token()
			if !formats(t.Data) {
				return "<" + cut(t.Data) + ">"
			}
			for _, a := range t.Attr {
				if !formatsBy(a.Key, a.Val) && !strings.HasPrefix(a.Key, "xml") {
					return cut(a.Key) + " of <" + t.Data + ">"
				}
			}
		}
	}
}

func formats(element string) bool {
	switch element {
	case "a", "abbr", "acronym", "b", "big", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "dfn", "div", "dl", "dt", "em",
		"h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "q", "samp", "small", "span", "strong", "sub", "sup",
		"table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "ul", "var":
		return true
	}
	return false
}

func formatsBy(attribute, value string) bool {
	switch attribute {
	case "abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellhalign", "cellpadding", "cellspacing", "cellvalign", "char", "charoff", "charset",
		"cite", "class", "colspan", "compact", "coords", "dir", "frame", "headers", "height", "hreflang", "hspace", "id", "lang", "longdesc", "name", "nowrap", "rel",
		"rev", "rowspan", "rules", "scope", "shape", "span", "start", "style", "summary", "tabindex", "title", "type", "valign", "value", "vspace", "width", "xmlns":
		return true
	case "href", "src":
		return !runs(value)
	}
	return false
}

// runs tells whether an address is a program. Browsers pass over white space in a scheme.
func runs(address string) bool {
	scheme, _, _ := strings.Cut(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, address), ":")
	switch strings.ToLower(scheme) {
	case "javascript", "vbscript":
		return true
	case "data":
		_, kind, _ := strings.Cut(address, ":")
		return !strings.HasPrefix(strings.ToLower(strings.TrimSpace(kind)), "image/")
	}
	return false
}
