package sim

// A service that sends patients reminders for a clinic: it needs a name, and is registered for names alone. It is one
// that the thief runs, and only worlds whose scene asks for it have it.

var reminderService = system{
	id: "reminder-service", name: "Reminder Service", key: "reminders", grants: []string{"client_credentials"},
	details: []string{"patient_record"}, elements: []string{"Patient.name", "Patient.telecom"},
}
