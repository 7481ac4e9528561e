// Package sim joins the parts into a world and plays attacks in it. It is the map of the project.
//
//	main.go        flags to a call, exit code
//	sim/           World: clock, network, servers, clients, people; the honest journey; the foothold;
//	               the thief's ground; Run, Matrix, Peel; the Operator and the world of a drill
//	  clock/       leaf: time that moves when told
//	  dice/        leaf: seeded randomness
//	  control/     leaf: what a control is, which there are, the profiles; Enforce
//	  event/       leaf: what can happen, and the log that keeps it
//	  fapi/        leaf: keys, JWTs, proofs, assertions, tokens
//	  clause/      leaf: what the specifications ask, clause by clause
//	  party/       what every honest party has: a policy, a clock, dice, a way to tell
//	  network/     one RoundTrip, in memory or over TLS sockets; taps; the browser
//	  client/      the honest client systems
//	  directory/   whose records a person may open an app on
//	  serve/       the servers on real sockets, for developers of clients
//	  profile/     a person's own profile, by file
//	  worth/       what controls are worth: ablation, order, risk, from runs it is given
//	  drill/       the engine of an exercise: tape, clock, actions, score
//	  lesson/      guided lessons: what one is, and how far somebody has come
//	  ecosystem/   the population of APIs, suppliers, clients and clinics
//	  verdict/     the judge, who sees events only
//	  report/      runs, matrices and peels as text and JSON; the steps a reader follows
//	  telemetry/   events as slog records; the logs that the honest have, as others read them
//	  detect/      detection rules in Sigma's format over records, and how often they are right
//	  store/       the history of runs, on disk
//	  tui/         the screens
//	  cli/         the commands
//	idp/           the authorization server
//	  keep/        what it remembers, on disk
//	fhirmock/      the FHIR API: HTTP and security
//	  people/      the invented patients
//	  intake/      patients that somebody else has made, out of files
//	  r4/          HL7's definitions of FHIR R4, and what they say about a resource
//	  terms/       what a resource can be found by
//	  store/       versions, indexes, transactions; the door that every record leaves by
//	  keep/        a store on disk
//	  directive/   what a patient's Consent says about who may open her record
//	  query/       searches
//	  graph/       GraphQL queries, on a store
//	  interact/    the interactions of FHIR, on a store
//	attacker/      the thief, a file a technique
//	  probe/       the same thief let loose on somebody's own API
//	scenarios/     what to show first, the lessons and drills, the detection rules, and the reviewed matrix
//
// A run is: a fresh World under a profile; what the scenario grants the thief; an honest journey, which
// proves that the door opens for the right key, while he listens; then the technique, which touches
// nothing but its Ground. Out comes a recording. Who reads it (judge, screen, report) writes nothing.
package sim
