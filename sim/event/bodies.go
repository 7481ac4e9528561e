package event

import (
	"encoding/json"
)

// The kinds of body.
const (
	KindBegan     Kind = "began"
	KindActor     Kind = "actor"
	KindProtected Kind = "protected"
	KindPhase     Kind = "phase"
	KindStep      Kind = "step"
	KindRequest   Kind = "request"
	KindResponse  Kind = "response"
	KindLost      Kind = "lost"
	KindGranted   Kind = "granted"
	KindOverheard Kind = "overheard"
	KindLured     Kind = "lured"
	KindRuling    Kind = "ruling"
	KindRefused   Kind = "refused"
	KindStruck    Kind = "struck"
	KindIssued    Kind = "issued"
	KindWithdrawn Kind = "withdrawn"
	KindDisclosed Kind = "disclosed"
	KindAccess    Kind = "access"
	KindWritten   Kind = "written"
	KindSignedIn  Kind = "signed_in"
	KindJourney   Kind = "journey"
	KindOperated  Kind = "operated"
	KindEnded     Kind = "ended"
)

// Began opens a log: what is played, under which profile.
type Began struct {
	Technique string   `json:"technique"` // catalogue id, "T-04"; empty for an honest run
	Profile   string   `json:"profile"`   // its name, or a description of how it differs from a named one
	Controls  []string `json:"controls"`  // ids of the controls that are on
	Seed      uint64   `json:"seed"`
	Wire      string   `json:"wire"` // "memory" or "tcp"
}

// Actor introduces a party. Rights are the patients whose records it may see.
type Actor struct {
	ID     string   `json:"id"`   // "ehr", "kari", "mallory"
	Name   string   `json:"name"` // "Web EHR"
	Role   Role     `json:"role"`
	Hosts  []string `json:"hosts,omitempty"`
	Rights []string `json:"rights,omitempty"` // patient ids
	// Allowance is how many of those patients' records its work takes in a minute, where a scenario says so; 0 where
	// nobody has said.
	Allowance int `json:"allowance,omitempty"`
	// Names are the identities it goes by at the servers: sub and client_id values that are its own.
	Names []string `json:"names,omitempty"`
}

// Role is what kind of party an actor is.
type Role string

// Roles of actors.
const (
	RolePerson              Role = "person"
	RoleClient              Role = "client"
	RoleAuthorizationServer Role = "authorization server"
	RoleResourceServer      Role = "resource server"
	RoleThief               Role = "thief"
)

// Protected lists the canaries: marks in records, by which a leak is recognised wherever it surfaces. It
// also lists the marks that people put into what they write, by which it is recognised wherever it is stored.
type Protected struct {
	Canaries map[string]string `json:"canaries"`        // canary to patient id
	Marks    map[string]string `json:"marks,omitempty"` // mark to the actor who writes it
}

// Phase opens a part of the run.
type Phase struct {
	Name PhaseName `json:"name"`
}

// PhaseName is one of the parts of a run.
type PhaseName string

// The parts of a run, in order.
const (
	PhaseJourney  PhaseName = "journey"  // honest people at work: the proof that the door opens for the right key
	PhaseFoothold PhaseName = "foothold" // what the scenario grants the thief, and people working while he listens
	PhaseAttack   PhaseName = "attack"
)

// Step is a line of the story, for a reader.
type Step struct {
	Actor string `json:"actor"`
	Text  string `json:"text"` // "opens the record of patient p07"
}

// Request is a request that was sent. Its number is the event's exchange.
type Request struct {
	From string `json:"from"` // actor
	To   string `json:"to"`   // actor that answers for the host
	Node string `json:"node,omitempty"`
	// Cause is the exchange that led to this one: the request being handled when it was sent, or the
	// answer that redirected the browser here. 0 if an actor acted of its own accord.
	Cause int `json:"cause,omitempty"`
	// Certificate is the client certificate of the connection; empty if the host asked for none or got none.
	Certificate Certificate `json:"certificate,omitzero"`
	Message     Message     `json:"message"`
}

// Response is the answer to the request of the same exchange.
type Response struct {
	Message Message `json:"message"`
}

// Lost is an exchange without a response: the request was held back, the sender hung up, or the
// connection broke.
type Lost struct {
	Why string `json:"why"`
}

