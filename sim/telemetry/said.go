package telemetry

import "thiefbox/sim/event"

// words names what a party writes down of a redacted event; nothing for what no party could know.
func words(body event.Body) (what string, fields []Field) {
	var e Entry
	switch b := body.(type) {
	case event.Ruling:
		what = "refuse"
		e.add("outcome", "deny")
		if b.Outcome == "challenged" {
			what, e.Fields[0].Value = "challenge", "challenge"
		}
		e.add("control", b.Control)
		e.add("reason", b.Cause)
	case event.Refused:
		what = "error"
		e.add("outcome", "deny")
		e.add("status", b.Status)
		e.add("code", b.Code)
		e.add("reason", b.Detail)
	case event.Issued:
		what = "issue"
		e.add("outcome", "allow")
		e.credential(b.Type, b.ID, b.Client)
		e.add("sub", b.Subject)
		e.add("scope", b.Scope)
		e.add("jkt", b.Bound)
		e.add("token_x5t", b.Certificate)
		if b.Type == "access_token" {
			e.add("bound", b.Bound != "" || b.Certificate != "")
		}
	case event.Withdrawn:
		what = "withdraw"
		e.add("outcome", "allow")
		e.credential(b.Type, b.ID, b.Owner)
	case event.Disclosed:
		what = "disclose"
		e.add("outcome", "allow")
		e.credential(b.Type, b.ID, b.Owner)
		e.add("audience", b.Audience)
	case event.Access:
		what = "access"
		e.add("outcome", "allow")
		e.act(b.Interaction, b.Resource, b.Patients, b.Client, b.Subject, b.Token)
	case event.Written:
		what = "write"
		e.add("outcome", "allow")
		e.act(b.Interaction, b.Resource, b.Patients, b.Client, b.Subject, b.Token)
		e.add("version", b.Version)
	case event.SignedIn:
		what = "sign_in"
		e.add("outcome", "allow")
		e.add("sub", b.Subject)
	case event.Operated:
		what = "operate"
		e.add("outcome", "allow")
		e.add("do", b.Do)
		e.add("on", b.On)
		e.add("detail", b.Detail)
	}
	return what, e.Fields
}

func (e *Entry) credential(kind, id, client string) {
	e.add("type", kind)
	if kind == "access_token" {
		e.add("token_jti", id)
	} else {
		e.add("credential_id", id)
	}
	switch kind { // named as in the requests that bring them: there it is the same piece of the same hash
	case "code", "refresh_token", "request_uri":
		e.add(kind+"_hash", id[:min(len(id), digestLength)])
	}
	e.add("client_id", client)
}

func (e *Entry) act(interaction, resource string, patients []string, client, subject, token string) {
	e.add("interaction", interaction)
	e.add("resource", resource)
	e.add("patients", patients)
	e.add("patient_count", len(patients))
	e.add("client_id", client)
	e.add("sub", subject)
	e.add("token_jti", token)
}
