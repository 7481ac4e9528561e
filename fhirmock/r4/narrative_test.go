package r4

import (
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const narrativeDiv = `<div xmlns="http://www.w3.org/1999/xhtml">`

// What formats text may stand in a narrative, and nothing else; what XML takes for a comment or for text is asked about
// as a browser would read it.
func TestActiveNarratives(t *testing.T) {
	for inner, active := range map[string]string{
		"words &amp; <b>more</b><br/>": "",
		`<table border="1"><tr><td colspan="2" style="color:red">x</td></tr></table>`:     "",
		`<a href="https://a.test/">there</a><a name="x"/><img src="#logo" alt="a"/>`:      "",
		`<img src="data:image/png;base64,AAAA" alt="a"/><p xml:lang="nb" lang="nb">æ</p>`: "",
		"<!-- a remark -->":                                                                "",
		"5 &lt; 6 &lt;script&gt;":                                                          "",
		`<script src="https://evil.test/x.js"></script>`:                                   "<script>",
		`<SCRIPT>x</SCRIPT>`:                                                               "<SCRIPT>",
		`<p onclick="x()">x</p>`:                                                           "onclick of <p>",
		`<img src="#x" onerror="x()"/>`:                                                    "onerror of <img>",
		`<iframe src="https://evil.test/"/>`:                                               "<iframe>",
		`<form action="/x"><input name="a"/></form>`:                                       "<form>",
		`<a href="javascript:x()">x</a>`:                                                   "href of <a>",
		`<a href=" java&#10;script:x()">x</a>`:                                             "href of <a>",
		`<a href="data:text/html,x">x</a>`:                                                 "href of <a>",
		`<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>`:                 "<svg>",
		`<a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="javascript:x()">x</a>`:  "xlink:href or the like of <a>",
		`<![CDATA[ > <script src="https://evil.test/x.js"></script> ]]>`:                   "<script>, as browsers read it",
		`<!--> <script src="https://evil.test/x.js"></script> -->`:                         "<script>, as browsers read it",
		`<?x ><script src="https://evil.test/x.js"></script> ?>`:                           "<script>, as browsers read it",
		`<style>p { background: url(https://evil.test/) }</style><link rel="stylesheet"/>`: "<style>",
	} {
		div := narrativeDiv + inner + "</div>"
		if err := xhtml(div); err != nil {
			t.Errorf("%s: %v", inner, err)
		}
		got := notFormatting(div)
		if got != active {
			t.Errorf("%s: expected %q, got %q", inner, active, got)
		}
	}
}

func TestWhereNarrativesAreActive(t *testing.T) {
	n, err := Parse([]byte(`{"resourceType":"Patient","text":{"status":"generated","div":` + strconv.Quote(narrativeDiv+"fine</div>") + `},
		"contained":[{"resourceType":"Organization","id":"a","name":"x"},{"resourceType":"Organization","id":"b","text":{"status":"generated","div":` + strconv.Quote(narrativeDiv+"<script/></div>") + `}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := ActiveNarratives(n)
	if len(got) != 1 || got[0].Expression != "Patient.contained[1].text.div" || got[0].Code != "invariant" || !HasNarrative(n) {
		t.Errorf("expected the contained narrative, got %+v", got)
	}
	n, err = Parse([]byte(`{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"a"}]}`))
	if err != nil || HasNarrative(n) || len(ActiveNarratives(n)) > 0 {
		t.Errorf("expected a resource without narratives to be asked about nothing, got %v", err)
	}
}

// FuzzNarrative: what passes is formatting to an HTML parser too, whatever XML makes of it.
func FuzzNarrative(f *testing.F) {
	for _, s := range []string{"<b>x</b>", "<!--> <script/> -->", "<![CDATA[><img onerror='x'>]]>", "<?><script>?>", "<p title='><script>'/>", "<a href='&#x6a;avascript:x'/>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, inner string) {
		div := narrativeDiv + inner + "</div>"
		if xhtml(div) != nil || notFormatting(div) != "" {
			return
		}
		root, err := html.Parse(strings.NewReader("<body>" + div))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if !formats(n.Data) && n.Data != "html" && n.Data != "head" && n.Data != "body" {
				t.Errorf("%q: a browser finds <%s>", inner, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(strings.ToLower(a.Key), "on") {
					t.Errorf("%q: a browser finds %s", inner, a.Key)
				}
			}
		}
	})
}
