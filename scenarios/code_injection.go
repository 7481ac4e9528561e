package scenarios

var _ = register(Scenario{
	Title:    "Somebody else's code in my session",
	Attack:   "C-02",
	Profiles: []string{"legacy", "bcp"},
	Story: "The answer to a clinician's sign-in gets lost, and a thief finds it. He puts her code into a sign-in of his " +
		"own. PKCE ties the code to the browser that asked for it.",
})
