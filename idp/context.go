package idp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/fapi"
)

// The context of an app: whose record it is opened on. From an EHR it comes with the launch (launch.go); an app that
// somebody opens by itself asks for one (launch/patient, launch/encounter, or any scope for one patient), and she
// picks whom. SMART App Launch 2.2, "Scopes for requesting context data".

// Directory knows the records that somebody may open an app on.
type Directory interface {
	// Patients lists those whom a person may pick, by name, of those whose name or id holds a text; up to a number.
	Patients(subject, like string, most int) []Choice
	// Patient is one of them; false if she is none that the person may pick.
	Patient(subject, id string) (Choice, bool)
	// Encounters lists those of a patient, latest first.
	Encounters(patient string, most int) []Choice
}

// Choice is something to pick: its id, and what a person reads.
type Choice struct{ ID, Text string }

// mostChoices are shown at a time; a person finds the others by name.
const mostChoices = 100

// picked is what somebody has picked in an interaction.
type picked struct {
	who                *session
	patient, encounter Choice
	// done: there is nothing more to pick.
	done bool
}

// wantsLaunch tells whether a scope asks by name for the context of a launch.
func wantsLaunch(scope fapi.Scope) bool {
	return scope.Has("launch") || scope.Has("launch/patient") || scope.Has("launch/encounter")
}

// wantsPatient: an app with a scope for one patient is told which (SMART: a server "MAY infer the launch/patient scope").
func wantsPatient(scope fapi.Scope) bool {
	for v := range strings.FieldsSeq(string(scope)) {
		if v == "launch/patient" || v == "launch/encounter" || strings.HasPrefix(v, "patient/") {
			return true
		}
	}
	return false
}

// context is what the app is to be told.
func (i *interaction) context(who *session) *fapi.Launch {
	if i.launch != nil {
		return &i.launch.On
	}
	if p := i.picked.Load(); p != nil && p.who == who && p.patient.ID != "" {
		return &fapi.Launch{Patient: p.patient.ID, Encounter: p.encounter.ID}
	}
	return nil
}

// contextDue tells whether somebody has to pick yet. What there is no choice about is picked for her, and so is the
// first of many where the settings agree in her name.
func (s *Server) contextDue(i *interaction, who *session) bool {
	if s.directory == nil || i.launch != nil || !wantsPatient(i.scope) {
		return false
	}
	p := i.picked.Load()
	if p == nil || p.who != who {
		few := s.directory.Patients(who.user.Subject, "", 2)
		p = &picked{who: who}
		if len(few) == 1 || len(few) > 1 && s.settings.Load().Automatic.Consent {
			p.patient = few[0]
		}
		i.picked.Store(p)
	}
	if p.patient.ID == "" {
		return true
	}
	if p.done || !i.scope.Has("launch/encounter") {
		return false
	}
	few := s.directory.Encounters(p.patient.ID, 2)
	if len(few) > 1 && !s.settings.Load().Automatic.Consent {
		return true
	}
	next := *p
	if next.done = true; len(few) > 0 {
		next.encounter = few[0]
	}
	i.picked.Store(&next)
	return false
}

func (s *Server) servePickPage(w http.ResponseWriter, r *http.Request) {
	f, i, ok := s.interactionAt(w, r)
	if !ok {
		return
	}
	who := s.sessionOf(r)
	if i.due(who) != "" || !s.contextDue(i, who) {
		s.showNext(w, r, i, who)
		return
	}
	s.showPicker(w, i, who, f.get("like"))
}

