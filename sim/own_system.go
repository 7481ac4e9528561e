package sim

// The thief works at a hospital, and has registered a system there that sends reminders to its patients in its own name:
// honestly, and for nobody else's. It may see whom he may. Only worlds whose scene asks for it have it, and drills, whose
// thief may have anything.

var ownSystem = system{
	id: "mallory-reminders", name: "Reminder Service", key: "mallory-system", scope: scopeBackend, grants: []string{"client_credentials"},
	organization: "fjordheim",
}

func (w *World) hasOwnSystem() bool { return w.scene.OwnSystem || w.cast != nil }

// ownSystemToo adds the names that the thief goes by on account of it.
func (w *World) ownSystemToo(names []string) []string {
	if !w.hasOwnSystem() {
		return names
	}
	return append(names, ownSystem.id)
}
