package network

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// document is what the browser understands of a page.
type document struct {
	forms    []Form
	referrer string // of <meta name="referrer">
}

// parser reads a page tag by tag. Forms do not nest, and a control outside a form is nobody's.
type parser struct {
	page    *url.URL
	base    *url.URL // of relative URLs: the page, or its first <base>
	doc     document
	form    *Form
	reading *element // button, textarea or option whose text is being read
	menu    *menu    // select being read
}

type element struct {
	tag  atom.Atom
	attr attributes
	text strings.Builder
}

// attributes are those of a tag that a form can be made of: the others have no atom, or none that
// anybody asks for.
type attributes []attribute

type attribute struct {
	name  atom.Atom
	value string
}

// with adds an attribute. The first of several counts (HTML s13.2.5.33).
func (a attributes) with(name atom.Atom, value string) attributes {
	if _, twice := a.lookup(name); twice || name == 0 {
		return a
	}
	return append(a, attribute{name, value})
}

func (a attributes) lookup(name atom.Atom) (value string, there bool) {
	for _, at := range a {
		if at.name == name {
			return at.value, true
		}
	}
	return "", false
}

func (a attributes) get(name atom.Atom) string {
	value, _ := a.lookup(name)
	return value
}

type menu struct {
	name     string
	multiple bool
	first    *string // value of the first option that can be chosen
	chosen   []string
}

// parseDocument reads a page as it was written here, which is quick, or else as whatever it is.
func parseDocument(page *url.URL, body []byte) document {
	p := &parser{page: page, base: page}
	if !p.tidy(body) {
		*p = parser{page: page, base: page}
		p.any(body)
	}
	p.endForm()
	return p.doc
}

// any reads whatever a browser reads.
func (p *parser) any(body []byte) {
	tokens := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			if p.reading != nil {
				p.reading.text.Write(tokens.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := tagOf(tokens)
			if !matters(tag) {
				continue
			}
			attr := make(attributes, 0, 8)
			for more := true; more; {
				var key, value []byte
				key, value, more = tokens.TagAttr()
				attr = attr.with(atom.Lookup(key), string(value))
			}
			p.start(tag, attr)
		case html.EndTagToken:
			p.end(tagOf(tokens))
		}
	}
}

// tagOf names the tag that was read last. The tokenizer would do so with two copies of the name.
func tagOf(tokens *html.Tokenizer) atom.Atom {
	var name [10]byte // of <textarea>, the longest that matters, and more
	raw := bytes.TrimLeft(tokens.Raw(), "</")
	for i, c := range raw {
		switch {
		case i == len(name):
			return 0
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c <= ' ' || c == '/' || c == '>':
			return atom.Lookup(name[:i])
		}
		name[i] = c
	}
	return 0
}

// matters tells whether there is anything to learn from a tag.
func matters(tag atom.Atom) bool {
	switch tag {
	case atom.Form, atom.Input, atom.Button, atom.Textarea, atom.Select, atom.Option, atom.Meta, atom.Base:
		return true
	}
	return false
}

func (p *parser) start(tag atom.Atom, attr attributes) {
	switch tag {
	case atom.Meta:
		if strings.EqualFold(attr.get(atom.Name), "referrer") {
			p.doc.referrer = attr.get(atom.Content)
		}
	case atom.Base:
		p.setBase(attr)
	case atom.Form:
		p.startForm(attr)
	default:
		p.control(tag, attr)
	}
}

func (p *parser) setBase(attr attributes) {
	href, there := attr.lookup(atom.Href)
	if u, err := p.page.Parse(strings.TrimSpace(href)); err == nil && there && p.base == p.page {
		p.base = u
	}
}

func (p *parser) startForm(attr attributes) {
	if p.form != nil {
		return
	}
	p.form = &Form{ID: attr.get(atom.Id), Method: http.MethodGet, Values: url.Values{}}
	if strings.EqualFold(attr.get(atom.Method), http.MethodPost) {
		p.form.Method = http.MethodPost
	}
	p.form.Action = p.resolve(attr.get(atom.Action))
}

