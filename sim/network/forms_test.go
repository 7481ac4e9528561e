package network

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	cases := []struct {
		name, html string
		want       []Form
	}{
		{"none", "<p>hello", nil},
		{"empty", "<form></form>", []Form{{Method: "GET", Action: "https://a.test/dir/page?q=1", Values: url.Values{}}}},
		{"attributes", `<FORM ID=x METHOD=PoSt ACTION=" ../to?a=b#frag ">`, []Form{{ID: "x", Method: "POST", Action: "https://a.test/to?a=b", Values: url.Values{}}}},
		{"dialog is no POST", `<form method=dialog action=//b.test>`, []Form{{Method: "GET", Action: "https://b.test", Values: url.Values{}}}},
		{"base", `<base href="https://c.test/x/"><base href="https://d.test/"><form action=y></form><form></form>`, []Form{
			{Method: "GET", Action: "https://c.test/x/y", Values: url.Values{}}, {Method: "GET", Action: "https://a.test/dir/page?q=1", Values: url.Values{}}}},
		{"malformed action", `<form action="https://["><input name=a></form>`, nil},
		{"inputs", `<form action=/><input name=a value="1&amp;2"><input type=hidden name=b value=&#x27;3&#x27; />
			<input name=none type=file value=x><input name=c disabled value=4><input value=nameless><input name=a value=5><input name=d></form>`,
			[]Form{{Method: "GET", Action: "https://a.test/", Values: url.Values{"a": {"1&2", "5"}, "b": {"'3'"}, "d": {""}}}}},
		{"boxes", `<form action=/><input type=checkbox name=a><input type=checkbox name=b checked><input type=checkbox name=c value=yes checked>
			<input type=radio name=r value=1><input type=RADIO name=r value=2 checked></form>`,
			[]Form{{Method: "GET", Action: "https://a.test/", Values: url.Values{"b": {"on"}, "c": {"yes"}, "r": {"2"}}}}},
		{"buttons", `<form action=/><button name=decision value=allow>  Yes,
			<b>do</b></button><button type=button>no</button><button type=reset>no</button><input type=submit name=s value=Go><input type=submit>
			<input type=image alt=pic name=i><input type=button name=n><button disabled>gone</button></form>`,
			[]Form{{Method: "GET", Action: "https://a.test/", Values: url.Values{}, Buttons: []Button{
				{"decision", "allow", "Yes, do"}, {"s", "Go", "Go"}, {"", "", "Submit"}, {"", "", "pic"}}}}},
		{"menus", `<form action=/><select name=a><option value=1>one<option>two words</select>
			<select name=b><option disabled selected>pick<option value=3 selected>three</option></select>
			<select name=c multiple><option>x<option selected>y<option selected>z</select>
			<select name=d></select><select name=e disabled><option>q</select><select name=f><option>last</form>`,
			[]Form{{Method: "GET", Action: "https://a.test/", Values: url.Values{"a": {"1"}, "b": {"3"}, "c": {"y", "z"}, "f": {"last"}}}}},
		{"text", "<form action=/><textarea name=t>\n<b>bold</b>\n</textarea><textarea name=u disabled>x</textarea></form>",
			[]Form{{Method: "GET", Action: "https://a.test/", Values: url.Values{"t": {"<b>bold</b>\n"}}}}},
		{"forms do not nest", `<form id=x action=/><form id=y action=/y><input name=a></form><input name=b><option>stray</option></form>`,
			[]Form{{ID: "x", Method: "GET", Action: "https://a.test/", Values: url.Values{"a": {""}}}}},
		{"what only looks like one", `<!-- <form> --><script>"<form>"</script><title><form></title><textarea><form></textarea>`, nil},
		{"first of two attributes", `<form action=/1 action=/2>`, []Form{{Method: "GET", Action: "https://a.test/1", Values: url.Values{}}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := parseDocument(parse(t, "https://a.test/dir/page?q=1#top"), []byte(c.html)).forms
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("expected\n%+v\ngot\n%+v", c.want, got)
			}
		})
	}
}

func TestPress(t *testing.T) {
	if got := (Button{Name: "decision", Value: "allow"}).Press().Encode(); got != "decision=allow" {
		t.Errorf("expected decision=allow, got %q", got)
	}
	if got := (Button{Label: "Submit"}).Press(); len(got) != 0 {
		t.Errorf("expected nothing of a nameless button, got %v", got)
	}
}

func FuzzForms(f *testing.F) {
	for _, seed := range []string{
		signIn, "<form action=x><select><option><textarea></form>", "<base href=//x><form action=//y:0/%zz>", "<form><form></form></form>",
		"<form><button><input type=radio checked><select multiple><option selected>", "<meta name=referrer content=unsafe-url>", "<form method=POST action='?'>\x00",
	} {
		f.Add(seed)
	}
	page, err := url.Parse("https://a.test/dir/page?q=1#top")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`<!doctype html><title>a &lt; b</title><style>a>b{}</style><form id="x" method="post" action="/y?a=b&amp;c=d"><input name="a" value="&#34;" required><button name="b">B &amp; <b>C</b></button><textarea name="t">
1</textarea><select name="s"><option>o</option></select></form></title></TITLE>`)
	f.Fuzz(func(t *testing.T, body string) {
		tidy, other := &parser{page: page, base: page}, &parser{page: page, base: page}
		if tidy.tidy([]byte(body)) {
			other.any([]byte(body))
			tidy.endForm()
			if other.endForm(); !reflect.DeepEqual(tidy.doc, other.doc) {
				t.Errorf("expected of a tidy page what any would give, %+v, got %+v", other.doc, tidy.doc)
			}
		}
		for _, form := range parseDocument(page, []byte(body)).forms {
			if form.Method != "GET" && form.Method != "POST" {
				t.Errorf("expected GET or POST, got %q", form.Method)
			}
			u, err := url.Parse(form.Action)
			if err != nil || u.Scheme == "" || strings.Contains(form.Action, "#") {
				t.Errorf("expected an absolute action, got %q, %v", form.Action, err)
			}
			for name := range form.Values {
				if name == "" {
					t.Error("expected no nameless value")
				}
			}
			sent, err := url.ParseQuery(form.fill(nil).Encode())
			if err != nil || !reflect.DeepEqual(sent, form.Values) {
				t.Errorf("expected %v to survive, got %v, %v", form.Values, sent, err)
			}
		}
	})
}
