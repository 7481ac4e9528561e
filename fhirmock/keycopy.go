package fhirmock

import "time"

// KeyCopy is what an API holds of the authorization server's public keys, and since when. The zero value is an API
// that holds none yet.
type KeyCopy struct {
	Kids    []string
	Fetched time.Time
}

// Keys is its copy at present: with a kid in it, what that key signed is believed, whatever the server has published
// since.
func (a *API) Keys() KeyCopy {
	s := a.authority
	s.mu.Lock()
	defer s.mu.Unlock()
	c := KeyCopy{Fetched: s.keysAt}
	for i := range s.keys {
		c.Kids = append(c.Kids, s.keys[i].ID)
	}
	return c
}