// Vantage is a place from which the thief hears messages.
type Vantage string

// Vantages a scenario can grant.
const (
	// APILog shows request lines and Authorization headers at the FHIR API, as an access log does.
	APILog Vantage = "api-log"
	// APIProxy shows whole requests to the FHIR API after they were served: a TLS-terminating proxy's
	// capture. This is attacker A5 of the FAPI 2.0 attacker model.
	APIProxy Vantage = "api-proxy"
	// APIProxyHeld holds a request to the FHIR API back: the thief has it before the API ever saw it.
	APIProxyHeld Vantage = "api-proxy-held"
	// TokenLog shows whole requests to the authorization server's back-channel endpoints (PAR, token)
	// after they were served.
	TokenLog Vantage = "token-log"
	// TokenPassing shows whole requests to the token endpoint while they are on their way, and lets them pass.
	TokenPassing Vantage = "token-passing"
	// TokenHeld holds a request to the token endpoint back: it never arrives.
	TokenHeld Vantage = "token-held"
	// FrontRequest shows the authorization request in the browser: attacker A3a.
	FrontRequest Vantage = "front-request"
	// FrontResponse shows the authorization response after the client used it: a history or a Referer.
	FrontResponse Vantage = "front-response"
	// FrontHeld holds the authorization response back: the client never sees the code.
	FrontHeld Vantage = "front-held"
	// LabServer: the thief runs the laboratory's API and sees the requests it is sent.
	LabServer Vantage = "lab-server"
	// RogueAS: the thief runs an authorization server that the honest client also uses: A1a.
	RogueAS Vantage = "rogue-as"
	// IntrospectionHop: the thief sits on the way from the FHIR API to its authorization server's introspection
	// endpoint, and can change what is asked and answered there.
	IntrospectionHop Vantage = "introspection-hop"
	// ViewerLink: a page that the client opens with a token in its address links to a site of the thief's.
	ViewerLink Vantage = "viewer-link"
	// SupportBundle shows whole requests to the FHIR API as the client recorded them: a file on a ticket.
	SupportBundle Vantage = "support-bundle"
	// PageScript: script of the thief's runs in the client's pages, in somebody's browser.
	PageScript Vantage = "page-script"
	// IntrospectionCut: questions of the FHIR API to the authorization server no longer arrive.
	IntrospectionCut Vantage = "introspection-cut"
)

// Asset is a thing the thief can have stolen, or owns.
type Asset string

// Assets a scenario can grant. Each is handed over as JSON.
const (
	// OwnClient is a client the thief has registered honestly: a fapi.Credentials document.
	OwnClient Asset = "own-client"
	// OwnSystem is a system that acts in its own name, which the thief has registered honestly: likewise. The scene says for
	// whom it works: OwnSystem or Reminders.
	OwnSystem Asset = "own-system"
	// ClientDatabase is a backup of the EHR's session table: tokens, no keys.
	ClientDatabase Asset = "client-database"
	// ClientKey is the client's key for client authentication; DPoPKey, the one its tokens are bound to: for
	// proofs, or where they are bound to a certificate, with that certificate.
	ClientKey Asset = "client-key"
	DPoPKey   Asset = "dpop-key"
	// Signed is what somebody with the client's keys for a minute had them sign for later: a JSON
	// object of proofs and assertions by use.
	Signed Asset = "signed-in-advance"
	// LabCredentials are the laboratory API's credentials at introspection.
	LabCredentials Asset = "lab-credentials"
	// RegistrationToken is the token that manages the client's registration (RFC 7592): credentials with
	// nothing else in them.
	RegistrationToken Asset = "registration-token"
	// OldCertificate is the client's credentials of last year, from an old backup: a certificate that has
	// expired, and its key.
	OldCertificate Asset = "old-certificate"
	// ServerKey is the key the authorization server signs its tokens with: a private JWK.
	ServerKey Asset = "server-key"
	// ClientSecret is the shared secret the client once had.
	ClientSecret Asset = "client-secret"
	// BrowserStorage is what a page of a client without a backend keeps in a person's browser: an access
	// token and its type.
	BrowserStorage Asset = "browser-storage"
	// BrowserHistory is the addresses a person's browser has been to: an array of URLs.
	BrowserHistory Asset = "browser-history"
	// SessionCookie is a person's cookies for the client: the value of a Cookie header, and no JSON.
	SessionCookie Asset = "session-cookie"
	// Password is a person's user name and password, as she typed them into a copy of the sign-in page.
	Password Asset = "password"
	// ServerDatabase is a copy of the authorization server's database: refresh_tokens, and client, which
	// is what the server knows a client by.
	ServerDatabase Asset = "server-database"
	// TenantToken is a token response whose access token the authorization server's key signed for another
	// tenant of the product, and EndlessToken one whose access token was made by hand and never expires. Both
	// carry a clinician's name and are bound, if at all, to a key of the thief's.
	TenantToken  Asset = "tenant-token"
	EndlessToken Asset = "endless-token"
	// EarlyToken is likewise one that was made for a day to come.
	EarlyToken Asset = "early-token"
)

