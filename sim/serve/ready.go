package serve

import (
	"encoding/json"
	"os"
)

// ready is what a test in another language reads once the server listens: where it is and what to trust.
type ready struct {
	PID    int    `json:"pid"`
	Issuer string `json:"issuer"`
	FHIR   string `json:"fhir"`
	// HTTPS and HTTP are the origins below which every path is an issuer; one may be missing.
	HTTPS string `json:"https,omitempty"`
	HTTP  string `json:"http,omitempty"`
	// MTLS is the issuer's URL where clients are asked for certificates, MTLSFHIR the API's.
	MTLS     string        `json:"mtls_issuer,omitempty"`
	MTLSFHIR string        `json:"mtls_fhir,omitempty"`
	CAFile   string        `json:"ca_file"`
	OpenAPI  string        `json:"openapi"`
	Clients  []readyClient `json:"clients"`
}

type readyClient struct {
	ID      string `json:"client_id"`
	Method  string `json:"token_endpoint_auth_method"`
	JWKFile string `json:"jwk_file,omitempty"`
	PEMFile string `json:"pem_file,omitempty"`
	Secret  string `json:"client_secret,omitempty"`

	CertificateFile string `json:"certificate_file,omitempty"`
	TLSKeyFile      string `json:"tls_key_file,omitempty"`
}

// writeReady writes the file all at once: whoever finds it finds it whole.
func (s *Server) writeReady(name string, i *Issuer) error {
	r := ready{PID: os.Getpid(), Issuer: i.URL, FHIR: i.FHIR, HTTP: s.PlainOrigin(), CAFile: s.CAFile(), OpenAPI: i.URL + pathOpenAPI, MTLS: i.MTLS, MTLSFHIR: i.mtlsFHIR()}
	if s.https != 0 {
		r.HTTPS = s.Origin()
	}
	for _, c := range i.tenant.clients {
		r.Clients = append(r.Clients, readyClient{c.ID, c.AuthMethod, c.JWKFile, c.PEMFile, c.Secret, c.CertificateFile, c.TLSKeyFile})
	}
	body, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(name, append(body, '\n'), 0o600)
}
