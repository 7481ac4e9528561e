//go:build !race

package cli

// raced tells whether the race detector looks on, under which whole maps take minutes.
const raced = false
