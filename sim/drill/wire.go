package drill

import (
	"cmp"
	"time"

	"thiefbox/sim/event"
)

// Wire is the running world of a drill: real requests between real servers. Package sim implements it.
// Nothing here decides what a request becomes; the servers do. A wire is used by one goroutine.
type Wire interface {
	// At moves the world's clock on to t after the start.
	At(t time.Duration)
	// Carry carries an order out, and says what came of it ("41 tokens withdrawn").
	Carry(Order) (string, error)
	// Probe lets one client of each kind make its next legitimate call to each kind of API.
	Probe() []Service
	// Work is honest people at work for a moment: the traffic a thief can listen to.
	Work()
	// Strike is the thief trying a technique at a kind of API.
	Strike(Raid) Attempt
	// Move gives the thief another address.
	Move()
	// Events are those told so far, from number n on.
	Events(n int) []event.Event
	// Keys are the copies that the APIs keep of the server's public keys, one for each kind in the drill's order, and
	// the kids of the keys the server has signed with, the present one last.
	Keys() (copies []KeyCopy, signing []string)
	// Address is where an actor's messages come from.
	Address(actor string) string
	Close() error
}

// Maker makes a wire under a drill's opening configuration.
type Maker func(World, Thief, uint64) (Wire, error)

// Order is one thing an operator does to the world.
type Order struct {
	Do   string        // one of the verbs below
	On   string        // a place ("server" or a kind of API), a client, an address
	What string        // a control, a kind of key, what a revocation goes by
	For  time.Duration // a lifetime, a window, an overlap
	// Token is the jti of an access token, for a revocation by grant. Tokens are of one world: in a copy of it,
	// On and the rest have to do.
	Token string
}

// The verbs of orders.
const (
	Deploy       = "deploy"   // control What at place On
	Withdraw     = "withdraw" // control What at place On
	Revoke       = "revoke"   // tokens, by What (client, subject, key, grant: that of Token), of client On
	Disable      = "disable"  // client On
	Enable       = "enable"
	Deny         = "deny" // client On's present key for proofs
	Admit        = "admit"
	RollKeys     = "roll-keys" // client On's: What is auth or proof; For is the overlap
	RotateServer = "rotate-server"
	TokenLife    = "token-life" // For
	ProofWindow  = "proof-window"
	Offline      = "offline" // API On
	Online       = "online"
	Block        = "block" // address On
	Unblock      = "unblock"
	Oblige       = "oblige" // client On is put under control What
	Release      = "release"
	Purge        = "purge"        // what the thief hears at API On stops reaching him
	RefreshKeys  = "refresh-keys" // API On drops its copy of the server's keys
	Mend         = "mend"         // client On addresses its assertions to the issuer from now on
	Stick        = "stick"        // all requests at API On stay on one node
	Spread       = "spread"       // they go to all nodes again
	Overload     = "overload"     // that node answers none; nobody orders it
	FailOver     = "fail-over"    // the next node has them; nor this
	Notify       = "notify"       // On is a class of suppliers; the world only notes it
)

// State is how a client fares at an API.
type State int

// The states.
const (
	Served  State = iota
	Relogin       // its people have to sign in again, and are then served
	Broken
)

func (s State) String() string { return [...]string{"served", "must sign in again", "broken"}[s] }

// Service is what one client of a kind met at one kind of API.
type Service struct {
	Client, API string
	State       State
	Why         string // of a failure, as the client saw it
}

// KeyCopy is what an API believes of the server's keys: which, and since when.
type KeyCopy struct {
	API     string
	Kids    []string
	Fetched time.Duration // since the start; before it, negative
	Alone   bool          // the exemplar fetched so that it is the last of its kind; the others did not
}

// Raid is what the thief goes for.
type Raid struct {
	Technique, API string
	// After and Most are for who goes through record numbers in order: the first he tries is the one after so many, and
	// he tries so many. All of them if Most is 0.
	After, Most int
}

// Attempt is what became of one try of the thief's.
type Attempt struct {
	Technique, API string
	Title          string // of the technique, as people say it
	Won            bool
	Patients       []string // whose records reached him
	StoppedBy      string   // id of the control, if one stopped him
	Reason         string
	First, Last    int // numbers of the events that show it
}

// Name is what the thief tried, as people say it.
func (a Attempt) Name() string { return cmp.Or(a.Title, a.Technique) }
