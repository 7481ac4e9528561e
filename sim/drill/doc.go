// Package drill is the engine of an exercise: something is leaking, the clock runs, and what is decided
// changes what the thief can still do and which clinics stop working.
//
// Everything is derived from a Tape: the drill's file, a seed, and decisions with the simulated time at
// which they were made. The same tape gives the same state, so replay, "what if", the report and the
// tests are one thing: playing a tape. Begin with Drill (engine.go). File (file.go) is what a trainer
// writes, Catalogue (actions.go) what a player can do, View (view.go) what he may see, and score.go what
// it comes to. Bots (bots.go) play alone, Check (check.go) looks for what a trainer got wrong.
// Conditions (condition.go, facts.go) ask for the state and not for what was pressed: how a control stands,
// whether a key is still good (standing.go). race.go counts over many seeds who comes to a weak API first.
//
// Who writes a drill begins from Skeleton; what its fields mean is in fields.yaml, and Schema says it to editors. What
// an order leads to later has a file of its own: copies of keys that APIs go by (keys.go), a load balancer that sticks
// (sticky.go), tests that run by themselves (race.go).
//
// There are two layers. The wire (wire.go), which package sim implements, is real: an order changes a
// running server, an exemplar of each kind of client makes its next real request, and the thief really
// tries. The population (package ecosystem) is 1,800 clients whose fate is that of their exemplar.
//
// Rules of the package: no clock but the drill's, no dice but those of the tape's seed, and a reader gets
// copies. A screen is a reader, and a sender of decisions: it sits at a Seat (seat.go), and what it may show is a
// Sight (sight.go), which holds back what a player must not know. A facilitator follows from a desk of her own
// (desk.go): a Watch (watch.go) plays the players' tape as it grows. Explanations in the players' own words
// (suppose.go) are on the tape and shown, and never scored. What is said to a message is scored, against the facts of the
// moment (replies.go). Conditions are said in words for who reads no code (say.go).
package drill
