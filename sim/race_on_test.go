//go:build race

package sim

// Sampled: under the race detector, which makes everything many times slower and looks at how goroutines meet rather
// than at what comes out, the tests that play all attacks twice over play one in so many. .ci/run plays all
// of them without it too.
const Sampled = 8
