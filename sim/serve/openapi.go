package serve

import (
	_ "embed"
	"net/http"
	"strings"
)

//go:embed openapi.yaml
var openAPI string

// serveOpenAPI documents how the issuer is driven, with its own address for the server.
func (i *Issuer) serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, "application/yaml", []byte(strings.Replace(openAPI, "https://localhost:9443/fapi2-dpop", i.URL, 1)))
}
