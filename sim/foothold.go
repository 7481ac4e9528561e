package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/network"
)

// vantage is what granting one means in this world.
type vantage struct {
	// hears tells whether an exchange passes the place. The thief does not overhear himself.
	hears func(event.Request) bool
	// shows cuts a request down to what is visible there.
	shows func(event.Message) event.Message
	// first is what has to be so for him to be there.
	first func(*World)
	// passing: he sees messages while they are on their way, not after they were answered.
	passing bool
	// held: messages that pass never arrive. Scene makes people send one that the morning does not.
	held  bool
	scene func(*World, context.Context)
}

var vantages = map[event.Vantage]vantage{
	event.APILog:           {hears: at("fhir"), shows: logLine},
	event.APIProxy:         {hears: at("fhir"), shows: everything},
	event.APIProxyHeld:     {hears: at("fhir"), shows: everything, held: true, scene: openRecordHeld},
	event.TokenLog:         {hears: at("as", "/token", "/par"), shows: everything},
	event.TokenPassing:     {hears: at("as", "/token"), shows: everything, passing: true},
	event.TokenHeld:        {hears: at("as", "/token"), shows: everything, held: true, scene: signInHeld},
	event.FrontRequest:     {hears: at("as", "/authorize"), shows: urlOnly},
	event.FrontResponse:    {hears: at("ehr", "/callback"), shows: urlOnly},
	event.FrontHeld:        {hears: at("ehr", "/callback"), shows: urlOnly, held: true, scene: signInHeld},
	event.LabServer:        {hears: at("lab"), shows: everything},
	event.RogueAS:          {},
	event.IntrospectionHop: {},
	event.ViewerLink:       {hears: at(thief), shows: everything, scene: openViewer},
	event.SupportBundle:    {hears: at("fhir"), shows: everything},
	event.PageScript:       {first: func(w *World) { w.ehr.DropContentPolicy() }},
	event.IntrospectionCut: {hears: at("as", "/introspect"), shows: urlOnly, held: true, scene: lineCut},
}

// at hears what is sent to an actor, at certain paths of his or anywhere.
func at(actor string, paths ...string) func(event.Request) bool {
	return func(r event.Request) bool {
		if r.To != actor || r.From == thief {
			return false
		}
		if len(paths) == 0 {
			return true
		}
		u, err := url.Parse(r.Message.URL)
		return err == nil && slices.Contains(paths, u.Path) && (u.Path != "/authorize" || r.Message.Method == http.MethodGet)
	}
}

func everything(m event.Message) event.Message { return m }

func urlOnly(m event.Message) event.Message { return event.Message{Method: m.Method, URL: m.URL} }

func logLine(m event.Message) event.Message {
	out := urlOnly(m)
	if a, ok := m.Header["Authorization"]; ok {
		out.Header = http.Header{"Authorization": a}
	}
	return out
}

// grant gives the thief what the technique needs, and says so in the log. It returns the scenes to be
// played once the honest journey is over.
func (w *World) grant(ctx context.Context, needs []event.Vantage) (scenes []func(context.Context), err error) {
	for _, name := range needs {
		v, ok := vantages[name]
		if !ok {
			return nil, fmt.Errorf("this world has no vantage %q", name)
		}
		w.granted[name] = true
		w.tell(ctx, event.Granted{Vantage: name})
		if v.first != nil {
			v.first(w)
		}
		switch {
		case v.hears == nil:
		case v.held:
			scenes = append(scenes, func(ctx context.Context) { w.playHeld(ctx, name, v) })
		default:
			if w.tap(name, v); v.scene != nil {
				scenes = append(scenes, func(ctx context.Context) { v.scene(w, ctx) })
			}
		}
	}
	return scenes, nil
}

func (w *World) tap(name event.Vantage, v vantage) {
	w.Net.Tap(network.Tap{
		Match: func(_ int, r event.Request) bool { return v.hears(r) },
		Hold:  v.held, Passing: v.passing,
		Seen: func(exchange int, r event.Request) {
			m := v.shows(r.Message)
			w.overheard[name] = append(w.overheard[name], m)
			w.tell(event.Within(context.Background(), exchange), event.Overheard{Vantage: name, Of: exchange, Message: m})
		},
	})
}