// Granted says what the scenario gave the thief. One of the fields is set.
type Granted struct {
	Vantage Vantage `json:"vantage,omitempty"`
	Asset   Asset   `json:"asset,omitempty"`
	Bytes   []byte  `json:"bytes,omitempty"` // of an asset, when it was taken
}

// Overheard is what reached the thief at a vantage: the part of the exchange it shows.
type Overheard struct {
	Vantage Vantage `json:"vantage"`
	Of      int     `json:"of"` // exchange
	Message Message `json:"message"`
}

// Lured says that a person followed a link of the thief's. What the browser does then has it as cause
// by way of Exchange: a lure opens an exchange of its own that has no request.
type Lured struct {
	Victim string `json:"victim"`
	URL    string `json:"url"`
}

// Ruling is one control at one request.
type Ruling struct {
	Party   string `json:"party"` // actor that ruled, and its node: "fhir/a"
	Control string `json:"control"`
	Outcome string `json:"outcome"` // pass, refused, challenged, off
	Saw     string `json:"saw,omitempty"`
	What    string `json:"what,omitempty"` // refused: what was looked at
	Want    string `json:"want,omitempty"`
	Got     string `json:"got,omitempty"`
	Fix     string `json:"fix,omitempty"`
	Cause   string `json:"cause,omitempty"` // refused: the whole sentence
}

// Refused is a refusal that no control made: a malformed request, an unknown route, a fault of ours.
type Refused struct {
	Party  string `json:"party"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"` // the full diagnosis, for the developer
	Clause string `json:"clause,omitempty"`
	Fix    string `json:"fix,omitempty"` // what to do, which ends the Detail too
}

// Struck is a fault that somebody asked for, at the moment it strikes: the server misbehaves on purpose.
type Struck struct {
	Fault string `json:"fault"` // its name: "reject-nonce"
	Text  string `json:"text"`  // what it did to this exchange
}

// Issued is a credential that the authorization server gave out.
type Issued struct {
	Type    string `json:"type"` // request_uri, code, access_token, refresh_token, id_token
	ID      string `json:"id"`   // jti, or a hash: never the secret itself
	Client  string `json:"client"`
	Subject string `json:"subject,omitempty"`
	Scope   string `json:"scope,omitempty"`
	Bound   string `json:"bound,omitempty"` // jkt
	// Certificate is the x5t#S256 of the client certificate it is bound to.
	Certificate string `json:"certificate,omitempty"`
}

// Withdrawn is a credential that the authorization server cancelled, and at whose request.
type Withdrawn struct {
	Type  string `json:"type"` // access_token, refresh_token, or grant for all that grew out of one
	ID    string `json:"id"`
	Owner string `json:"owner"` // client it was issued to
}

// Disclosed is a credential whose content the authorization server explained to the caller of this
// exchange (introspection), or whose owner it described (userinfo).
type Disclosed struct {
	Type     string   `json:"type"` // access_token, or identity
	ID       string   `json:"id"`
	Owner    string   `json:"owner"`    // client it was issued to
	Audience []string `json:"audience"` // APIs it is meant for; of an identity, none
}

