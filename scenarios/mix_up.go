package scenarios

var _ = register(Scenario{
	Title:    "The right code at the wrong server",
	Attack:   "X-01",
	Profiles: []string{"legacy", "fapi2-dpop"},
	Story: "A clinician signs in at a regional server that the thief runs; her browser is sent on to the honest one, and " +
		"her system carries the answer back to the thief.",
})
