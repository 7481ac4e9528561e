package idp

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Launches (SMART App Launch 2.2, "EHR Launch"). An EHR in which somebody is signed in says here which app she opens on
// what, and gets a handle for it; the app brings the handle along with its authorization request. How an EHR and its
// authorization server speak of this the specification leaves open: here the EHR is a client that is registered as one.

// Launch is an app that is opened in an EHR.
type Launch struct {
	App  string // its client_id
	User string // sub of the person
	On   fapi.Launch
}

// launched is what a handle stands for.
type launched struct {
	remembered
	Launch
	by       string // the EHR
	at       time.Time
	lifetime time.Duration
	key      digest
	spent    atomic.Bool
}

// launchGuards judge a handle by the request that brings it, launchUserGuards by the person who has signed in, and
// launchOnce stands last, when a code is about to be issued: people reload.
var (
	launchGuards = []control.Guard[request]{
		{Control: control.ASLaunchAudience, Check: (*request).checkLaunchAudience, Answer: control.Answer{
			Status: http.StatusBadRequest, Code: "invalid_target", Safe: "the API is none of this server's"}},
		{Control: control.ASLaunchClient, Check: (*request).checkLaunchClient, Answer: answerLaunch},
		{Control: control.ASLaunchLifetime, Check: (*request).checkLaunchLifetime, Answer: answerLaunch},
	}
	launchUserGuards = []control.Guard[launchUse]{
		{Control: control.ASLaunchUser, Check: (*launchUse).checkUser, Answer: control.Answer{
			Status: http.StatusForbidden, Code: "access_denied", Safe: "the launch was for somebody else"}},
	}
	launchOnce = []control.Guard[launchUse]{
		{Control: control.ASLaunchOnce, Check: (*launchUse).spend, Answer: answerLaunch},
	}
	answerLaunch = control.Answer{Status: http.StatusBadRequest, Code: "invalid_request", Safe: "the launch is not acceptable"}
)

// launchUse is a handle in the browser of somebody who has signed in.
type launchUse struct {
	*launched
	user *User
}

// checkLaunchAudience: SMART App Launch 2.2, aud; RFC 8707 s2. An app that is to be opened on a record says at which
// API. Without the check the server takes no notice of what it says.
func (r *request) checkLaunchAudience() (string, error) {
	named := strings.Join(r.resources, " ")
	switch {
	case r.stray != "" && (r.aud != "" || wantsLaunch(r.scope)):
		return r.stray, control.ExpectedFix("aud", "the base URL of a FHIR API of this server", r.stray, "send the iss of the launch, which names that API")
	case named == "" && wantsLaunch(r.scope):
		return "", control.ExpectedFix("aud", "the base URL of the FHIR API", "", "send aud (or resource, RFC 8707) with the authorization request")
	}
	return named, nil
}

// checkLaunchClient: SMART App Launch 2.2: the handle "must associate the app's authorization request with the current
// EHR session", which opened that app and no other.
func (r *request) checkLaunchClient() (string, error) {
	if r.launch != nil && r.launch.App != r.client.ID {
		return r.client.ID, control.Expected("app of the launch", r.launch.App, r.client.ID)
	}
	return r.client.ID, nil
}

// checkLaunchLifetime: an app that is opened asks at once.
func (r *request) checkLaunchLifetime() (string, error) {
	if r.launch == nil {
		return "", nil
	}
	if age := r.asked.Sub(r.launch.at); age > r.launch.lifetime {
		return "", control.ExpectedFix("age of the launch", "at most "+r.launch.lifetime.String(), age.Truncate(time.Second).String(), "open the app from the EHR again")
	}
	return "", nil
}

// checkUser: SMART App Launch 2.2: the EHR session is somebody's.
func (u *launchUse) checkUser() (string, error) {
	if u.user.Subject != u.User {
		return u.user.Subject, control.Expected("person of the launch", u.User, u.user.Subject)
	}
	return u.user.Subject, nil
}

// spend: a handle stands in a URL, in histories and logs.
func (u *launchUse) spend() (string, error) {
	if !u.spent.CompareAndSwap(false, true) {
		return "", control.Expected("launch", "one that led to no code yet", "one that did")
	}
	u.changed()
	return "", nil
}

// judgeLaunch asks whether the person may go on with the launch. Whoever has been asked about is not asked again.
func (s *Server) judgeLaunch(ctx context.Context, i *interaction, who *session) error {
	if i.launch == nil || i.launchJudged.Load() == who {
		return nil
	}
	if err := party.Enforce(ctx, s.party, &launchUse{i.launch, who.user}, launchUserGuards); err != nil {
		return err
	}
	i.launchJudged.Store(who)
	return nil
}

