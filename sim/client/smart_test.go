package client

import (
	"net/url"
	"testing"

	"thiefbox/sim/control"
)

// What an answer says of place and person is believed as far as it goes with the launch.
func TestPlacement(t *testing.T) {
	for _, c := range []struct {
		name    string
		p       placement
		refused *control.Control
	}{
		{"as it should be", placement{patient: "p01", user: fhirBase + "/Practitioner/berg", base: fhirBase}, nil},
		{"a link that says the same", placement{linked: "p01", patient: "p01", user: fhirBase + "/Practitioner/berg", base: fhirBase}, nil},
		{"a link that says another", placement{linked: "p02", patient: "p01", user: fhirBase + "/Practitioner/berg", base: fhirBase}, control.ClientLaunchContext},
		{"a link where the answer says nobody", placement{linked: "p02", user: fhirBase + "/Practitioner/berg", base: fhirBase}, control.ClientLaunchContext},
		{"somebody of another API", placement{patient: "p01", user: rogueURL + "/fhir/Practitioner/berg", base: fhirBase}, control.ClientFHIRUser},
		{"somebody of an API whose name begins alike", placement{patient: "p01", user: fhirBase + ".rogue.test/Practitioner/berg", base: fhirBase}, control.ClientFHIRUser},
		{"nobody", placement{patient: "p01", base: fhirBase}, control.ClientFHIRUser},
	} {
		var refused *control.Control
		for _, g := range placeGuards {
			if _, err := g.Check(&c.p); err != nil && refused == nil {
				refused = g.Control
			}
		}
		if refused != c.refused {
			t.Errorf("%s: expected %v, got %v", c.name, c.refused, refused)
		}
	}
}

// The API is named as the request can carry it: in a signed one aud is the server.
func TestOpenAt(t *testing.T) {
	for request, name := range map[control.Request]string{control.PlainRequest: "aud", control.PushedRequest: "aud", control.SignedRequest: "resource"} {
		p := full(t)
		p.Dialect.Request = request
		w := newWorld(t, p)
		f := &flow{extra: url.Values{}}
		newAppIn(w, SignInScope).protocol.openAt(f, fhirBase, "a handle")
		if f.extra.Get(name) != fhirBase || f.extra.Get("launch") != "a handle" || len(f.extra) != 2 {
			t.Errorf("%s: got %v", request, f.extra)
		}
	}
}
