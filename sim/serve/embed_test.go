package serve_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/serve"
)

// How a Go test of somebody's own client uses the server: start it, let the client loose on it, and ask what it did
// wrong. The client here sends no DPoP proof.
func TestEmbedding(t *testing.T) {
	issuer := serve.For(t, serve.Config{Now: time.Now})

	if status := fetchToken(t, issuer, issuer.HTTP(t)); status != http.StatusBadRequest {
		t.Errorf("expected the request to be refused, got %d", status)
	}

	issuer.Expect(t, serve.Expectation{
		Path: "/token", Client: "machine", RefusedBy: control.ASSenderConstrained.ID, Times: 1,
		Form: map[string]*string{"grant_type": new("client_credentials"), "client_secret": nil},
	})
	refusals := issuer.Diagnoses()
	if len(refusals) != 1 || !strings.Contains(refusals[0].Fix, "DPoP proof") {
		t.Errorf("expected the refusal to be explained, got %+v", refusals)
	}
}

// How a Go test of somebody's own API uses it: tokens as the API will meet them, right and wrong in one way each, and
// the keys to verify them with at issuer.URL. The API here is that of the server, under a profile that looks at all of it.
func TestEmbeddingForAnAPI(t *testing.T) {
	issuer := serve.For(t, serve.Config{Now: time.Now, Profile: "hardened"})
	client := issuer.HTTP(t)
	for mistake, want := range map[string]int{"": 200, "wrong-audience": 401, "expired": 401, "bound-to-another-key": 401, "wrong-scope": 403} {
		url := issuer.FHIR + "/Patient/p01"
		minted, err := issuer.Mint(serve.Mint{Mistake: mistake, Lifetime: serve.Duration(time.Minute), Proof: &serve.MintProof{URL: url}})
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", minted.Authorization)
		request.Header.Set("DPoP", minted.Proof)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%q: expected %d, got %d; %+v", mistake, want, response.StatusCode, issuer.Diagnoses())
		}
	}
}

// How a test makes the server misbehave: the next call is answered with 503, and a careful client comes again.
func TestEmbeddingWithAFault(t *testing.T) {
	issuer := serve.For(t, serve.Config{Now: time.Now, Profile: "bcp"})
	client := issuer.HTTP(t)
	if err := issuer.Queue(serve.Fault{Path: "/token", Status: http.StatusServiceUnavailable, RetryAfter: serve.Duration(time.Second)}); err != nil {
		t.Fatal(err)
	}
	if first, second := fetchToken(t, issuer, client), fetchToken(t, issuer, client); first != http.StatusServiceUnavailable || second != http.StatusOK {
		t.Errorf("expected 503 and then a token, got %d and %d", first, second)
	}
}

// fetchToken stands for the client that is tested. It sends an assertion and no proof.
func fetchToken(t *testing.T, issuer *serve.Issuer, client *http.Client) int {
	t.Helper()
	machine := issuer.Client("machine")
	assertion, err := fapi.NewAssertion(machine.ID, issuer.URL, time.Now(), 10*time.Second, time.Now().String()).Sign(machine.Key, "")
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.PostForm(issuer.URL+"/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {machine.ID}, "scope": {"system/*.rs"},
		"client_assertion": {assertion}, "client_assertion_type": {fapi.AssertionType},
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}
