// Package clause knows what the specifications ask, clause by clause, and finds clauses in text such as
// "RFC 9449 s4.3-12b, s6.1; SP 5.3.4-5". It imports nothing of ours.
//
// clauses.yaml is the list. It paraphrases, and is no substitute for the documents.
package clause

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Document is a specification and what it asks.
type Document struct {
	ID      string   `yaml:"document" json:"document"` // "SP", "RFC 9449", "RFC 9700", "AM"
	Title   string   `yaml:"title" json:"title"`
	Clauses []Clause `yaml:"clauses" json:"clauses"`
}

// Clause is one thing it asks.
type Clause struct {
	ID    string `yaml:"id" json:"id"` // with its document: "RFC 9449 s4.3-9"
	Level string `yaml:"level" json:"level"`
	Text  string `yaml:"text" json:"text"`
	// Wire is "no" if no message shows it, "done" if it is a duty to do rather than to refuse, which honest
	// journeys show, and else empty: an attack can show whether it is kept.
	Wire string `yaml:"wire" json:"wire,omitempty"`
	// Why it is kept by construction, so that no control and no attack touches it; or empty.
	Why string `yaml:"why" json:"why,omitempty"`
}

//go:embed clauses.yaml
var file []byte

// Documents returns the list. It is read when first asked for.
var Documents = sync.OnceValues(func() ([]Document, error) {
	var docs []Document
	if err := yaml.UnmarshalWithOptions(file, &docs, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("the list of clauses: %w", err)
	}
	for i := range docs {
		for j := range docs[i].Clauses {
			docs[i].Clauses[j].ID = docs[i].ID + " " + docs[i].Clauses[j].ID
		}
	}
	return docs, nil
})

var (
	sources = regexp.MustCompile(`(?:FAPI 2\.0 )?(SP|MS)\b|\b(BCP)\b|\b(RFC \d+)|(?:FAPI 2\.0 )?(Attacker Model|AM)\b|(OIDC Core)`)
	places  = regexp.MustCompile(`^[ ,]+(s?\d+(?:\.\d+)*(?:-\d+[a-z]?)?(?: note \d+)?|s\d+|A\d[a-z]?)`)
)

// In finds the clauses that a text cites, each with the document it belongs to. A document that is named
// without a place cites nothing.
func In(text string) (refs []string) {
	for _, at := range sources.FindAllStringSubmatchIndex(text, -1) {
		document := ""
		for g := 2; g < len(at); g += 2 {
			if at[g] >= 0 {
				document = text[at[g]:at[g+1]]
			}
		}
		switch document {
		case "BCP":
			document = "RFC 9700"
		case "Attacker Model":
			document = "AM"
		}
		for rest := text[at[1]:]; ; {
			m := places.FindStringSubmatch(rest)
			if m == nil {
				break
			}
			refs = append(refs, document+" "+m[1])
			rest = rest[len(m[0]):]
		}
	}
	return refs
}

// Touches tells whether a citation is about a clause: the same, a part of it, or the whole it is part of.
func Touches(ref, id string) bool { return partOf(ref, id) || partOf(id, ref) }

func partOf(part, whole string) bool {
	rest, ok := strings.CutPrefix(part, whole)
	if !ok {
		return false
	}
	return rest == "" || rest[0] == '.' || rest[0] == '-' || rest[0] == ' ' ||
		rest[0] >= 'a' && rest[0] <= 'z' && !strings.HasPrefix(whole, "AM ") // 12b is part of 12, but A1a is not part of A1
}

// Find returns the clauses that a person named, by document, by clause or by the beginning of one.
func Find(named string) (ids []string, err error) {
	docs, err := Documents()
	if err != nil {
		return nil, err
	}
	named = strings.TrimSpace(named)
	if refs := In(named); len(refs) == 1 {
		named = refs[0]
	}
	for _, d := range docs {
		for _, c := range d.Clauses {
			if strings.EqualFold(d.ID, named) || partOf(c.ID, named) {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids, nil
}
