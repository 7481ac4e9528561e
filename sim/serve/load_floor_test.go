package serve

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"
)

// floor is what the load benchmarks stand beside: net/http on sockets with the same limits and the same TLS, the same
// cryptography, an answer of the same size, and nothing else. It knows every key beforehand, checks no claim and
// remembers nothing.
type floor struct {
	client, proof, own *ecdsa.PublicKey
	private            *ecdsa.PrivateKey
	claims             string // what it signs: a token's header and claims
	read, found        []byte // what it answers a read and a search with
}

func newFloor(b *testing.B, a *app, token string, read, found []byte) (*floor, string) {
	b.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	f := &floor{
		client: a.client.Key.Public().Key.(*ecdsa.PublicKey), proof: a.dpop.Public().Key.(*ecdsa.PublicKey),
		own: a.issuer.tenant.key().Public().Key.(*ecdsa.PublicKey), private: private,
		claims: token[:strings.LastIndex(token, ".")], read: read, found: found,
	}
	listeners, port, err := listen([]string{"127.0.0.1"}, 0)
	if err != nil {
		b.Fatal(err)
	}
	var config *tls.Config
	if s := a.issuer.tenant.server; s.https != 0 {
		if config, err = s.ca.serverConfig(s.config.hostNames(), time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	var bare sockets
	bare.serve(b.Context(), listeners, config, f)
	b.Cleanup(func() { _ = bare.close() })
	return f, fmt.Sprint("127.0.0.1:", port)
}

func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, path, _ := strings.Cut(r.URL.Path[1:], "/")
	switch path {
	case "token":
		if verified(f.client, r.PostFormValue("client_assertion")) && verified(f.proof, r.Header.Get("DPoP")) {
			digest := sha256.Sum256([]byte(f.claims))
			signature, err := f.private.Sign(nil, digest[:], crypto.SHA256) // as sim/fapi does: RFC 6979
			if err == nil {
				f.answer(w, http.StatusOK, []byte(`{"access_token":"`+f.claims+"."+base64.RawURLEncoding.EncodeToString(signature)+`","token_type":"DPoP","expires_in":300}`))
				return
			}
		}
	case "par":
		if verified(f.client, r.PostFormValue("client_assertion")) {
			f.answer(w, http.StatusCreated, []byte(`{"request_uri":"urn:ietf:params:oauth:request_uri:`+rand.Text()+`","expires_in":60}`))
			return
		}
	default:
		if verified(f.proof, r.Header.Get("DPoP")) && verified(f.own, strings.TrimPrefix(r.Header.Get("Authorization"), "DPoP ")) {
			body := f.read
			if path == "fhir/Patient" {
				body = f.found
			}
			f.answer(w, http.StatusOK, body)
			return
		}
	}
	http.Error(w, "no", http.StatusUnauthorized)
}

func (f *floor) answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func verified(key *ecdsa.PublicKey, compact string) bool {
	dot := strings.LastIndex(compact, ".")
	if dot < 0 {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(compact[dot+1:])
	if err != nil || len(signature) != 64 {
		return false
	}
	digest := sha256.Sum256([]byte(compact[:dot]))
	return ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
}
