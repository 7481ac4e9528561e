package drill

// Glossary is what the words of a drill mean, for somebody who has never read a specification.
func Glossary() []Choice {
	return []Choice{
		{"access token", "a note, signed by the login server, with which a system fetches records; it is good for minutes or an hour"},
		{"refresh token", "what a client trades for new access tokens, so that people need not sign in again"},
		{"grant", "what one person allowed one client; all tokens that came of it hang on it, and go with it"},
		{"client", "a system that fetches records: of a clinic, or of a supplier for many; client= in the logs"},
		{"login server", "the authorization server, where people sign in and clients get tokens; \"server\" in the logs"},
		{"API", "where records are served; some APIs ask the login server about each token, others judge it by themselves"},
		{"bearer token", "a token that whoever holds it can use, like cash; scheme=Bearer in the logs"},
		{"bound token", "a token that names a key; it should be taken only with a proof of that key; token=bound in the logs"},
		{"proof", "DPoP: a small signed text that goes with one request and shows the key; jkt= is the key, proof= the proof's own name, and iat= how far the time it names is from the server's clock, where they differ: one machine is always off by about as much, and a copy gets older"},
		{"nonce", "a word of the server's that has to be in the next proof, so that none is made in advance"},
		{"replay", "sending somebody else's request again, letter by letter"},
		{"client assertion", "a small signed text by which a client shows that it is itself; aud= says to whom it is addressed"},
		{"issuer", "the login server's own name"},
		{"PAR", "the client sends what it asks for straight to the login server, and not through the browser"},
		{"revoke", "withdraw a token; an API that does not ask goes on taking it until it runs out"},
		{"deny", "refuse a key, so that no proof by it counts"},
		{"roll a key", "have a client make a new key and use the old one no more"},
		{"signing key", "the login server signs tokens with it; APIs know it by a copy that they fetch now and then; kid= is its name in the logs"},
		{"ratchet", "who has moved to the new rule is held to it, and cannot fall back"},
		{"eradicated", "the cause is gone; contained is that the thief gets nothing, whatever the cause"},
	}
}
