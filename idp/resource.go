package idp

// Resource is an API that takes access tokens of this server.
type Resource struct {
	Identifier string // its aud value, and what clients name in the resource parameter (RFC 8707)
	ID, Secret string // its credentials at the introspection endpoint; empty if it never asks
	// TLS is how it is known there instead of by a secret.
	TLS TLSIdentity
	// Claims are the names of HelseID's claims that enter tokens for it: which those are is for the API to say, and
	// not for the client.
	Claims []string
	// Apart: no token is for it unless it was asked for by name.
	Apart bool
}
