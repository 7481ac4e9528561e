package client

import (
	"context"
	"net/http"
	"strings"
)

// read makes a FHIR read or search with a token. When the API asks for a nonce, it is made once more
// with a new proof (RFC 9449 s9). Any status but 200 is an *UpstreamError.
func (p *protocol) read(ctx context.Context, t token, url string) ([]byte, error) {
	rep, err := p.readFor(ctx, t, url, "")
	if err != nil {
		return nil, err
	}
	return rep.body, nil
}

// readFor is read for a purpose that is said, and hands over the whole answer.
func (p *protocol) readFor(ctx context.Context, t token, url, purpose string) (*reply, error) {
	rep, err := p.request(ctx, t, url, headerPurpose, purpose)
	if err != nil {
		return nil, err
	}
	if rep.status != http.StatusOK {
		return nil, upstreamError(url, rep)
	}
	return rep, nil
}

// request sends a request, with a header besides those that all have unless its value is empty, and once more where
// the API wants its nonce in the proof.
func (p *protocol) request(ctx context.Context, t token, url, header, value string) (*reply, error) {
	rep, err := p.requestOnce(ctx, t, url, header, value)
	if err == nil && t.scheme == "DPoP" && asksNonceRS(rep) {
		rep, err = p.requestOnce(ctx, t, url, header, value)
	}
	return rep, err
}

func (p *protocol) requestOnce(ctx context.Context, t token, url, header, value string) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if value != "" {
		req.Header.Set(header, value)
	}
	return p.present(req, t)
}

// present sends a request to an API with a token.
func (p *protocol) present(req *http.Request, t token) (*reply, error) {
	req.Header["Accept"] = wantsFHIR
	req.Header.Set("Authorization", t.scheme+" "+t.access)
	// A client without a key for proofs has nothing better than to present the token bare.
	if t.scheme == "DPoP" && p.dpop != nil {
		if err := p.prove(req, req.URL.String(), t.access); err != nil {
			return nil, err
		}
	}
	return p.do(req)
}

// wantsFHIR is shared by all requests, and never changed in place.
var wantsFHIR = []string{"application/fhir+json"}

// asksNonceRS tells whether an API wants the request again with its nonce (RFC 9449 s9).
func asksNonceRS(rep *reply) bool {
	return rep.status == http.StatusUnauthorized && rep.header.Get("DPoP-Nonce") != "" && challengeError(rep.header) == "use_dpop_nonce"
}

// challengeError reads the error attribute out of a WWW-Authenticate challenge (RFC 6750 s3.1).
func challengeError(h http.Header) string {
	for _, challenge := range h.Values("WWW-Authenticate") {
		if _, rest, found := strings.Cut(challenge, `error="`); found {
			code, _, _ := strings.Cut(rest, `"`)
			return code
		}
	}
	return ""
}
