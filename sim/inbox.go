package sim

import (
	"context"
	"fmt"
	"net/url"

	"thiefbox/idp"
	"thiefbox/sim/client"
)

// A clinic's inbox for results is sent what laboratories write, and asks for nothing. Only worlds whose scene asks for it
// have it.

const inboxURL = "https://inbox.thiefbox.test"

var resultInbox = system{
	id: "result-inbox", name: "Result Inbox", key: "inbox", scope: client.InboxScope, grants: []string{"client_credentials"},
}

// namedSites are those that the operators of the APIs have named for clients to which no browser is ever sent back.
var namedSites = map[string]string{resultInbox.id: inboxURL}

// sitesOf are the origins that are registered for a client, where an API may send records.
func (w *World) sitesOf(id string) []string {
	if site := namedSites[id]; site != "" {
		return []string{site}
	}
	for _, s := range append(w.systems(), w.cast.systems()...) {
		if u, err := url.Parse(s.redirectURI); err == nil && s.id == id && u.Host != "" {
			return []string{u.Scheme + "://" + u.Host}
		}
	}
	return nil
}

func (w *World) buildInbox() error {
	if !w.scene.Subscribed {
		return nil
	}
	var err error
	w.inbox, err = client.NewInbox(client.InboxConfig{
		SupplierConfig: client.SupplierConfig{
			Party: w.party("inbox", 0), HTTP: w.Net.Client("inbox"), FHIRBase: fhirBase,
			Registration: client.Registration{Credentials: w.credentials(resultInbox, issuer), Key: w.authKey(resultInbox)},
			DPoPKey:      w.proofKey(resultInbox),
		},
		Endpoint: inboxURL + "/results", Password: w.secret("inbox"),
	})
	if err != nil {
		return err
	}
	w.Net.Serve("inbox.thiefbox.test", "inbox", w.inbox)
	return nil
}

// subscribeInbox has the inbox subscribe, and the laboratory write something that it is sent.
func (w *World) subscribeInbox(ctx context.Context) {
	w.step(ctx, "inbox", "subscribes to the results of its clinic's patients, in its own name")
	w.report(ctx, "a clinic's inbox subscribes to results", w.inbox.Subscribe(ctx))
	w.step(ctx, "labsystem", "reports a result of patient "+w.patient+", in its own name")
	w.report(ctx, "a laboratory reports a result, and the inbox is sent it", w.reportToInbox(ctx))
}

func (w *World) reportToInbox(ctx context.Context) error {
	id, err := w.laboratory.Report(ctx, client.Result{Patient: w.patient, LOINC: "2823-3", Name: "Potassium [Moles/volume] in Serum or Plasma", Value: "4.1", Unit: "mmol/L", Status: "final"})
	if err == nil && !w.inbox.Has("Observation/"+id) {
		err = fmt.Errorf("expected the inbox to be sent Observation/%s, got nothing of it", id)
	}
	return err
}

// throwOut has an operator withdraw all that the thief's app was granted.
func (w *World) throwOut(ctx context.Context) {
	w.step(ctx, "as", "withdraws all that "+locumHelper.name+" was granted")
	w.as.Revoke(ctx, idp.Selection{Client: locumHelper.id})
}
