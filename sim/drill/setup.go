package drill

import "time"

// World is the opening configuration of a drill, on the wire and in the population.
type World struct {
	Profile string `yaml:"profile"`
	// Server says how the authorization server differs from the profile.
	Server Change `yaml:"server"`
	// TokenLife is how long access tokens live; as the profile says if 0.
	TokenLife time.Duration `yaml:"token_life"`
	APIs      []API         `yaml:"apis"`
	// Clients is the mix of the population: the first kind takes what the others leave over.
	Clients []Kind `yaml:"clients"`
	Size    Size   `yaml:"size"`
}

// Change is how a place differs from the profile.
type Change struct {
	With    []string `yaml:"with"`
	Without []string `yaml:"without"`
}

// API is a kind of API.
type API struct {
	Kind  string `yaml:"kind"`
	Title string `yaml:"title"`
	Count int    `yaml:"count"` // how many of the population's APIs are of this kind
	Nodes int    `yaml:"nodes"` // 1 unless said
	// Asks: it asks the authorization server about every token it is shown.
	Asks   bool          `yaml:"asks"`
	KeyAge time.Duration `yaml:"key_age"` // how long it keeps the server's keys; 10m unless said
	// KeysByAge: it fetches them when they are that old and not before, whatever key a token names.
	KeysByAge bool `yaml:"keys_by_age"`
	Change    `yaml:",inline"`
}

// Kind is a kind of client: how it speaks, and how many of the population do.
type Kind struct {
	Kind    string  `yaml:"kind"` // a key of Kinds
	Share   float64 `yaml:"share"`
	Clinics int     `yaml:"clinics"` // of the clients with a name: how many clinics stand on it
	Title   string  `yaml:"title"`
}

// Size is how large the population is.
type Size struct {
	Suppliers int `yaml:"suppliers"`
	Clients   int `yaml:"clients"`
	Clinics   int `yaml:"clinics"`
}

// Kinds are the kinds of client a world can have, and what is particular about each. The exemplar of a
// kind is on the wire; how the kind fares is what its exemplar met there.
var Kinds = map[string]string{
	"modern":         "FAPI 2.0 as published: key, DPoP, nonces, issuer as audience",
	"token-url":      "addresses its client assertions to the token endpoint",
	"audience-array": "addresses its client assertions to issuer and token endpoint, in an array",
	"no-nonce":       "does not answer a server's wish for a nonce",
	"slow-clock":     "its clock is 40 s slow",
	"carrier":        "shares a mobile carrier's address with strangers",
	"shared-secret":  "a shared secret and bearer tokens, as in 2020",
	"no-par":         "people sign in by a plain link, which nobody pushed",
	"web-ehr":        "the web EHR where people sign in; one client, many clinics",
}

// Named are the kinds that are one client each, which an operator can aim at: the kind is the client_id, as the logs have it.
var Named = map[string]bool{"web-ehr": true}

// Thief is what the thief has, hears and does.
type Thief struct {
	Plan []string `yaml:"plan"` // techniques by catalogue id; each round he uses the first that works
	// Starts is the condition under which he begins; from the first minute if empty.
	Starts string `yaml:"starts"`
	// StartsBetween are two times between which the dice have him begin, in place of Starts.
	StartsBetween []time.Duration `yaml:"starts_between"`
	Every         time.Duration   `yaml:"every"` // a round
	At            []string        `yaml:"at"`    // kinds of API he turns to
	Hears         []Hears         `yaml:"hears"`
	Has           []string        `yaml:"has"` // assets
	// Returns are assets he takes anew before each round: he is still where they lie.
	Returns []string `yaml:"returns"`
	// Harvest is how many records a success at one API yields him; an assumption of the drill's, since
	// the wire shows that he can, not how much he wants. With Rising, it is for how many records one stands that
	// reached him on the wire.
	Harvest int `yaml:"harvest"`
	// Rising: he goes through record numbers in order, in each round from where he stopped, and in each through so many
	// more than in the one before, up to as many as the wire has. What reached him is counted there.
	Rising int `yaml:"rising"`
	// Moves: after how many rounds of being blocked he comes from another address; never if 0.
	Moves int `yaml:"moves"`
	// Slow is by how much the clock of the machine that he signs on is slow.
	Slow time.Duration `yaml:"slow"`
}

// Hears is a place where the thief listens.
type Hears struct {
	Vantage string `yaml:"vantage"`
	At      string `yaml:"at"`   // kind of API
	From    string `yaml:"from"` // kind of client; of all if empty
}
