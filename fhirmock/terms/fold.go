package terms

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold makes a string comparable without case, accents, punctuation and spaces that mean nothing (R4 search, "string").
// A hyphen is a space to who searches; a mark between digits is part of a number.
func Fold(s string) string {
	plain, ascii := true, true
	last := byte(' ') // so that a space in front is one too many
	for i := range len(s) {
		c := s[i]
		ascii = ascii && c < utf8.RuneSelf
		plain = plain && (c != ' ' || last != ' ') && c >= ' ' && !isMark(c)
		last = c
	}
	plain = plain && ascii && (last != ' ' || s == "")
	if ascii {
		s = strings.ToLower(s)
	} else {
		s = bare(s)
	}
	if plain {
		return s
	}
	if loose := unmarked(s); loose != "" {
		return loose
	}
	return s // of nothing but marks
}

// bare is a string in lower case without accents.
func bare(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return strokes.Replace(b.String())
}

// isMark tells punctuation of ASCII.
func isMark(c byte) bool {
	switch c {
	case '-', '\'', '"', '`', '.', ',', ';', ':', '!', '?', '(', ')', '[', ']', '{', '}':
		return true
	}
	return false
}

// marks are quotation marks and the like beyond ASCII; dashes are known to Unicode.
const marks = "\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2026\u00b4"

func unmarked(s string) string {
	var b strings.Builder
	var before rune
	gap := false
	for i, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r):
			gap = true
			before = r
			continue
		case r < utf8.RuneSelf && isMark(byte(r)) || strings.ContainsRune(marks, r):
			after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			if !unicode.IsDigit(before) || !unicode.IsDigit(after) {
				before = r
				continue
			}
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap, before = false, r
		b.WriteRune(r)
	}
	return b.String()
}

// strokes are letters whose mark is no accent to Unicode, and one to who searches.
var strokes = strings.NewReplacer("ø", "o", "æ", "ae", "đ", "d", "ł", "l", "ß", "ss")
