package scenarios

var _ = register(Scenario{
	Title:    "A secret from a repository, and a client that has moved to keys",
	Attack:   "K-07",
	Profiles: []string{"legacy", "fapi2-dpop"},
	Story: "Years ago somebody committed the EHR's shared secret, and a thief finds it. Where secrets are still in use he is the EHR. " +
		"Where clients prove a key instead, an old secret opens nothing, even if it was never deleted.",
})
