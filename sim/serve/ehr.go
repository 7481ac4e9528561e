package serve

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"thiefbox/idp"
	"thiefbox/sim/directory"
	"thiefbox/sim/fapi"
)

// A test EHR: one page on which somebody says which app is opened, by whom, on whose record, and presses launch (SMART App
// Launch 2.2, "EHR Launch"). It has no sign-in: whoever is at this machine may be anybody here. Its ids stay as they are:
// form launch, with app, launch_url, user, patient, encounter, intent, banner, and the button launch-app; problem is
// what was wrong.

// onTheList is how many people a list shows.
const onTheList = 200

// usualApp is the one that every profile takes.
const usualApp = "web-app"

func (i *Issuer) serveEHR(w http.ResponseWriter, r *http.Request) {
	i.showEHR(w, http.StatusOK, r.URL.Query(), "")
}

// launchApp sends the browser to the app's launch page, with a handle.
func (i *Issuer) launchApp(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		badInput(w, err)
		return
	}
	to, l, err := i.readLaunch(r.PostForm)
	if err != nil {
		i.showEHR(w, http.StatusBadRequest, r.PostForm, err.Error())
		return
	}
	q := to.Query()
	q.Set("iss", i.FHIR)
	q.Set("launch", i.as.Launch(r.Context(), "test EHR", l))
	to.RawQuery = q.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

func (i *Issuer) readLaunch(f url.Values) (to *url.URL, l idp.Launch, err error) {
	to, err = url.Parse(f.Get("launch_url"))
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil, l, fmt.Errorf("expected the launch URL to be http or https, got %q", f.Get("launch_url"))
	}
	l = idp.Launch{App: f.Get("app"), User: f.Get("user"), On: fapi.Launch{Patient: f.Get("patient"), Encounter: f.Get("encounter"), Intent: f.Get("intent"), Tenant: i.Name}}
	if !slices.ContainsFunc(i.as.Registered(), func(c idp.ClientMetadata) bool { return c.ClientID == l.App }) {
		return nil, l, fmt.Errorf("expected a registered client, got %q", l.App)
	}
	people := i.tenant.directory()
	if _, may := people.Patient(l.User, l.On.Patient); !may {
		return nil, l, fmt.Errorf("expected a patient whose record %s may open, got %q", l.User, l.On.Patient)
	}
	if e := l.On.Encounter; e != "" && !slices.ContainsFunc(people.Encounters(l.On.Patient, onTheList), func(c idp.Choice) bool { return c.ID == e }) {
		return nil, l, fmt.Errorf("expected an encounter of %s, got %q", l.On.Patient, e)
	}
	if banner := f.Get("banner"); banner != "" {
		needed, err := strconv.ParseBool(banner)
		if err != nil {
			return nil, l, fmt.Errorf("expected banner to be true or false, got %q", banner)
		}
		l.On.NeedBanner = &needed
	}
	return to, l, nil
}

// directory says whose records the people of this place may open.
func (t *tenant) directory() *directory.Directory {
	return directory.New(t.server.people, t.callers())
}

// showEHR shows the page, as it was filled in so far. Whoever has chosen the person is shown her patients.
func (i *Issuer) showEHR(w http.ResponseWriter, status int, f url.Values, problem string) {
	var b bytes.Buffer
	e := html.EscapeString
	dress, policy := idp.Dress()
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Test EHR – thiefbox</title>\n" + dress + "</head>\n<body>\n<main>\n" +
		"<h1>Test EHR</h1>\n<p>A simulation: every person and record is made up.</p>\n")
	if problem != "" {
		b.WriteString("<p role=\"alert\" id=\"problem\">" + e(problem) + "</p>\n")
	}
	people, user := i.tenant.directory(), f.Get("user")
	doctors := i.tenant.server.people.Practitioners()
	if user == "" {
		user = doctors[0].ID
	}
	b.WriteString("<form id=\"choose-user\" method=\"get\">\n<label for=\"user\">Signed in as</label>\n<select id=\"user\" name=\"user\">\n")
	for _, p := range doctors[:min(len(doctors), onTheList)] {
		option(&b, p.ID, p.Name+" ("+p.ID+")", user)
	}
	for _, p := range i.tenant.server.people.Patients()[:min(len(i.tenant.server.people.Patients()), onTheList)] {
		option(&b, p.ID, p.Name+", patient ("+p.ID+")", user)
	}
	b.WriteString("</select>\n<button type=\"submit\" id=\"show-patients\">Show patients</button>\n</form>\n")

	b.WriteString("<form id=\"launch\" method=\"post\">\n<input type=\"hidden\" name=\"user\" value=\"" + e(user) + "\">\n<label for=\"app\">App</label>\n<select id=\"app\" name=\"app\">\n")
	app := f.Get("app")
	if app == "" {
		app = usualApp
	}
	for _, c := range i.as.Registered() {
		if slices.Contains(c.GrantTypes, "authorization_code") {
			option(&b, c.ClientID, strings.TrimSpace(c.ClientName+" ("+c.ClientID+")"), app)
		}
	}
	launchURL := f.Get("launch_url")
	if launchURL == "" {
		launchURL = "http://localhost:3000/launch"
	}
	b.WriteString("</select>\n<label for=\"launch_url\">Its launch URL</label>\n<input id=\"launch_url\" name=\"launch_url\" type=\"url\" required value=\"" + e(launchURL) + "\">\n" +
		"<label for=\"patient\">Patient</label>\n<select id=\"patient\" name=\"patient\">\n")
	list := people.Patients(user, "", onTheList)
	for _, c := range list {
		option(&b, c.ID, c.Text, f.Get("patient"))
	}
	b.WriteString("</select>\n<label for=\"encounter\">Encounter</label>\n<select id=\"encounter\" name=\"encounter\">\n<option value=\"\">none</option>\n")
	for _, p := range list[:min(len(list), 20)] {
		for _, c := range people.Encounters(p.ID, 3) {
			option(&b, c.ID, p.ID+", "+c.Text, f.Get("encounter"))
		}
	}
	b.WriteString("</select>\n<label for=\"intent\">Intent</label>\n<input id=\"intent\" name=\"intent\" value=\"" + e(f.Get("intent")) + "\">\n" +
		"<label for=\"banner\">Patient banner</label>\n<select id=\"banner\" name=\"banner\">\n")
	option(&b, "true", "the app shows whose record it is", f.Get("banner"))
	option(&b, "false", "the EHR shows it", f.Get("banner"))
	b.WriteString("</select>\n<button type=\"submit\" id=\"launch-app\">Launch</button>\n</form>\n</main>\n</body>\n</html>\n")
	w.Header().Set("Content-Security-Policy", policy)
	write(w, status, "text/html; charset=utf-8", b.Bytes())
}

func option(b *bytes.Buffer, value, text, chosen string) {
	b.WriteString("<option value=\"" + html.EscapeString(value) + "\"")
	if value == chosen {
		b.WriteString(" selected")
	}
	b.WriteString(">" + html.EscapeString(text) + "</option>\n")
}
