package idp

// User is a person who can sign in.
type User struct {
	Subject, Username, Password, Name string
	// Group puts a test person on the list of the sign-in page, under this heading: whoever picks her
	// there is signed in, without a password. Empty for a person who has to give hers.
	Group string
	// Code is what she types in besides the password where the level asks for it; empty if she has none.
	Code string
	// Secrets are Password and Code for who makes them only when somebody signs in by this name; nil for those above.
	Secrets func() (password, code string)
	// Claims are what is known of her, by the names of OIDC Core s5.1. What is missing is made up.
	Claims map[string]any
	// FHIRUser is who she is at the APIs: a relative reference, "Practitioner/gp1". Empty for nobody.
	FHIRUser string
}
