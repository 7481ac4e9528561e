package drill

import (
	"slices"
	"time"
)

const (
	minute = time.Minute
	hour   = time.Hour
)

// Action is one thing a player can do. It occupies an operator for its lead, and works at the end of it.
type Action struct {
	ID    string
	Usage string // what follows the id
	Title string
	Lead  time.Duration
	// Talk: it is said to people, and changes no machine.
	Talk bool
	// Facilitator: it is for the facilitator alone, and is nobody's decision.
	Facilitator bool
	// Stops and SideEffect are what the catalogue tells beforehand; whom it breaks, Preview measures.
	Stops, SideEffect string

	plan func(*planner) error
}

// Changes tells whether an action changes a machine: it is not talk, and more than looking.
func (a Action) Changes() bool {
	return !a.Talk && a.Lead > 0 && a.ID != "probe" && a.ID != "schedule"
}

// Catalogue is every action there is, in the order of the menu.
func Catalogue() []Action { return slices.Clone(catalogue) }

// everyWayOut is every way by which an API hands records out.
var everyWayOut = []string{
	"rs/entitlement-read", "rs/entitlement-search", "rs/entitlement-page", "rs/entitlement-history", "rs/entitlement-count", "rs/entitlement-include",
	"rs/entitlement-revinclude", "rs/entitlement-chain", "rs/entitlement-everything", "rs/entitlement-graphql", "rs/entitlement-export",
	"rs/export-owner", "rs/entitlement-notify", "rs/entitlement-binary", "rs/page-owner",
}