// readLaunch finds what a handle stands for, and reads aud. A handle counts with the scope launch.
func (s *Server) readLaunch(r *request, f form) error {
	r.asked = s.now()
	if handle := f.get("launch"); handle != "" && r.scope.Has("launch") {
		found, ok := s.launches.get(digestOf(handle), r.asked)
		if !ok {
			return malformed("expected the launch that an EHR of this server gave the app, got an unknown one")
		}
		r.launch = found
	} else if r.scope.Has("launch") {
		return malformed("expected the parameter launch with the scope launch; an app that is opened by itself asks for launch/patient")
	}
	r.aud = f.get("aud")
	switch base := withoutSlash(r.aud); {
	case r.aud == "":
	case len(r.resources) > 0 && !slices.Contains(r.resources, base):
		return unknownTarget("expected aud to be one of the resources %q, got %q", r.resources, r.aud)
	case s.resources[base] == nil:
		r.stray = r.aud
	default:
		r.resources = []string{base} // aud is what became resource (RFC 8707), and says the same
	}
	for _, api := range r.resources {
		if !slices.Contains(s.everyAPI, api) {
			r.stray = api
		}
	}
	return nil
}

func withoutSlash(u string) string {
	if n := len(u); n > 0 && u[n-1] == '/' {
		return u[:n-1]
	}
	return u
}

// Launch enters a launch and returns its handle, for an EHR that lives in the same process.
func (s *Server) Launch(ctx context.Context, by string, l Launch) string {
	handle, now := s.party.Dice.Token(), s.now()
	key := digestOf(handle)
	s.launches.add(key, &launched{Launch: l, by: by, at: now, lifetime: s.lifetimes().Launch, key: key}, now, now.Add(keep))
	s.party.Tell(ctx, event.Issued{Type: "launch", ID: fapi.Hash(handle), Client: l.App, Subject: l.User})
	return handle
}

type launchResponse struct {
	Launch    string `json:"launch"`
	ExpiresIn int64  `json:"expires_in"`
}

// serveLaunch takes a launch from an EHR: app, user and patient, and whatever else the app is to be told
// (encounter, intent, need_patient_banner, smart_style_url, fhirContext, tenant).
func (s *Server) serveLaunch(w http.ResponseWriter, r *http.Request) {
	handle, err := s.enterLaunch(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, launchResponse{handle, int64(s.lifetimes().Launch.Seconds())})
}

func (s *Server) enterLaunch(r *http.Request) (string, error) {
	f, err := postForm(r)
	if err != nil {
		return "", err
	}
	c, err := s.readCaller(r, f, s.at.launch, s.now())
	if err != nil {
		return "", err
	}
	l, err := s.readLaunchForm(f)
	if err != nil {
		return "", err
	}
	if err := s.authenticate(r.Context(), c); err != nil {
		return "", err
	}
	if !c.client.EHR {
		return "", faultOf(http.StatusForbidden, "unauthorized_client", "the client is no EHR", "expected a client that is registered as an EHR, got "+c.client.ID)
	}
	if err := s.spend(r.Context(), c, nil, nil); err != nil {
		return "", err
	}
	return s.Launch(r.Context(), c.client.ID, l), nil
}

func (s *Server) readLaunchForm(f form) (l Launch, err error) {
	l = Launch{App: f.get("app"), User: f.get("user"), On: fapi.Launch{
		Patient: f.get("patient"), Encounter: f.get("encounter"), Intent: f.get("intent"), StyleURL: f.get("smart_style_url"), Tenant: f.get("tenant"),
	}}
	if s.client(l.App) == nil {
		return l, malformed("expected app to be the client_id of a registered client, got %s", quoteOrNothing(l.App))
	}
	if s.userOf(l.User) == nil {
		return l, malformed("expected user to be the sub of somebody known here, got %s", quoteOrNothing(l.User))
	}
	if banner := f.get("need_patient_banner"); banner != "" {
		needed, err := strconv.ParseBool(banner)
		if err != nil {
			return l, malformed("expected need_patient_banner to be true or false, got %q", banner)
		}
		l.On.NeedBanner = &needed
	}
	if raw := f.get("fhirContext"); raw != "" {
		var items []map[string]any
		if err := json.Unmarshal([]byte(raw), &items); err != nil {
			return l, malformed("expected fhirContext to be an array of objects: %v", err)
		}
		l.On.Context = json.RawMessage(raw)
	}
	return l, nil
}

func (s *Server) userOf(subject string) *User {
	if u := s.users[subject]; u != nil && u.Subject == subject {
		return u
	}
	for _, u := range s.users {
		if u.Subject == subject {
			return u
		}
	}
	return nil
}
