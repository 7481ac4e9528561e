package serve

import (
	"net/http"

	"thiefbox/idp"
)

// Registrations while the server runs, and tokens withdrawn. Clients that register themselves do so at
// the authorization server (RFC 7591); here a test says which id it wants.

func (i *Issuer) serveClients(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, i.as.Registered())
}

// registerClient takes the metadata of RFC 7591 s2 with a client_id, and a client_secret if its method
// has one. A client of that id is replaced.
func (i *Issuer) registerClient(w http.ResponseWriter, r *http.Request) {
	var in struct {
		idp.ClientMetadata
		Secret       string      `json:"client_secret"`
		Organization string      `json:"organization"`
		Tenancy      idp.Tenancy `json:"tenancy"`
	}
	err := readJSON(w, r, &in)
	var client idp.Client
	if err == nil {
		client, err = in.Client(in.Secret)
	}
	if err == nil {
		client.Tenancy = in.Tenancy
		client.Organisation, err = i.tenant.server.organisationNumber(in.Organization)
	}
	if err == nil {
		err = i.as.Register(client)
	}
	if err != nil {
		badInput(w, err)
		return
	}
	answerJSON(w, http.StatusOK, in.ClientMetadata)
}

// serveRevoke withdraws every token of a client, of a subject, bound to a key, or of one grant, as an
// operator would in an emergency.
func (i *Issuer) serveRevoke(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Token   string `json:"jti"`
		Client  string `json:"client"`
		Subject string `json:"subject"`
		Key     string `json:"jkt"`
	}
	if err := readJSON(w, r, &in); err != nil {
		badInput(w, err)
		return
	}
	selection := idp.Selection{Token: in.Token, Client: in.Client, Subject: in.Subject, Key: in.Key}
	if selection == (idp.Selection{}) {
		refuse(w, http.StatusBadRequest, "invalid_request", "expected client, subject, jkt or jti: which tokens are meant")
		return
	}
	answerJSON(w, http.StatusOK, struct {
		Revoked int `json:"revoked"`
	}{i.as.Revoke(r.Context(), selection)})
}

// serveBarred lists the clients and keys on whom the door is closed.
func (i *Issuer) serveBarred(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, i.as.Barred())
}

// bar closes the door on clients, by id, and on keys and certificates, by thumbprint; all others may come in again.
func (i *Issuer) bar(w http.ResponseWriter, r *http.Request) {
	var in idp.Barred
	if err := readJSON(w, r, &in); err != nil {
		badInput(w, err)
		return
	}
	i.as.Bar(in)
	i.serveBarred(w, r)
}

// Introspection is what an API of one's own asks about tokens as: a name and a secret, for the endpoint /introspect.
func (i *Issuer) Introspection() (id, secret string) { return apiID, i.tenant.secret }

// CAFile is the certificate to trust where the issuer is over TLS, in PEM.
func (i *Issuer) CAFile() string { return i.tenant.server.CAFile() }