// resolve makes an action absolute. Without one, a form goes back to the page (HTML s4.10.21.3).
func (p *parser) resolve(action string) string {
	action = strings.TrimSpace(action)
	if action == "" {
		return withoutFragment(p.page)
	}
	u, err := p.base.Parse(action)
	if err != nil {
		return ""
	}
	return withoutFragment(u)
}

func (p *parser) endForm() {
	p.endText()
	p.endMenu()
	if p.form != nil && p.form.Action != "" { // a malformed action leads nowhere
		p.doc.forms = append(p.doc.forms, *p.form)
	}
	p.form = nil
}

func (p *parser) control(tag atom.Atom, attr attributes) {
	_, disabled := attr.lookup(atom.Disabled)
	if p.form == nil {
		return
	}
	switch tag {
	case atom.Input:
		if !disabled {
			p.form.input(attr)
		}
	case atom.Select:
		p.endText()
		p.endMenu()
		_, multiple := attr.lookup(atom.Multiple)
		p.menu = &menu{name: attr.get(atom.Name), multiple: multiple}
		if disabled {
			p.menu.name = ""
		}
	default:
		p.endText()
		if !disabled {
			p.reading = &element{tag: tag, attr: attr}
		}
	}
}

func (f *Form) input(attr attributes) {
	name, value := attr.get(atom.Name), attr.get(atom.Value)
	switch strings.ToLower(attr.get(atom.Type)) {
	case "submit":
		label := value
		if label == "" {
			label = "Submit"
		}
		f.Buttons = append(f.Buttons, Button{name, value, label})
	case "image":
		f.Buttons = append(f.Buttons, Button{Label: attr.get(atom.Alt)})
	case "button", "reset", "file":
	case "checkbox", "radio":
		if _, checked := attr.lookup(atom.Checked); !checked {
			return
		}
		if _, there := attr.lookup(atom.Value); !there {
			value = "on"
		}
		f.add(name, value)
	default:
		f.add(name, value)
	}
}

// add enters a default. A control without a name is not sent.
func (f *Form) add(name, value string) {
	if name != "" {
		f.Values.Add(name, value)
	}
}

func (p *parser) end(tag atom.Atom) {
	switch tag {
	case atom.Form:
		p.endForm()
	case atom.Button, atom.Textarea, atom.Option:
		p.endText()
	case atom.Select:
		p.endText()
		p.endMenu()
	}
}

// endText finishes the element whose text was being read.
func (p *parser) endText() {
	e := p.reading
	if e == nil {
		return
	}
	p.reading = nil
	switch e.tag {
	case atom.Textarea:
		p.form.add(e.attr.get(atom.Name), strings.TrimPrefix(e.text.String(), "\n"))
	case atom.Button:
		if kind := strings.ToLower(e.attr.get(atom.Type)); kind != "button" && kind != "reset" {
			p.form.Buttons = append(p.form.Buttons, Button{e.attr.get(atom.Name), e.attr.get(atom.Value), e.words()})
		}
	case atom.Option:
		p.option(e)
	}
}

func (p *parser) option(e *element) {
	if p.menu == nil {
		return
	}
	value, there := e.attr.lookup(atom.Value)
	if !there {
		value = e.words()
	}
	if p.menu.first == nil {
		p.menu.first = &value
	}
	if _, selected := e.attr.lookup(atom.Selected); selected {
		p.menu.chosen = append(p.menu.chosen, value)
	}
}

// endMenu: a menu shows one choice, the last one selected or else the first; a list shows any number.
func (p *parser) endMenu() {
	m := p.menu
	p.menu = nil
	switch {
	case m == nil || p.form == nil:
	case m.multiple:
		for _, value := range m.chosen {
			p.form.add(m.name, value)
		}
	case len(m.chosen) > 0:
		p.form.add(m.name, m.chosen[len(m.chosen)-1])
	case m.first != nil:
		p.form.add(m.name, *m.first)
	}
}

// words is the text with its white space made single.
func (e *element) words() string { return strings.Join(strings.Fields(e.text.String()), " ") }