// Access is something the API did in somebody's name.
type Access struct {
	Node        string   `json:"node,omitempty"`
	Interaction string   `json:"interaction"` // FHIR: read, search-type
	Resource    string   `json:"resource"`    // "Observation/obs-p07-1" or "Observation?patient=p07"
	Patients    []string `json:"patients,omitempty"`
	Subject     string   `json:"subject"` // sub of the token
	Client      string   `json:"client"`
	Token       string   `json:"token"` // jti
	// Told are patients whose records are not in the answer, but decided about it: what is counted, or looked
	// through by a chain or a condition.
	Told []string `json:"told,omitempty"`
}

// Written is a record that the API stored, replaced or deleted in somebody's name. Marks are the strings
// in it by which somebody's writing is recognised (Protected.Marks), wherever they come from: a write by
// an honest system that was handed somebody else's words shows too.
type Written struct {
	Node        string   `json:"node,omitempty"`
	Interaction string   `json:"interaction"` // FHIR: create, update, patch, delete, batch, transaction
	Resource    string   `json:"resource"`    // "Observation/obs-p07-1"
	Version     int      `json:"version"`
	Patients    []string `json:"patients,omitempty"` // in whose compartments it lies
	Subject     string   `json:"subject"`            // sub of the token
	Client      string   `json:"client"`
	Token       string   `json:"token"` // jti
	Marks       []string `json:"marks,omitempty"`
	Deleted     bool     `json:"deleted,omitempty"`
}

// SignedIn says that an honest client took the browser of this exchange for a person.
type SignedIn struct {
	Client  string `json:"client"`  // actor
	Subject string `json:"subject"` // sub
}

// Journey is how an honest journey ended.
type Journey struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

// Operated is a decision that entered a running world: what an operator did, and to whom or what.
type Operated struct {
	Do     string `json:"do"`               // deploy, withdraw, revoke, rotate, disable, …
	On     string `json:"on"`               // a place, a client, a key
	Detail string `json:"detail,omitempty"` // a control, a duration, how many tokens went
}

// Ended closes the attack. Error is a fault of the technique (it could not even try), not a refusal.
type Ended struct {
	Error string `json:"error,omitempty"`
}

func (Began) Kind() Kind     { return KindBegan }
func (Actor) Kind() Kind     { return KindActor }
func (Protected) Kind() Kind { return KindProtected }
func (Phase) Kind() Kind     { return KindPhase }
func (Step) Kind() Kind      { return KindStep }
func (Request) Kind() Kind   { return KindRequest }
func (Response) Kind() Kind  { return KindResponse }
func (Lost) Kind() Kind      { return KindLost }
func (Granted) Kind() Kind   { return KindGranted }
func (Overheard) Kind() Kind { return KindOverheard }
func (Lured) Kind() Kind     { return KindLured }
func (Ruling) Kind() Kind    { return KindRuling }
func (Refused) Kind() Kind   { return KindRefused }
func (Struck) Kind() Kind    { return KindStruck }
func (Issued) Kind() Kind    { return KindIssued }
func (Withdrawn) Kind() Kind { return KindWithdrawn }
func (Disclosed) Kind() Kind { return KindDisclosed }
func (Access) Kind() Kind    { return KindAccess }
func (Written) Kind() Kind   { return KindWritten }
func (SignedIn) Kind() Kind  { return KindSignedIn }
func (Journey) Kind() Kind   { return KindJourney }
func (Operated) Kind() Kind  { return KindOperated }
func (Ended) Kind() Kind     { return KindEnded }

var newBody = map[Kind]func([]byte) (Body, error){
	KindBegan: read[Began], KindActor: read[Actor], KindProtected: read[Protected], KindPhase: read[Phase],
	KindStep: read[Step], KindRequest: read[Request], KindResponse: read[Response], KindLost: read[Lost],
	KindGranted: read[Granted], KindOverheard: read[Overheard], KindLured: read[Lured], KindRuling: read[Ruling],
	KindDisclosed: read[Disclosed], KindStruck: read[Struck],
	KindRefused: read[Refused], KindIssued: read[Issued], KindWithdrawn: read[Withdrawn], KindAccess: read[Access],
	KindWritten: read[Written], KindSignedIn: read[SignedIn], KindJourney: read[Journey], KindEnded: read[Ended],
	KindOperated: read[Operated],
}

func read[B Body](data []byte) (Body, error) {
	var b B
	err := json.Unmarshal(data, &b)
	return b, err
}