// playHeld lets people work while a message of theirs is held back. What they then see is an error
// page, and they try again later: no journey fails by it.
func (w *World) playHeld(ctx context.Context, name event.Vantage, v vantage) {
	w.tap(name, v)
	v.scene(w, ctx)
}

func lineCut(w *World, ctx context.Context) {
	w.step(ctx, "fhir", "can no longer reach the authorization server: the line between them is cut")
}

func signInHeld(w *World, ctx context.Context) {
	w.step(ctx, w.doctor.id, "signs in again; a message gets lost on the way, and she sees an error page")
	_, _ = w.doctor.Visit(ctx, ehrURL+"/login?issuer="+issuer, "")
}

// openRecordHeld has the doctor work under a new token, so that what is held back differs from all
// that was seen before; or the laboratory, where there is one.
func openRecordHeld(w *World, ctx context.Context) {
	if w.scene.Reported {
		reportHeld(w, ctx)
		return
	}
	w.step(ctx, w.doctor.id, "signs in again and opens the record; the request gets lost on the way")
	_ = w.workday(ctx)
}

// steal takes an asset as it is at this moment.
func (w *World) steal(ctx context.Context, asset event.Asset) error {
	data, err := w.asset(asset)
	if err != nil {
		return err
	}
	if data == nil {
		return nil // a bearer dialect has no keys to steal
	}
	w.stolen[asset] = data
	w.tell(ctx, event.Granted{Asset: asset, Bytes: data})
	return nil
}

func (w *World) asset(asset event.Asset) ([]byte, error) {
	switch asset {
	case event.OwnClient:
		return json.Marshal(w.stolenCredentials(w.ownApp()))
	case event.OwnSystem:
		if w.scene.Reminders {
			return json.Marshal(w.stolenCredentials(reminderService))
		}
		return json.Marshal(w.stolenCredentials(ownSystem))
	case event.ClientDatabase:
		return w.ehr.Database(), nil
	case event.ClientKey:
		return json.Marshal(w.stolenCredentials(webEHR))
	case event.DPoPKey:
		return w.boundKey()
	case event.ClientSecret:
		return json.Marshal(w.secretOnly())
	case event.RegistrationToken:
		return json.Marshal(fapi.Credentials{Issuer: issuer, ClientID: webEHR.id, RegistrationToken: w.registrationToken(webEHR)})
	case event.Signed:
		return w.signedInAdvance()
	case event.ServerKey:
		return w.tokenKey().PrivateJWK(), nil
	case event.LabCredentials:
		return json.Marshal(w.askersCredentials(labBase, "lab-api"))
	case event.OldCertificate:
		return w.lastYearsCredentials()
	}
	return w.loot(asset)
}

// boundKey is the key that the EHR's tokens are bound to: a private JWK for proofs, or credentials that hold
// its certificate and the key of that.
func (w *World) boundKey() ([]byte, error) {
	c := w.stolenCredentials(webEHR)
	if !c.CertificateBound {
		return c.DPoPJWK, nil
	}
	return json.Marshal(fapi.Credentials{Issuer: c.Issuer, ClientID: c.ClientID, Certificate: c.Certificate, TLSJWK: c.TLSJWK, CertificateBound: true})
}

// secretOnly is what a leaked configuration file of 2020 says: the EHR's id and secret, and how to
// present them. If the EHR has since moved to keys, the file has not.
func (w *World) secretOnly() fapi.Credentials {
	c := w.credentials(webEHR, issuer)
	method := control.ClientAuth(c.AuthMethod)
	if method.Asymmetric() {
		method = control.ClientSecretBasic
	}
	return fapi.Credentials{Issuer: issuer, ClientID: c.ClientID, AuthMethod: string(method), Secret: c.Secret}
}
