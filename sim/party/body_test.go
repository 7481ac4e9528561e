package party

import (
	"bytes"
	"context"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A body is lent whole as long as nothing was read of it, and can be read like any other.
func TestBodies(t *testing.T) {
	r, err := Post(context.Background(), "https://a.test/", []byte("question"))
	if err != nil || r.ContentLength != 8 {
		t.Fatalf("expected 8 bytes, got %d, %v", r.ContentLength, err)
	}
	if whole, ok := Whole(r.Body); !ok || string(whole) != "question" {
		t.Errorf("expected the body, got %q, %v", whole, ok)
	}
	read, err := io.ReadAll(r.Body)
	if _, ok := Whole(r.Body); err != nil || string(read) != "question" || ok {
		t.Errorf("expected the body once, got %q, %v, %v", read, err, ok)
	}
	again, err := r.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	if whole, ok := Whole(again); !ok || string(whole) != "question" || r.Body.Close() != nil {
		t.Errorf("expected the body again, got %q", whole)
	}
	if _, ok := Whole(strings.NewReader("x")); ok {
		t.Error("expected nothing of what is to be read")
	}
	if _, err := Post(context.Background(), ":", nil); err == nil {
		t.Error("expected no request to an address that is none")
	}
	w := httptest.NewRecorder()
	Send(w, []byte("answer"))
	taker := &taker{ResponseRecorder: httptest.NewRecorder()}
	Send(taker, []byte("answer"))
	if w.Body.String() != "answer" || !bytes.Equal(taker.given, []byte("answer")) || taker.Body.Len() != 0 {
		t.Errorf("expected the answer, got %q and %q", w.Body, taker.given)
	}
}

type taker struct {
	*httptest.ResponseRecorder
	given []byte
}

func (w *taker) Give(p []byte) (int, error) {
	w.given = p
	return len(p), nil
}

func TestEscape(t *testing.T) {
	for _, s := range []string{"", "eyJ0.a-b_c~", "a b&c=d+e%", "\xff\x00/ø"} {
		if got, want := Escape(s), url.QueryEscape(s); got != want {
			t.Errorf("%q: expected %q, got %q", s, want, got)
		}
	}
}
