package scenarios

var _ = register(Scenario{
	Title:    "Conformant, and still replayable",
	Attack:   "D-04",
	Profiles: []string{"fapi2-dpop", "hardened"},
	Story: "A thief reads a whole request at a proxy, token and proof, and sends it again within the minute. FAPI 2.0 does " +
		"not oblige the API to notice. Replay memory does.",
})
