//go:build !race

package sim

// Sampled is 1: all attacks are played.
const Sampled = 1
