package network

import (
	"bytes"
	"html"
	"strings"

	"golang.org/x/net/html/atom"
)

// Pages that are written by hand are tidy: lower case, values in double quotes, each tag closed where it is opened. A
// browser of this world sees little else, and reading a tidy page takes a fifth of what reading any page does. Whatever
// is not plain to see is left to any; a fuzz test holds the two together.

// tidy reads a tidy page. If it returns false, the page is not, and what was read of it counts for nothing.
func (p *parser) tidy(body []byte) bool {
	for {
		text, rest, tag := bytes.Cut(body, []byte{'<'})
		if !p.tidyText(text) {
			return false
		}
		if !tag {
			return true
		}
		ok := false
		switch {
		case len(rest) == 0:
		case rest[0] == '!':
			body, ok = doctype(rest)
		case rest[0] == '/':
			name := tidyName(rest[1:])
			if body, ok = bytes.CutPrefix(rest[1+len(name):], []byte{'>'}); ok && len(name) > 0 {
				p.end(atom.Lookup(name))
			}
			ok = ok && len(name) > 0
		default:
			body, ok = p.tidyTag(rest)
		}
		if !ok {
			return false
		}
	}
}

// doctype passes over "!doctype html>", and over nothing that could be a comment.
func doctype(rest []byte) ([]byte, bool) {
	end := bytes.IndexByte(rest, '>')
	if end < 0 || !strings.EqualFold(string(rest[:end]), "!doctype html") {
		return nil, false
	}
	return rest[end+1:], true
}

// tidyTag reads a tag from its name on, with what it holds if that is not markup.
func (p *parser) tidyTag(rest []byte) ([]byte, bool) {
	name := tidyName(rest)
	tag := atom.Lookup(name)
	attr, rest, ok := tidyAttributes(rest[len(name):], matters(tag))
	if !ok || len(name) == 0 {
		return nil, false
	}
	if matters(tag) {
		p.start(tag, attr)
	}
	switch tag {
	case atom.Script, atom.Iframe, atom.Noembed, atom.Noframes, atom.Noscript, atom.Plaintext, atom.Xmp:
		return nil, false
	case atom.Style, atom.Title, atom.Textarea:
		text, after, ended := bytes.Cut(rest, []byte("</"))
		if !ended || !bytes.HasPrefix(after, name) || tag == atom.Style && p.reading != nil || tag != atom.Style && !p.tidyText(text) {
			return nil, false
		}
		return rest[len(text):], bytes.HasPrefix(after[len(name):], []byte{'>'})
	}
	return rest, true
}

// tidyAttributes reads the attributes of a tag and what ends it, and keeps them if it is asked to.
func tidyAttributes(rest []byte, keep bool) (attr attributes, after []byte, ok bool) {
	if keep {
		attr = make(attributes, 0, 8)
	}
	for {
		spaces := len(rest) - len(bytes.TrimLeft(rest, " \n"))
		rest = rest[spaces:]
		switch {
		case len(rest) == 0:
			return nil, nil, false
		case rest[0] == '>':
			return attr, rest[1:], true
		case spaces == 0: // something else than a space ends a name or a value
			return nil, nil, false
		}
		name := tidyName(rest)
		rest = rest[len(name):]
		var value string
		if quoted, has := bytes.CutPrefix(rest, []byte(`="`)); has {
			raw, after, ended := bytes.Cut(quoted, []byte{'"'})
			if value, ok = tidyString(raw, keep); !ok || !ended {
				return nil, nil, false
			}
			rest = after
		}
		if len(name) == 0 {
			return nil, nil, false
		}
		if keep {
			attr = attr.with(atom.Lookup(name), value)
		}
	}
}

// tidyName is the name at the beginning, as far as it is one that is written in lower case.
func tidyName(b []byte) []byte {
	n := 0
	for n < len(b) && ('a' <= b[n] && b[n] <= 'z' || n > 0 && (b[n] == '-' || '0' <= b[n] && b[n] <= '9')) {
		n++
	}
	return b[:n]
}

// tidyText hands text to whoever reads it.
func (p *parser) tidyText(b []byte) bool {
	if p.reading == nil || len(b) == 0 {
		return true
	}
	text, ok := tidyString(b, true)
	p.reading.text.WriteString(text)
	return ok
}

// tidyString undoes what html.EscapeString has done. Nothing else may be escaped, nor a line be ended oddly.
func tidyString(b []byte, wanted bool) (string, bool) {
	if bytes.IndexByte(b, '\r') >= 0 || bytes.IndexByte(b, 0) >= 0 {
		return "", false
	}
	escaped := false
	for rest := b; ; escaped = true {
		at := bytes.IndexByte(rest, '&')
		if at < 0 {
			break
		}
		rest = rest[at:]
		if !bytes.HasPrefix(rest, []byte("&amp;")) && !bytes.HasPrefix(rest, []byte("&lt;")) && !bytes.HasPrefix(rest, []byte("&gt;")) &&
			!bytes.HasPrefix(rest, []byte("&#34;")) && !bytes.HasPrefix(rest, []byte("&#39;")) {
			return "", false
		}
		rest = rest[1:]
	}
	switch {
	case !wanted:
		return "", true
	case escaped:
		return html.UnescapeString(string(b)), true
	}
	return string(b), true
}