// servePick takes the answer. That somebody picks from her own list and from no other is no control: she has
// no other list.
func (s *Server) servePick(w http.ResponseWriter, r *http.Request) {
	f, i, ok := s.interactionAt(w, r)
	if !ok {
		return
	}
	who := s.sessionOf(r)
	if i.due(who) != "" || !s.contextDue(i, who) {
		s.showNext(w, r, i, who)
		return
	}
	if f.get("decision") == "deny" {
		s.deny(w, r, i)
		return
	}
	next := *i.picked.Load()
	if next.patient.ID == "" {
		choice, ok := s.directory.Patient(who.user.Subject, f.get("patient"))
		if !ok {
			s.refusePage(w, r, malformed("expected a patient of the list, got %s", quoteOrNothing(f.get("patient"))))
			return
		}
		next.patient = choice
	} else {
		list := s.directory.Encounters(next.patient.ID, mostChoices)
		at := slices.IndexFunc(list, func(c Choice) bool { return c.ID == f.get("encounter") })
		if at < 0 {
			s.refusePage(w, r, malformed("expected an encounter of the list, got %s", quoteOrNothing(f.get("encounter"))))
			return
		}
		next.encounter, next.done = list[at], true
	}
	i.picked.Store(&next)
	redirect(w, s.path+pathConsent+"?"+url.Values{"interaction": {i.id}}.Encode())
}

// showPicker shows the list that is due: of patients, and then of one's encounters.
func (s *Server) showPicker(w http.ResponseWriter, i *interaction, who *session, like string) {
	client := i.shown.displayName()
	if p := i.picked.Load(); p.patient.ID != "" {
		page := newPage("Choose an encounter").raw("<h1>Which encounter is ").text(client).raw(" for?</h1>\n<p>With <strong>").text(p.patient.Text).raw("</strong></p>\n")
		page.pick("pick-encounter", "encounter", "Encounter", s, i, s.directory.Encounters(p.patient.ID, mostChoices))
		page.send(w, http.StatusOK)
		return
	}
	list := s.directory.Patients(who.user.Subject, like, mostChoices)
	page := newPage("Choose a patient").raw("<h1>Whose record is ").text(client).raw(" for?</h1>\n")
	page.raw(`<form id="find-patient" method="get" action="`).text(s.path + pathPick).raw("\">\n<input type=\"hidden\" name=\"interaction\" value=\"").text(i.id)
	page.raw("\">\n<label for=\"like\">Name or record number</label>\n<input id=\"like\" name=\"like\" value=\"").text(like).raw("\">\n<button type=\"submit\" id=\"find\">Find</button>\n</form>\n")
	page.pick("pick-patient", "patient", "Patient", s, i, list)
	page.send(w, http.StatusOK)
}

// pick is a list to pick from; one may also go back to the application without.
func (p *page) pick(id, field, label string, s *Server, i *interaction, list []Choice) {
	if p.form(id, s.path+pathPick, i.id); len(list) == 0 {
		p.raw("<p id=\"nobody\">There is nobody here by that name whose record you may open.</p>\n")
	} else {
		p.raw(`<label for="`).text(field).raw(`">`).text(label).raw("</label>\n<select id=\"").text(field).raw(`" name="`).text(field).raw("\">\n")
		for _, c := range list {
			p.raw(`<option value="`).text(c.ID).raw(`">`).text(c.Text).raw("</option>\n")
		}
		p.raw("</select>\n<button type=\"submit\" id=\"choose\">Choose</button>\n")
	}
	p.raw("<button type=\"submit\" id=\"deny\" name=\"decision\" value=\"deny\">Go back without</button>\n</form>\n")
}

// sayWhose tells the person on the consent page what the app will be opened on.
func (s *Server) sayWhose(p *page, i *interaction, who *session) {
	on := i.context(who)
	if on == nil || on.Patient == "" {
		return
	}
	name := on.Patient
	if s.directory != nil {
		if c, ok := s.directory.Patient(who.user.Subject, on.Patient); ok {
			name = c.Text
		}
	}
	p.raw("<p>It is opened on the record of <strong id=\"launch-patient\">").text(name).raw("</strong>.</p>\n")
}

// isOver tells whether a grant was for one session, which has ended.
func (s *Server) isOver(g *grant, now time.Time) bool {
	if g.online == (digest{}) {
		return false
	}
	_, underWay := s.sessions.get(g.online, now)
	return !underWay
}
