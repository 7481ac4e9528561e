package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"thiefbox/sim/event"
)

const signIn = `<!DOCTYPE html><form id="sign-in" method="post" action="/sign-in?i=7">
<input type="hidden" name="interaction" value="abc"><input name="username" value=""><input type=password name="password">
<button>Sign in</button></form>`

// clinic is a client and an authorization server with a sign-in page.
func clinic(w *world) {
	w.site("ehr.thiefbox.test", "ehr", func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/login":
			http.SetCookie(rw, &http.Cookie{Name: "session", Value: "e1", Path: "/", HttpOnly: true, Secure: true})
			http.Redirect(rw, r, "https://as.thiefbox.test/authorize?client_id=ehr", http.StatusSeeOther)
		case "/callback":
			_, _ = fmt.Fprintf(rw, "signed in with %s, session %s", r.URL.RawQuery, r.Header.Get("Cookie"))
		}
	})
	w.site("as.thiefbox.test", "as", func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Redirect(rw, r, "https://ehr.thiefbox.test/callback?code="+r.PostFormValue("username")+r.PostFormValue("interaction"), http.StatusSeeOther)
			return
		}
		_, _ = io.WriteString(rw, signIn)
	})
}

func TestBrowserSignsIn(t *testing.T) {
	wires(t, func(t *testing.T, w *world) {
		clinic(w)
		b := w.NewBrowser("berg")
		ctx := event.Within(context.Background(), 0)
		page, err := b.Open(ctx, "https://ehr.thiefbox.test/login")
		if err != nil {
			t.Fatal(err)
		}
		if page.URL != "https://as.thiefbox.test/authorize?client_id=ehr" || page.Status != 200 || page.Exchange != 2 || page.Stopped {
			t.Errorf("expected the sign-in page, got %+v", page)
		}
		page, err = b.Submit(ctx, page, page.Form("sign-in"), url.Values{"username": {"berg"}, "password": {"x"}}, "")
		if err != nil {
			t.Fatal(err)
		}
		if want := "signed in with code=bergabc, session session=e1"; string(page.Body) != want {
			t.Errorf("expected %q, got %q", want, page.Body)
		}
		var chain []string
		for i, r := range told[event.Request](w) {
			chain = append(chain, fmt.Sprintf("%d<-%d %s %s %s [%s]", i+1, r.Cause, r.From, r.Message.Method, r.Message.URL, r.Message.Header.Get("Referer")))
		}
		want := []string{
			"1<-0 berg GET https://ehr.thiefbox.test/login []",
			"2<-1 berg GET https://as.thiefbox.test/authorize?client_id=ehr []",
			"3<-2 berg POST https://as.thiefbox.test/sign-in?i=7 [https://as.thiefbox.test/authorize?client_id=ehr]",
			"4<-3 berg GET https://ehr.thiefbox.test/callback?code=bergabc [https://as.thiefbox.test/]",
		}
		if !reflect.DeepEqual(chain, want) {
			t.Errorf("expected\n%s\ngot\n%s", strings.Join(want, "\n"), strings.Join(chain, "\n"))
		}
		if h := b.History(); len(h) != 4 || h[3] != (Visit{"https://ehr.thiefbox.test/callback?code=bergabc", 200, 4}) || h[0].Status != 303 {
			t.Errorf("expected four visits, got %+v", h)
		}
		sent := told[event.Request](w)[2].Message
		if sent.Header.Get("Origin") != "https://as.thiefbox.test" || string(sent.Body) != "interaction=abc&password=x&username=berg" {
			t.Errorf("expected the form with its Origin, got %v %q", sent.Header, sent.Body)
		}
	})
}

func TestBrowserStops(t *testing.T) {
	w := newWorld(t, false)
	clinic(w)
	b := w.NewBrowser("mallory")
	ctx := event.Within(context.Background(), 0)
	callback := "https://ehr.thiefbox.test/callback"
	page, err := b.OpenUntil(ctx, "https://ehr.thiefbox.test/login", callback)
	if err != nil || page.Stopped {
		t.Fatalf("expected the sign-in page, got %+v %v", page, err)
	}
	page, err = b.Submit(ctx, page, &page.Forms()[0], url.Values{"username": {"mallory"}}, callback)
	if err != nil || !page.Stopped || page.URL != callback+"?code=malloryabc" || page.Status != 0 || page.Exchange != 3 {
		t.Errorf("expected to stop with the code in hand, got %+v %v", page, err)
	}
	if n := len(told[event.Request](w)); n != 3 {
		t.Errorf("expected the callback not to be fetched, got %d requests", n)
	}
	page, err = b.OpenUntil(event.Within(ctx, 9), callback+"?x", callback)
	if err != nil || !page.Stopped || page.Exchange != 0 {
		t.Errorf("expected to stop at once, got %+v %v", page, err)
	}
}

