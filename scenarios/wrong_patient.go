package scenarios

var _ = register(Scenario{
	Title:    "A valid token, and somebody else's patient",
	Attack:   "F-01",
	Profiles: []string{"hardened", "hardened+entitlement"},
	Story: "Nothing is stolen: a doctor with an account, an app and a valid token asks for the record of a patient who is " +
		"not his. No token protocol stops that; an API that asks whose record it is does.",
})
