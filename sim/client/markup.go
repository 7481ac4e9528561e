package client

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// What others wrote into a record for people to look at may come with markup: narratives that are more than words in a
// div, and documents that are HTML. It is shown as it is meant if nothing in it is active, and else as bare words.

// markup is a piece of HTML on trial, and where it stands: "AllergyIntolerance/x".
type markup struct{ of, html string }

// markupGuards judge it, as a browser would read it. Without them it goes into the page as it came.
var markupGuards = []control.Guard[markup]{
	{Control: control.ClientActiveContent, Check: checkActiveContent, Answer: shownAsWords},
}

// shownAsWords is no answer of its own: the page is shown without the markup.
var shownAsWords = control.Answer{Status: http.StatusOK, Code: "active_content", Safe: "This is shown without its markup."}

// checkActiveContent: FHIR R4 narrative: formatting, links and images, and no scripts, forms, frames, objects, and
// attributes of events. What is not known to be passive counts as active.
func checkActiveContent(m *markup) (string, error) {
	tokens := html.NewTokenizer(strings.NewReader(m.html))
	for {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			if len(tokens.Raw()) > 0 { // it would take what follows it in our page for its own
				return m.of, control.Expected("markup of "+m.of, "tags that end", "one that does not")
			}
			return m.of, nil
		case html.TextToken:
			if bytes.HasSuffix(tokens.Raw(), []byte("</")) {
				return m.of, control.Expected("markup of "+m.of, "tags that end", "the beginning of one")
			}
		case html.CommentToken:
			if !bytes.HasSuffix(tokens.Raw(), []byte("-->")) {
				return m.of, control.Expected("markup of "+m.of, "comments that end", "one that does not")
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := tokens.Token()
			if !formats(t.Data) {
				return m.of, control.Expected("markup of "+m.of, "elements that format text", "<"+t.Data+">")
			}
			for _, a := range t.Attr {
				if !passive(a) {
					return m.of, control.Expected("markup of "+m.of, "attributes that format text, and links to pages", a.Key+" of <"+t.Data+">")
				}
			}
		}
	}
}

// formats are the elements that R4 allows in a narrative (txt-1).
func formats(element string) bool {
	switch element {
	case "a", "abbr", "acronym", "b", "big", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "dfn", "div", "dl", "dt", "em",
		"h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "q", "samp", "small", "span", "strong", "sub", "sup",
		"table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "ul", "var":
		return true
	}
	return false
}

// passive tells whether an attribute neither runs nor loads anything. A link waits for somebody to follow it; an image is
// loaded unasked, so that it has to come along.
func passive(a html.Attribute) bool {
	switch a.Key {
	case "abbr", "align", "alt", "axis", "border", "cellpadding", "cellspacing", "char", "charoff", "cite", "class", "colspan", "dir", "frame", "headers", "height",
		"hreflang", "id", "lang", "name", "nowrap", "rowspan", "rules", "scope", "span", "start", "summary", "title", "type", "valign", "value", "width", "xml:lang", "xmlns":
		return true
	case "style":
		return !strings.ContainsAny(a.Val, `(\@`) // url(…), and whatever is spelled otherwise
	case "href":
		return slices.Contains([]string{"https", "http", "mailto", "tel", "#"}, schemeOf(a.Val))
	case "src":
		return schemeOf(a.Val) == "#" || strings.HasPrefix(strings.ToLower(a.Val), "data:image/") && !strings.HasPrefix(strings.ToLower(a.Val), "data:image/svg")
	}
	return false
}

// schemeOf is the scheme of an address as browsers find it, who pass over white space; "#" of a place in the same page.
func schemeOf(address string) string {
	address = strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, address)
	if strings.HasPrefix(address, "#") {
		return "#"
	}
	scheme, _, _ := strings.Cut(address, ":")
	return strings.ToLower(scheme)
}

// formatted tells whether a narrative is more than words in a div.
func (r *resource) formatted() bool {
	_, inner, _ := strings.Cut(r.div, ">")
	return strings.Contains(strings.TrimSuffix(strings.TrimSpace(inner), "</div>"), "<")
}

// look decides how the narratives of resources are shown. Most are words in a div, and nothing is asked about them.
func (e *EHR) look(ctx context.Context, all ...*resource) {
	for _, r := range all {
		if r.formatted() {
			r.shown = e.admitted(ctx, markup{r.kind + "/" + r.id, r.div})
		}
	}
}

func (e *EHR) lookAll(ctx context.Context, rows []resource) {
	for i := range rows {
		e.look(ctx, &rows[i])
	}
}

// admitted is the markup if it may stand in a page of ours, and else empty.
func (e *EHR) admitted(ctx context.Context, m markup) string {
	if err := party.Enforce(ctx, e.protocol.party, &m, markupGuards); err != nil {
		return ""
	}
	return m.html
}