// TestCauses: a lure is the cause of what it opens, a page of what is followed or submitted on it.
func TestCauses(t *testing.T) {
	w := newWorld(t, false)
	w.site("a.test", "a", func(rw http.ResponseWriter, r *http.Request) {
		// What a handler sends while it answers is caused by what it answers.
		req, _ := http.NewRequestWithContext(r.Context(), "GET", "https://b.test/", nil)
		if _, err := w.Client("a").Do(req); err != nil {
			t.Error(err)
		}
	})
	w.site("b.test", "b", write("hello"))
	b := w.NewBrowser("berg")
	lure, ctx := w.log.Begin(context.Background())
	page, err := b.Open(ctx, "https://a.test/")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Follow(context.Background(), page, "x", ""); err != nil {
		t.Fatal(err)
	}
	var causes []int
	for _, r := range told[event.Request](w) {
		causes = append(causes, r.Cause)
	}
	if want := []int{lure, 2, 2, 4}; page.Exchange != 2 || !reflect.DeepEqual(causes, want) {
		t.Errorf("expected the causes %v, got %v", want, causes)
	}
}

func TestRedirects(t *testing.T) {
	cases := []struct {
		status       int
		method, want string
	}{
		{301, "GET", "GET /to "}, {302, "GET", "GET /to "}, {303, "GET", "GET /to "}, {307, "GET", "GET /to "}, {308, "GET", "GET /to "},
		{301, "POST", "GET /to "}, {302, "POST", "GET /to "}, {303, "POST", "GET /to "},
		{307, "POST", "POST /to a=1"}, {308, "POST", "POST /to a=1"},
		{300, "GET", "GET /from "}, {304, "GET", "GET /from "}, {200, "POST", "POST /from a=1"},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.method, c.status), func(t *testing.T) {
			w := newWorld(t, false)
			var last string
			w.site("a.test", "a", func(rw http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				last = r.Method + " " + r.URL.Path + " " + string(body)
				if typed := r.Header.Get("Content-Type") != ""; typed != (r.Method == "POST") {
					t.Errorf("expected a Content-Type with POST alone, got %v", r.Header)
				}
				if r.URL.Path == "/from" {
					rw.Header().Set("Location", "to")
					rw.WriteHeader(c.status)
				}
			})
			b := w.NewBrowser("berg")
			var err error
			if c.method == "GET" {
				_, err = b.Open(context.Background(), "https://a.test/from")
			} else {
				form := &Form{Method: c.method, Action: "https://a.test/from"}
				_, err = b.Submit(context.Background(), &Page{URL: "https://a.test/"}, form, url.Values{"a": {"1"}}, "")
			}
			if err != nil || last != c.want {
				t.Errorf("expected %q, got %q, %v", c.want, last, err)
			}
		})
	}
}

func TestRedirectsToNowhere(t *testing.T) {
	w := newWorld(t, false)
	location := ""
	w.site("a.test", "a", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Location", location)
		rw.WriteHeader(http.StatusFound)
	})
	b := w.NewBrowser("berg")
	for _, c := range []struct{ location, want string }{
		{"/again", "stopped after 20 redirects"},
		{"https://[", "redirected to a malformed URL"},
		{"https://nowhere.test/", "no such host"},
		{"app.thiefbox:/callback?code=1", `unsupported protocol scheme "app.thiefbox"`},
	} {
		location = c.location
		if _, err := b.Open(context.Background(), "https://a.test/"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: expected %q, got %v", c.location, c.want, err)
		}
	}
	// The first fetch and twenty redirects, then one fetch for each of the other three.
	if n := len(told[event.Request](w)); n != 24 {
		t.Errorf("expected 24 requests, got %d", n)
	}
	location = ""
	if page, err := b.Open(context.Background(), "https://a.test/"); err != nil || page.Status != 302 {
		t.Errorf("expected the page of a 302 without a Location, got %+v, %v", page, err)
	}
	// An app's own scheme can be stopped at.
	location = "app.thiefbox:/callback?code=1"
	page, err := b.OpenUntil(context.Background(), "https://a.test/", "app.thiefbox:")
	if err != nil || page.URL != location {
		t.Errorf("expected to stop at the app, got %+v, %v", page, err)
	}
}

