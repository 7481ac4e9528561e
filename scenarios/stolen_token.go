package scenarios

var _ = register(Scenario{
	Title:    "A stolen token reads a patient's record; bound to a key, it does not",
	Attack:   "T-01",
	Profiles: []string{"legacy", "fapi2-dpop"},
	First:    true,
	Story: "A doctor opens a patient's record. The API's log keeps the token her system used, and a thief reads the log. " +
		"With the tokens of the hurried rollout he opens the record himself. With FAPI 2.0 the token is bound to a key " +
		"he does not have.",
})
