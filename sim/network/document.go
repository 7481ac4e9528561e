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
	tokens  *html.Tokenizer
	page    *url.URL
	base    *url.URL // of relative URLs: the page, or its first <base>
	doc     document
	form    *Form
	reading *element // button, textarea or option whose text is being read
	menu    *menu    // select being read
}

type element struct {
	tag  atom.Atom
	attr map[string]string
	text strings.Builder
}

type menu struct {
	name     string
	multiple bool
	first    *string // value of the first option that can be chosen
	chosen   []string
}

func parseDocument(page *url.URL, body []byte) document {
	p := &parser{tokens: html.NewTokenizer(bytes.NewReader(body)), page: page, base: page}
	for {
		switch p.tokens.Next() {
		case html.ErrorToken:
			p.endForm()
			return p.doc
		case html.TextToken:
			if p.reading != nil {
				p.reading.text.Write(p.tokens.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			p.start()
		case html.EndTagToken:
			name, _ := p.tokens.TagName()
			p.end(atom.Lookup(name))
		}
	}
}

func (p *parser) start() {
	name, more := p.tokens.TagName()
	tag := atom.Lookup(name)
	switch tag {
	case atom.Form, atom.Input, atom.Button, atom.Textarea, atom.Select, atom.Option, atom.Meta, atom.Base:
	default:
		return
	}
	attr := map[string]string{}
	for more {
		var key, value []byte
		key, value, more = p.tokens.TagAttr()
		if _, twice := attr[string(key)]; !twice {
			attr[string(key)] = string(value)
		}
	}
	switch tag {
	case atom.Meta:
		if strings.EqualFold(attr["name"], "referrer") {
			p.doc.referrer = attr["content"]
		}
	case atom.Base:
		p.setBase(attr)
	case atom.Form:
		p.startForm(attr)
	default:
		p.control(tag, attr)
	}
}

func (p *parser) setBase(attr map[string]string) {
	href, there := attr["href"]
	if u, err := p.page.Parse(strings.TrimSpace(href)); err == nil && there && p.base == p.page {
		p.base = u
	}
}

func (p *parser) startForm(attr map[string]string) {
	if p.form != nil {
		return
	}
	p.form = &Form{ID: attr["id"], Method: http.MethodGet, Values: url.Values{}}
	if strings.EqualFold(attr["method"], http.MethodPost) {
		p.form.Method = http.MethodPost
	}
	p.form.Action = p.resolve(attr["action"])
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

func (p *parser) control(tag atom.Atom, attr map[string]string) {
	_, disabled := attr["disabled"]
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
		_, multiple := attr["multiple"]
		p.menu = &menu{name: attr["name"], multiple: multiple}
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

func (f *Form) input(attr map[string]string) {
	name, value := attr["name"], attr["value"]
	switch strings.ToLower(attr["type"]) {
	case "submit":
		label := value
		if label == "" {
			label = "Submit"
		}
		f.Buttons = append(f.Buttons, Button{name, value, label})
	case "image":
		f.Buttons = append(f.Buttons, Button{Label: attr["alt"]})
	case "button", "reset", "file":
	case "checkbox", "radio":
		if _, checked := attr["checked"]; !checked {
			return
		}
		if _, there := attr["value"]; !there {
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
		p.form.add(e.attr["name"], strings.TrimPrefix(e.text.String(), "\n"))
	case atom.Button:
		if kind := strings.ToLower(e.attr["type"]); kind != "button" && kind != "reset" {
			p.form.Buttons = append(p.form.Buttons, Button{e.attr["name"], e.attr["value"], e.words()})
		}
	case atom.Option:
		p.option(e)
	}
}

func (p *parser) option(e *element) {
	if p.menu == nil {
		return
	}
	value, there := e.attr["value"]
	if !there {
		value = e.words()
	}
	if p.menu.first == nil {
		p.menu.first = &value
	}
	if _, selected := e.attr["selected"]; selected {
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
