package fhirmock

import (
	"sync"
	"time"
)

// verified remembers whose signature was verified by which key, so that a token that comes with each
// request costs one verification. It keeps two generations: when the young one is full, the old one is
// forgotten, so it is bounded and nothing is scanned. Failures are not remembered: strangers could fill
// it with them.
type verified struct {
	mu         sync.Mutex
	young, old map[string]verdict
}

type verdict struct {
	key   string // thumbprint
	until time.Time
}

const (
	mostVerdicts  = 2048 // in a generation
	longestMemory = time.Hour
)

func (c *verified) has(token, key string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, there := c.young[token]
	if !there {
		v, there = c.old[token]
	}
	return there && v.key == key && now.Before(v.until)
}

// add remembers a verdict until the token expires, but no longer than an hour.
func (c *verified) add(token, key string, now, expires time.Time) {
	if latest := now.Add(longestMemory); expires.After(latest) {
		expires = latest
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young == nil || len(c.young) >= mostVerdicts {
		c.young, c.old = map[string]verdict{}, c.young
	}
	c.young[token] = verdict{key, expires}
}
