package scenarios

var _ = register(Scenario{
	Title:    "A dishonest server spends a client's own proof of identity",
	Attack:   "X-05",
	Profiles: []string{"pre-2025", "fapi2-dpop"},
	Story: "A client signs people in at two servers with one key. One of them is dishonest, and says that the other's " +
		"address is its own. Until 2025 the specifications let the client sign what the thief could spend at the honest " +
		"server.",
})
