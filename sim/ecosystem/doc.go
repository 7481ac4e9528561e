// Package ecosystem is the population: APIs, suppliers, their clients and the clinics that stand on them.
//
// Two things use it. In a drill (population.go) it says how many clients and clinics an order broke, and
// when suppliers put something right: discrete events on the drill's clock; and which APIs still go by an old copy of
// the server's keys (keys.go). In a rollout (rollout.go) it
// is played thousands of times, to compare policies on the same random numbers.
//
// What becomes of a client at an API is never decided here: a Rule says it, which the wire measured with
// an exemplar of its kind. What is decided here is how long people take, and every number of that has a
// source and a range (params.go). It is a model, not a forecast.
package ecosystem
