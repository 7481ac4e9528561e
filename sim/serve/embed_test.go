package serve_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/fapi"
	"thiefbox/sim/serve"
)

// How a Go test of somebody's own client uses the server: start it, let the client loose on it, and ask
// what it did wrong. The client here signs no DPoP proof.
func TestEmbedding(t *testing.T) {
	server := serve.InTest(t, serve.Config{Now: time.Now})
	issuer, err := server.Issuer("my-test")
	if err != nil {
		t.Fatal(err)
	}
	machine := issuer.Client("machine")

	assertion, err := fapi.NewAssertion(machine.ID, issuer.URL, time.Now(), 10*time.Second, "1").Sign(machine.Key, "")
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	defer client.CloseIdleConnections()
	response, err := client.PostForm(issuer.URL+"/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {machine.ID},
		"client_assertion": {assertion}, "client_assertion_type": {fapi.AssertionType},
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()

	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("expected the request to be refused, got %d", response.StatusCode)
	}
	refusals := issuer.Diagnoses()
	if len(refusals) != 1 || refusals[0].Control != "as/sender-constrained" || !strings.Contains(refusals[0].Fix, "DPoP proof") {
		t.Errorf("expected the refusal to be explained, got %+v", refusals)
	}
}
