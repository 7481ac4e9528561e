// Package detect reads detection rules in Sigma's format and evaluates them over log records.
//
// Begin with Parse, which reads documents of rules (Sigma 2: detections, and correlations of type event_count,
// value_count, temporal and temporal_ordered), and Pack.Evaluate, which says where they fire. parse.go and
// yaml.go read strictly: a key, a modifier or a word of a condition that this evaluator does not do is an error
// with its line, since a rule that is half understood protects nobody. match.go, condition.go and correlate.go
// are the three kinds of evaluation; measure.go counts hits and misses, and holdout.go does so on samples that had no part in
// choosing the rules.
//
// The subset: selections are maps, or lists of maps or words; modifiers are contains, startswith, endswith, re, exists,
// gt, gte, lt, lte, cidr, fieldref and all; conditions are and, or, not, parentheses, 1 of and all of. Placeholders,
// base64 and aggregations after a pipe are not done.
//
// Time is that of the records. The package does not know where records come from, who the thief is, or what a
// verdict is: it imports nothing of ours.
package detect
