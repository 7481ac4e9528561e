package interact

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

const proper = `{"resourceType":"Subscription","status":"requested","reason":"x","end":"2027-01-01T00:00:00Z","criteria":"Observation?status=final","channel":{"type":"rest-hook","endpoint":"https://in.test/x?y=z","payload":"application/fhir+json","header":["X-A: 1","X-A: 2"]}}`

func TestReadSubscription(t *testing.T) {
	n, err := r4.Parse([]byte(proper))
	if err != nil {
		t.Fatal(err)
	}
	s, err := ReadSubscription(base, n)
	if err != nil || s.Type != "Observation" || len(s.Filters) != 1 || s.Endpoint.String() != "https://in.test/x?y=z" || s.Header.Values("X-A")[1] != "2" || s.End.Year() != 2027 || s.Active {
		t.Errorf("expected what it says, got %+v, %v", s, err)
	}
	if issues := r4.Validate(n); len(issues) > 0 {
		t.Error(issues)
	}
}

// Whatever a subscription says, it is understood or refused with its place.
func FuzzReadSubscription(f *testing.F) {
	f.Add(proper)
	for _, spoil := range [][2]string{{"rest-hook", "email"}, {"https://in.test/x?y=z", "http://[::1]:1/"}, {"https://in.test/x?y=z", "https://fhir.test/fhir/x"}, {"Observation?status=final", "/Observation?"},
		{"Observation?status=final", "Observation?code:below=%ff&_sort=date"}, {"X-A: 1", "Host : x\r\nY: z"}, {"2027-01-01T00:00:00Z", "soon"}, {`"channel":{`, `"channel":[{`}} {
		f.Add(strings.Replace(proper, spoil[0], spoil[1], 1))
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := r4.Parse([]byte(text))
		if err != nil {
			return
		}
		s, err := ReadSubscription(base, n)
		var p *query.Problem
		if err != nil {
			if !errors.As(err, &p) || p.Status != 422 || !strings.HasPrefix(p.Expression, "Subscription.") {
				t.Errorf("expected a problem with its place, got %#v", err)
			}
			return
		}
		if s.Endpoint.Host == "" || s.Endpoint.Scheme != "https" && !Loopback(s.Endpoint.Hostname()) {
			t.Errorf("expected https, or this machine, got %s", s.Endpoint)
		}
		if own, _ := url.Parse(base); strings.EqualFold(own.Host, s.Endpoint.Host) {
			t.Errorf("expected it to be elsewhere, got %s", s.Endpoint)
		}
		for name := range s.Header {
			if withheld[name] {
				t.Errorf("expected no %s", name)
			}
		}
	})
}
