package sim

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"thiefbox/sim/client"
	"thiefbox/sim/event"
)

// The portal of a supplier: clinicians sign in at it, and it fetches records in the supplier's name. Only worlds whose
// scene asks for it have it.

const (
	portalURL    = "https://portal.thiefbox.test"
	portalRecord = "/bff/patient/"
)

var portal = system{
	id: "supplier-portal", name: "Cloud Journal Portal", key: "portal", redirectURI: portalURL + "/callback",
	scope: client.GatewayScope + " " + scopeBackend, grants: []string{"authorization_code", "client_credentials"},
	organization: cloudSupplier.organization,
}

func (w *World) buildPortal() error {
	if !w.scene.Portal {
		return nil
	}
	g, err := client.NewGateway(client.EHRConfig{
		Party: w.party("portal", 0), Name: portal.name, URL: portalURL, HTTP: w.Net.Client("portal"), FHIRBase: fhirBase,
		Issuers: []client.Registration{{Credentials: w.credentials(portal, issuer), Key: w.authKey(portal)}},
		DPoPKey: w.proofKey(portal), Memo: w.stock.memo,
	})
	if err != nil {
		return err
	}
	w.Net.Serve("portal.thiefbox.test", "portal", g)
	return nil
}

func portalActor() event.Actor {
	return event.Actor{ID: "portal", Name: "Supplier's portal", Role: event.RoleClient, Hosts: []string{"portal.thiefbox.test"}, Names: []string{portal.id}}
}

// openPortal has the doctor look at a patient of hers in the portal.
func (w *World) openPortal(ctx context.Context) {
	w.step(ctx, w.doctor.id, "signs in at the supplier's portal, and looks at patient "+w.patient+" and her measurements")
	w.report(ctx, "a clinician looks at her patient in a supplier's portal", w.portalShows(ctx))
}

func (w *World) portalShows(ctx context.Context) error {
	page, err := w.doctor.Visit(ctx, portalURL+"/login", "")
	if err != nil {
		return err
	}
	if page.Status != http.StatusOK || page.URL != portalURL+"/" {
		return fmt.Errorf("expected to be signed in at the portal, got status %d at %s", page.Status, page.URL)
	}
	for _, path := range []string{portalRecord + w.patient, portalRecord + w.patient + "/observations?_sort=-date&_count=5"} {
		if page, err = w.doctor.Visit(ctx, portalURL+path, ""); err != nil {
			return err
		}
		if page.Status != http.StatusOK || !bytes.Contains(page.Body, []byte(w.canary(w.patient))) {
			return fmt.Errorf("expected the record of %s, got status %d at %s without it", w.patient, page.Status, page.URL)
		}
	}
	return nil
}
