package attacker

import (
	"slices"
	"strings"
)

// Block is an entry of the catalogue of attacks: one way to steal, whose variants are techniques that share
// its id. A block that no technique plays says why not.
type Block struct {
	ID, Title string
	// As is the technique that plays what the block leads to, where that is another block's; or empty.
	As string
	// Why it cannot be played on the wire in this world. Empty for a block that a technique plays.
	Why string
}

// Blocks returns the catalogue's blocks of the families that have been gone through, by family.
func Blocks() []Block { return slices.Concat(blocks, fhirBlocks) }

// Unplayable returns the blocks that no technique plays.
func Unplayable() (out []Block) {
	for _, b := range Blocks() {
		if b.Why != "" {
			out = append(out, b)
		}
	}
	return out
}

// BlockOf is the block a technique belongs to: its id without the variant.
func BlockOf(id string) string {
	block, _, _ := strings.Cut(id, "/")
	return block
}

// Why a block is not played falls into few kinds. "By construction" means that the rule it breaks cannot be
// left out here: there is no code that would do otherwise, and a switch for it would have to add some.
var blocks = []Block{
	{ID: "T-01", Title: "a token from a log"},
	{ID: "T-02", Title: "a token in a page's address, told by the browser"},
	{ID: "T-03", Title: "a token from a browser's storage"},
	{ID: "T-04", Title: "a token at a proxy that ends TLS"},
	{ID: "T-05", Title: "one API uses the tokens it is sent at another"},
	{ID: "T-06", Title: "a counterfeit API"},
	{ID: "T-07", Title: "a token or a code from a browser's history"},
	{ID: "T-08", Title: "a token in telemetry or a support bundle"},
	{ID: "T-09", Title: "a token put into the client's front channel",
		Why: "By construction: the client takes access tokens from token endpoints only, and reads codes, never tokens, from a browser."},
	{ID: "T-10", Title: "a token in the API's query string"},
	{ID: "T-11", Title: "an expired token"},
	{ID: "T-12", Title: "an answer posted to any window that listens",
		Why: "By construction: the server answers by redirect alone and knows no response_mode web_message. What leaks is a code, which C-01 plays.", As: "C-01"},
	{ID: "T-13", Title: "a log of whole requests, replayed in bulk"},
	{ID: "T-14", Title: "two credentials in one request"},

	{ID: "D-01", Title: "a bound token under Bearer"},
	{ID: "D-02", Title: "a proof by another key"},
	{ID: "D-03", Title: "no proof"},
	{ID: "D-04", Title: "the same request again"},
	{ID: "D-05", Title: "the same proof with another query"},
	{ID: "D-06", Title: "the same proof at another node"},
	{ID: "D-07", Title: "a proof that outlives the memory of it"},
	{ID: "D-08", Title: "a used proof at an address spelled otherwise"},
	{ID: "D-09", Title: "a replay memory filled or poisoned by strangers",
		Why: "By construction: a proof is remembered only after every other check, under a hash of its key and jti, and the memory is bounded. Nothing is stolen by it either: the judge has no fact for a slow server."},
	{ID: "D-10", Title: "a proof for another method"},
	{ID: "D-11", Title: "a proof for another address"},
	{ID: "D-12", Title: "an API that believes whoever says which host it is"},
	{ID: "D-13", Title: "a proof that names no token"},
	{ID: "D-14", Title: "a proof for another token"},
	{ID: "D-15", Title: "a proof with alg none"},
	{ID: "D-16", Title: "a proof signed with the public key as a secret"},
	{ID: "D-17", Title: "a proof that shows a private key"},
	{ID: "D-18", Title: "another JWT in place of a proof"},
	{ID: "D-19", Title: "several proofs"},
	{ID: "D-20", Title: "proofs made in advance"},
	{ID: "D-21", Title: "a stale proof"},
	{ID: "D-22", Title: "a nonce left out, or another server's"},
	{ID: "D-23", Title: "the proof key stolen"},
	{ID: "D-24", Title: "a script in the page as signing oracle"},
	{ID: "D-25", Title: "an unbound token issued in silence"},
	{ID: "D-26", Title: "a stolen code bound to the thief's key"},
	{ID: "D-27", Title: "two keys in one request"},
	{ID: "D-28", Title: "a refresh token bound to the thief's key"},
	{ID: "D-29", Title: "a grant fetched in silence by a script's hidden frame",
		Why: "By construction: the server shows its consent page for every request and never answers prompt=none with a code, and its pages cannot be framed. What a script in the page can do is D-24.", As: "D-24"},
	{ID: "D-30", Title: "a confirmation that two readers read differently",
		Why: "By construction: JSON with a name twice is malformed here and refused always, and a thumbprint is computed over the required members alone (RFC 7638)."},
	{ID: "D-31", Title: "addresses made equal by too much normalisation",
		Why: "By construction: there is one comparison of addresses, and it normalises as RFC 3986 s6.2.2 and s6.2.3 say and no further. The client puts nothing but proper ids into a path, so no honest proof has an odd address."},
	{ID: "D-32", Title: "a request passed on to the neighbour behind one gateway"},

	{ID: "M-01", Title: "a certificate-bound token with another certificate or none"},
	{ID: "M-02", Title: "a client certificate in a header"},
	{ID: "M-03", Title: "another authority's certificate with the same name"},
	{ID: "M-04", Title: "the TLS key stolen"},
	{ID: "M-05", Title: "a self-signed certificate nobody registered"},
	{ID: "M-06", Title: "an unbound token from the plain endpoint"},
	{ID: "M-07", Title: "one client's request on another's TLS connection",
		Why: "No such party: there is no gateway here that pools connections, and each server ends its own TLS."},

	{ID: "C-01", Title: "an intercepted code redeemed"},
	{ID: "C-02", Title: "a stolen code in the thief's own session"},
	{ID: "C-03", Title: "a code redeemed twice"},
	{ID: "C-04", Title: "a code redeemed late"},
	{ID: "C-05", Title: "a code redeemed by another client"},
	{ID: "C-06", Title: "PKCE stripped"},
	{ID: "C-07", Title: "PKCE with plain"},
	{ID: "C-08", Title: "one verifier for everybody"},
	{ID: "C-09", Title: "browsers swapped"},
	{ID: "C-10", Title: "a browser signed in as the thief"},
	{ID: "C-11", Title: "a leaked request finished by somebody else"},
	{ID: "C-12", Title: "an account linked to somebody else's grant",
		Why: "No such party: it takes a platform that links grants to the account that began. The client here signs in the browser that brings the answer, so the victim would be signed in as herself."},
	{ID: "C-13", Title: "a code told by the callback page"},
	{ID: "C-14", Title: "codes or states that can be guessed",
		Why: "By construction: every code, state and token has 256 bits from the dice. Guessing them is a calculation and no message."},

	{ID: "X-01", Title: "mix-up"},
	{ID: "X-02", Title: "metadata that borrows another server's endpoint"},
	{ID: "X-03", Title: "metadata that claims another issuer"},
	{ID: "X-04", Title: "cuckoo's token"},
	{ID: "X-05", Title: "audience injection"},
	{ID: "X-06", Title: "toolkits of one platform mixed up",
		Why: "No such party: it takes a platform on which others publish connectors. Between servers it is mix-up, which X-01 plays.", As: "X-01"},
	{ID: "X-07", Title: "an ID token that is not of this sign-in"},
	{ID: "X-08", Title: "a client that goes by a person's name",
		Why: "By construction: the server draws the client_id of whoever registers, so none can equal a person's sub."},
	{ID: "X-09", Title: "consent shared behind a broker",
		Why: "No such party: there is no broker between client and server here, and no server that remembers consent."},
	{ID: "X-10", Title: "an issuer that begins like another",
		Why: "By construction: the client compares issuers letter by letter, in one place. Without that check it compares nothing, which X-01 plays.", As: "X-01"},
	{ID: "X-11", Title: "tenants that share keys"},

	{ID: "R-01", Title: "a redirect URI of the thief's"},
	{ID: "R-02", Title: "a client's page that passes codes on"},
	{ID: "R-03", Title: "the server as a redirector to the thief's site",
		Why: "By construction: an error is shown on a page unless the redirect URI is registered for the client. Where it leads, to a page that looks like the real one, is E-03.", As: "E-03"},
	{ID: "R-04", Title: "a 307 that carries the password on",
		Why: "By construction: every redirect after a form is a 303. Another status would be another message, not a check left out. A password in the wrong hands is E-03.", As: "E-03"},
	{ID: "R-05", Title: "a redirect by http or a scheme of an app's own",
		Why: "By construction: a redirect URI is https, or http to the machine itself, when it is registered. A code caught on the way is C-01.", As: "C-01"},
	{ID: "R-06", Title: "the consent page under a decoy button",
		Why: "A browser's doing: every page of the server forbids framing by a header, which is no check of a request. A grant that a person did not mean is E-04.", As: "E-04"},
	{ID: "R-07", Title: "tokens in the front channel"},
	{ID: "R-08", Title: "another site's script reads the sign-in page",
		Why: "A browser's doing: it lets no script read an answer of another site without CORS headers, and the server sends none there. There is no script engine here to show it."},
	{ID: "R-09", Title: "TLS stripped before the first page",
		Why: "Below the messages: every server here speaks TLS only, and nobody reads or changes what crosses it. A sign-in at a copy of the page is E-03.", As: "E-03"},
	{ID: "R-10", Title: "the consent form pressed by another site",
		Why: "By construction: each request has a number and a cookie of its own in one browser, without which the server could not tell two people apart."},

	{ID: "K-01", Title: "a used assertion again"},
	{ID: "K-02", Title: "an unused assertion with the thief's key"},
	{ID: "K-03", Title: "assertions for later"},
	{ID: "K-04", Title: "an audience that is an array or an endpoint", As: "X-05",
		Why: "The same check and the same theft: who may be named as audience matters because a dishonest server harvests what names it and another."},
	{ID: "K-05", Title: "a forged assertion"},
	{ID: "K-06", Title: "issuer and subject differ"},
	{ID: "K-07", Title: "a leaked secret"},
	{ID: "K-08", Title: "a client's key address taken over",
		Why: "By construction: the server knows clients' keys from their registration and fetches none. What comes of it is a key in the wrong hands, K-09.", As: "K-09"},
	{ID: "K-09", Title: "the client's key stolen"},
	{ID: "K-10", Title: "one client authenticates, another is named"},
	{ID: "K-11", Title: "two keys with one name",
		Why: "By construction: a key is found by its kid, and verifies with its own algorithm or not at all. The harm of choosing the wrong one is an outage."},
	{ID: "K-12", Title: "endpoints that forget to authenticate"},
	{ID: "K-13", Title: "a method that was never registered"},

	{ID: "L-01", Title: "a stolen refresh token"},
	{ID: "L-02", Title: "a refresh without client authentication"},
	{ID: "L-03", Title: "a refresh that asks for more"},
	{ID: "L-04", Title: "a revoked token that works"},
	{ID: "L-05", Title: "reuse noticed, and nothing done about it"},
	{ID: "L-06", Title: "introspection for anybody"},
	{ID: "L-07", Title: "introspection of another API's token"},
	{ID: "L-08", Title: "somebody else's token revoked"},
	{ID: "L-09", Title: "introspection answers changed on the way"},
	{ID: "L-10", Title: "introspection answers that are kept",
		Why: "By construction: the API keeps no answer, so none is older than the request. Keeping them would be another message, not a check left out."},
	{ID: "L-11", Title: "a refresh token that was replaced"},
	{ID: "L-12", Title: "a grant that survives its withdrawal",
		Why: "By construction: every token points to its grant, and a withdrawn grant takes all of them along. An API that never asks is L-04.", As: "L-04"},
	{ID: "L-13", Title: "a revocation that a wrong hint leads astray",
		Why: "By construction: the hint is not read, and every kind of token is looked for. It harms a defender who believes a 200, and gives the thief nothing new."},
	{ID: "L-14", Title: "a token exchanged for one that it does not stand for"},

	{ID: "J-01", Title: "a token with alg none"},
	{ID: "J-02", Title: "a token signed with the public key as a secret"},
	{ID: "J-03", Title: "a key id that is a path"},
	{ID: "J-04", Title: "a token that says where its key is"},
	{ID: "J-05", Title: "a token that brings its certificate"},
	{ID: "J-06", Title: "a token that brings its key"},
	{ID: "J-07", Title: "another issuer's token"},
	{ID: "J-08", Title: "another API's token"},
	{ID: "J-09", Title: "a narrow token for everything"},
	{ID: "J-10", Title: "an ID token at the API"},
	{ID: "J-11", Title: "an access token as proof of sign-in"},
	{ID: "J-12", Title: "a signing key that was thrown away"},
	{ID: "J-13", Title: "key ids that nobody has, in a flood",
		Why: "By construction: the API looks for an unknown key at most once a minute. Load is not theft: the judge has no fact for a slow server."},
	{ID: "J-14", Title: "a token without an expiry"},
	{ID: "J-15", Title: "weak keys and short tokens",
		Why: "By construction: keys and secrets have the size that SP 5.4 asks for when they are made or registered. Breaking a weak one is a calculation and no message."},
	{ID: "J-16", Title: "a signature of zeros"},
	{ID: "J-17", Title: "RS256 where it is not allowed",
		Why: "A gap in conformance and no theft: the signature is as good as the key. That an algorithm outside the list is refused is shown by J-01 and D-16."},
	{ID: "J-18", Title: "extensions and names that two readers read differently",
		Why: "By construction: a header with crit, and JSON with a name twice, are malformed here and refused always."},
	{ID: "J-19", Title: "encrypted and oversized JWTs",
		Why: "By construction: nothing here reads a JWE, and every message has a size beyond which it is refused. Load is not theft."},

	{ID: "E-01", Title: "the client's session cookie stolen"},
	{ID: "E-02", Title: "malware in the browser"},
	{ID: "E-03", Title: "a relayed sign-in"},
	{ID: "E-04", Title: "a grant talked out of a person"},
	{ID: "E-05", Title: "approval begged for on another device",
		Why: "No such grant: the server has neither the device grant nor CIBA. A person who approves what she should not is E-04.", As: "E-04"},
	{ID: "E-06", Title: "a certified client that sells what it may read",
		Why: "No message is wrong: what a client may read it may keep, and what it does with it afterwards crosses no server here. Contracts and audits answer it."},
	{ID: "E-07", Title: "the server's signing key stolen", As: "J-06/stolen-key",
		Why: "Played under the family of forged tokens, J: what the thief does with the key is to write tokens."},
	{ID: "E-08", Title: "the server's database leaked"},
	{ID: "E-09", Title: "an insider who signs in advance",
		Why: "On the wire it is D-20: proofs made while he had the key, and used when he had it no longer.", As: "D-20"},
	{ID: "E-10", Title: "a dependency that turned"},
	{ID: "E-11", Title: "an old backup's key"},
	{ID: "E-12", Title: "an API that serves when it cannot ask"},
}