func TestFragments(t *testing.T) {
	w := newWorld(t, false)
	w.site("a.test", "a", func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/keeps":
			http.Redirect(rw, r, "/end", http.StatusFound)
		case "/sets":
			http.Redirect(rw, r, "/end#access_token=2", http.StatusFound)
		}
	})
	b := w.NewBrowser("berg")
	for from, want := range map[string]string{"/keeps#x=1": "/end#x=1", "/sets#x=1": "/end#access_token=2", "/end": "/end"} {
		page, err := b.Open(context.Background(), "https://a.test"+from)
		if err != nil || page.URL != "https://a.test"+want {
			t.Errorf("%s: expected %s, got %+v, %v", from, want, page, err)
		}
	}
	for _, r := range told[event.Request](w) {
		if strings.Contains(r.Message.URL, "#") {
			t.Errorf("expected no fragment on the wire, got %s", r.Message.URL)
		}
	}
	for _, v := range b.History() {
		if strings.Contains(v.URL, "#") {
			t.Errorf("expected no fragment in the history of fetches, got %s", v.URL)
		}
	}
}

func TestBrowserErrors(t *testing.T) {
	w := newWorld(t, false)
	w.site("a.test", "a", write("hello"))
	remove := w.Tap(Tap{Match: to("a"), Hold: true})
	b := w.NewBrowser("berg")
	ctx := context.Background()
	_, err := b.Open(ctx, "https://a.test/")
	var lost *LostError
	var at *url.Error
	if !errors.As(err, &lost) || !errors.As(err, &at) || at.URL != "https://a.test/" {
		t.Errorf("expected a LostError at the URL, got %v", err)
	}
	remove()
	for name, try := range map[string]func() (*Page, error){
		"malformed address":  func() (*Page, error) { return b.Open(ctx, "https://[") },
		"malformed link":     func() (*Page, error) { return b.Follow(ctx, &Page{URL: "https://a.test/"}, "https://[", "") },
		"malformed page":     func() (*Page, error) { return b.Follow(ctx, &Page{URL: "https://["}, "x", "") },
		"no such form":       func() (*Page, error) { return b.Submit(ctx, &Page{}, (&Page{}).Form("x"), nil, "") },
		"malformed action":   func() (*Page, error) { return b.Submit(ctx, &Page{}, &Form{Action: "https://["}, nil, "") },
		"form of a bad page": func() (*Page, error) { return b.Submit(ctx, &Page{URL: "https://["}, &Form{}, nil, "") },
	} {
		if page, err := try(); err == nil || page != nil {
			t.Errorf("%s: expected an error, got %+v", name, page)
		}
	}
	if _, err := b.Cookies("https://["); err == nil {
		t.Error("expected an error for a malformed address")
	}
}

// TestFormByGET: the fields replace the query of the action (HTML s4.10.21.3, "mutate action URL").
func TestFormByGET(t *testing.T) {
	w := newWorld(t, false)
	var asked string
	w.site("a.test", "a", func(rw http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.String() + " " + r.Header.Get("Origin")
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(rw, `<form action="?old=1"><input name=q value=1><input name=r value=2><input name=s value=3></form>`)
	})
	b := w.NewBrowser("berg")
	page, err := b.Open(context.Background(), "https://a.test/search?x=1#top")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Submit(context.Background(), page, &page.Forms()[0], url.Values{"q": {"æ", "b"}, "r": nil}, ""); err != nil {
		t.Fatal(err)
	}
	if want := "GET /search?q=%C3%A6&q=b&s=3 "; asked != want {
		t.Errorf("expected %q, got %q", want, asked)
	}
	if len(page.Forms()[0].Values["r"]) != 1 {
		t.Error("expected the page's form to keep its defaults")
	}
}

// What a script fetches comes with her cookies, says that a script asked, and is no visit of hers.
func TestBrowserFetch(t *testing.T) {
	w := newWorld(t, false)
	var asked []http.Header
	w.site("a.test", "a", func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header)
		http.SetCookie(rw, &http.Cookie{Name: "s", Value: "1", Secure: true})
	})
	b := w.NewBrowser("berg")
	if _, err := b.Open(context.Background(), "https://a.test/"); err != nil {
		t.Fatal(err)
	}
	visits := len(b.History())
	if _, err := b.Fetch(context.Background(), "https://a.test/x"); err != nil {
		t.Fatal(err)
	}
	if asked[0].Get("Sec-Fetch-Mode") != "" || asked[1].Get("Sec-Fetch-Mode") != "cors" || asked[1].Get("Cookie") != "s=1" {
		t.Errorf("expected a script's request to say so, with her cookie, got %v", asked)
	}
	if len(b.History()) != visits {
		t.Errorf("expected no visit in her history, got %v", b.History())
	}
	if _, err := b.Fetch(context.Background(), "https://a test/"); err == nil {
		t.Error("expected an address that is none to be an error")
	}
}