var catalogue = []Action{
	{ID: "revoke", Usage: "client|subject|key CLIENT", Title: "withdraw tokens", Lead: 5 * minute,
		Stops:      "grants, and access tokens at APIs that ask the server",
		SideEffect: "people sign in again; APIs that judge tokens themselves go on taking them until they expire", plan: (*planner).revoke},
	{ID: "revoke-grant", Usage: "LINE", Title: "withdraw the one grant behind a token in the logs", Lead: 5 * minute,
		Stops:      "that token and every token of its grant, at APIs that ask the server",
		SideEffect: "one person signs in again; APIs that judge tokens themselves go on taking them until they expire", plan: (*planner).revokeGrant},
	{ID: "deny", Usage: "CLIENT", Title: "refuse the client's present key for proofs", Lead: 5 * minute,
		Stops:      "a stolen key, as far as the server is asked",
		SideEffect: "the honest owner of the key too, until it is rolled", plan: onClient(Deny)},
	{ID: "admit", Usage: "CLIENT", Title: "take the client's key again", Lead: 5 * minute, plan: onClient(Admit)},
	{ID: "roll-key", Usage: "auth|proof CLIENT [OVERLAP]", Title: "have a client make a new key", Lead: 30 * minute,
		Stops:      "a stolen key, once the server takes the new one only",
		SideEffect: "with an overlap, the old key is good until it is rolled without one", plan: (*planner).rollKey},
	{ID: "rotate-server", Usage: "[OVERLAP]", Title: "give the authorization server a new signing key", Lead: 20 * minute,
		Stops:      "forged tokens, once every API has dropped the old key",
		SideEffect: "without overlap every live token dies as APIs notice; with it, forged ones live", plan: (*planner).rotate},
	{ID: "refresh-keys", Usage: "API", Title: "have the owners of APIs fetch the server's keys anew", Lead: 20 * minute,
		Stops:      "tokens under a key that is no longer published, at APIs that keep keys for long",
		SideEffect: "none; while the old key is still published, no good either", plan: onAPI(RefreshKeys)},
	{ID: "nonce", Usage: "server|API", Title: "demand a nonce in proofs", Lead: 15 * minute,
		Stops: "proofs made in advance", SideEffect: "one more round trip; clients that do not answer use_dpop_nonce fail", plan: deployed("as/dpop-nonce", "rs/dpop-nonce")},
	{ID: "replay-memory", Usage: "API", Title: "give the nodes of an API one memory of proofs", Lead: 25 * minute,
		Stops: "a proof used at another node", SideEffect: "a new dependency of every node", plan: deployed("", "rs/dpop-jti", "rs/dpop-jti-window", "rs/dpop-jti-shared")},
	{ID: "sticky", Usage: "API", Title: "have the load balancer keep all requests on one node", Lead: 8 * minute,
		Stops:      "a proof used at another node, while that node lasts",
		SideEffect: "one node has everybody's load: now and then it gives way, and what was under way can be sent again elsewhere by whoever copied it", plan: nodesOf(Stick)},
	{ID: "spread", Usage: "API", Title: "have the load balancer use all nodes again", Lead: 8 * minute, plan: nodesOf(Spread)},
	{ID: "window", Usage: "API DURATION", Title: "shorten how old a proof may be", Lead: 10 * minute,
		Stops: "slow replays", SideEffect: "clients whose clocks are off fail", plan: (*planner).window},
	{ID: "token-life", Usage: "DURATION", Title: "change how long access tokens live", Lead: 10 * minute,
		Stops: "old tokens, sooner", SideEffect: "more token requests at the server", plan: (*planner).tokenLife},
	{ID: "disable", Usage: "CLIENT", Title: "let a client authenticate no more", Lead: 2 * minute,
		Stops: "everything through that client", SideEffect: "all its clinics go dark", plan: onClient(Disable)},
	{ID: "enable", Usage: "CLIENT", Title: "let a client in again", Lead: 2 * minute, plan: onClient(Enable)},
	{ID: "require-par", Title: "take only pushed authorization requests", Lead: 10 * minute,
		Stops: "tampering in the browser", SideEffect: "clients without PAR fail when people sign in", plan: deployed("as/par-required")},
	{ID: "audience-rule", Usage: "all|KIND", Title: "take only assertions addressed to the issuer", Lead: 10 * minute,
		Stops: "assertions harvested by another server", SideEffect: "clients that still send the token endpoint fail", plan: (*planner).audienceRule},
	{ID: "ratchet", Usage: "KIND", Title: "hold every client to the new rule from the day it has moved", Lead: 15 * minute,
		Stops: "clients falling back to the old form with a later release", SideEffect: "none for those that have not moved", plan: (*planner).ratchet},
	{ID: "keys-only", Title: "take no shared secrets", Lead: 10 * minute,
		Stops: "a leaked secret", SideEffect: "clients that never moved to keys fail", plan: deployed("as/client-auth-asymmetric")},
	{ID: "refuse-bearer", Usage: "API", Title: "take no bound token as a bearer token", Lead: 20 * minute,
		Stops: "the downgrade", SideEffect: "none for a client that sends its proof", plan: deployed("", "rs/dpop-scheme")},
	{ID: "refuse-unbound", Usage: "API", Title: "take bound tokens only", Lead: 20 * minute,
		Stops: "bearer tokens, stolen and honest", SideEffect: "clients that never moved to DPoP fail", plan: deployed("", "rs/sender-bound")},
	{ID: "ask-owner", Usage: "API", Title: "ask whose record it is before serving it", Lead: 60 * minute,
		Stops: "reading strangers' records with a token of one's own", plan: deployed("", everyWayOut...)},
	{ID: "deploy", Usage: "CONTROL PLACE", Title: "switch any control on", Lead: 20 * minute, plan: (*planner).deploy},
	{ID: "withdraw", Usage: "CONTROL PLACE", Title: "switch a control off again", Lead: 10 * minute, plan: (*planner).withdraw},
	{ID: "offline", Usage: "API", Title: "take an API off the network", Lead: 2 * minute,
		Stops: "everything there", SideEffect: "care stops where it is needed", plan: onAPI(Offline)},
	{ID: "online", Usage: "API", Title: "put an API back", Lead: 2 * minute, plan: onAPI(Online)},
	{ID: "block", Usage: "ADDRESS", Title: "turn an address away", Lead: 5 * minute,
		Stops: "today's thief", SideEffect: "whoever shares the address; the thief finds another", plan: onAddress(Block)},
	{ID: "unblock", Usage: "ADDRESS", Title: "let an address in again", Lead: 5 * minute, plan: onAddress(Unblock)},
	{ID: "purge", Usage: "API", Title: "stop what is written down about requests to an API", Lead: 15 * minute,
		Stops: "the leak itself", SideEffect: "what was read stays read; logs are missing later", plan: onAPI(Purge)},
	{ID: "probe", Usage: "API", Title: "try the thief's own techniques at an API", Lead: 15 * minute, plan: (*planner).probe},
	{ID: "schedule", Usage: "NUMBER", Title: "have so many APIs tried each day, in turn, with what must fail", Lead: hour, plan: (*planner).schedule,
		SideEffect: "an operator sets each API up, five minutes apiece; then it runs by itself"},
	{ID: "logs", Usage: "API", Title: "ask for an API's logs", Lead: 20 * minute, Talk: true, plan: (*planner).logs},
	{ID: "notify", Usage: "all|KIND", Title: "tell suppliers the exact change", Lead: 20 * minute, Talk: true,
		SideEffect: "they get faster; telling those it does not concern costs trust", plan: (*planner).notify},
	{ID: "deadline", Usage: "KIND DURATION", Title: "announce when the old form of a kind is refused", Lead: 15 * minute, Talk: true,
		SideEffect: "on the date, whoever is not ready is broken", plan: (*planner).deadline},
	{ID: "fix-client", Usage: "CLIENT", Title: "sit with one supplier until the corrected release runs", Lead: 4 * hour, plan: onClient(Mend)},
	{ID: "warn", Usage: "OBLIGATION", Title: "do what the law wants told", Lead: 20 * minute, Talk: true, plan: (*planner).warn},
	{ID: "answer", Usage: "INJECT [ANSWER]", Title: "answer a message", Lead: 10 * minute, Talk: true, plan: (*planner).answer},
	{ID: "believe", Usage: "HYPOTHESIS PERCENT [EVIDENCE...]", Title: "say how likely an explanation is, and what shows it", Talk: true, plan: (*planner).believe},
	{ID: "suppose", Usage: "WORDS...", Title: "add an explanation of your own, in words", Talk: true, plan: (*planner).suppose},
	{ID: "link", Usage: "HYPOTHESIS EVIDENCE...", Title: "link lines of the logs to an explanation", Talk: true, plan: (*planner).link},
	{ID: "unlink", Usage: "HYPOTHESIS EVIDENCE...", Title: "take lines from an explanation again", Talk: true, plan: (*planner).link},
	{ID: Cancel, Usage: "DECISION", Title: "take back what waits or is under way", Talk: true, plan: (*planner).cancel,
		SideEffect: "what waits is taken up sooner; what has come into effect stays"},
	{ID: "inject", Usage: "INJECT", Title: "have a message arrive now", Facilitator: true, plan: (*planner).inject},
	{ID: Wait, Title: "let time pass", plan: func(*planner) error { return nil }},
}

func actionOf(id string) *Action {
	if i := slices.IndexFunc(catalogue, func(a Action) bool { return a.ID == id }); i >= 0 {
		return &catalogue[i]
	}
	return nil
}
