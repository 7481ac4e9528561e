package serve

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestFilteredIsAPartOfTheWhole: what is asked for by number, path or client is what stands in the whole list, as it
// stands there, under the name of a secret too.
func TestFilteredIsAPartOfTheWhole(t *testing.T) {
	s := start(t, Config{HTTPSPort: -1})
	i := issuer(t, s, "x")
	a := newApp(t, s, i, "web-app")
	token := a.redeem(a.code("berg").Get("code")).member("access_token")
	a.read("/Patient/p01", token)
	a.read("/Patient/"+token, token) // a path with a secret in it
	all := i.Recorded()
	named := all[len(all)-1].Path
	if len(all) < 6 || named == "/fhir/Patient/"+token {
		t.Fatalf("expected a sign-in and two reads, the last without its secret, got %d, %q", len(all), named)
	}
	for _, d := range []door{{path: "/token"}, {path: named}, {client: "web-app"}, {method: http.MethodPost}, {after: all[2].N}, {after: all[1].N, path: "/fhir/Patient/p01"}, {path: "/nowhere"}} {
		var want []Recorded
		for _, r := range all {
			if d.isOf(r) {
				want = append(want, r)
			}
		}
		var got []Recorded
		for _, r := range i.recordedAt(d) {
			if d.isOf(r) {
				got = append(got, r)
			}
		}
		if asJSON(t, got) != asJSON(t, want) {
			t.Errorf("%+v: expected %d of the whole list, got %d that differ", d, len(want), len(got))
		}
		if d.path != "/nowhere" && len(want) == 0 {
			t.Errorf("%+v: expected something in the list", d)
		}
	}
}

// BenchmarkRequests lists what was recorded of four hundred calls: all of it, what goes to one path, and what is new,
// which is nothing.
func BenchmarkRequests(b *testing.B) {
	l := newLoader(b)
	for range 100 {
		l.fetch(b, l.token(), "access_token")
		for range 3 {
			l.fetch(b, l.read(), "")
		}
	}
	all := l.issuer.Recorded()
	for name, query := range map[string]string{"all": "", "path": "?path=/token", "new": "?after=100000"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w := httptest.NewRecorder()
				l.issuer.serveRequests(w, httptest.NewRequest(http.MethodGet, pathRequests+query, nil))
				if w.Code != http.StatusOK || len(all) == 0 {
					b.Fatalf("expected the list, got %d", w.Code)
				}
			}
		})
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
