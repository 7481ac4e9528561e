package page

import (
	"bytes"
	"strings"
	"testing"
)

// TestAPageKeepsItsWordsToItself: what people wrote ends no table, opens no element, and stands in both formats.
func TestAPageKeepsItsWordsToItself(t *testing.T) {
	p := Page{Marking: "EXERCISE", Title: "T <b>", Sections: []Section{{Title: "S", Notes: []string{"a note"}, Items: []string{"<script>x</script>"}, Head: []string{"h"}, Rows: [][]string{{"one | two\nthree"}}}}}
	for format, want := range map[string][]string{
		"md":   {"# T &lt;b>", "| one \\| two three |", "- &lt;script>x"},
		"html": {"<title>T &lt;b&gt;</title>", "<td>one | two\nthree</td>", "<li>&lt;script&gt;", "default-src 'none'"},
	} {
		var b bytes.Buffer
		if err := p.Write(&b, format); err != nil {
			t.Fatal(err)
		}
		for _, s := range append(want, "a note") {
			if !strings.Contains(b.String(), s) {
				t.Errorf("%s: expected %q, got %s", format, s, b.String())
			}
		}
		if strings.Count(b.String(), "EXERCISE") != 2 {
			t.Errorf("%s: expected the marking at the head and at the foot", format)
		}
	}
	if p.Write(&bytes.Buffer{}, "pdf") == nil {
		t.Error("expected a format that there is not to be refused")
	}
}
