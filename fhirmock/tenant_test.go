package fhirmock

import (
	"net/http"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

const (
	numberGranfjelldal = "314900103"
	numberFlaksvagoy   = "314900111"
	numberLysneset     = "314900138"
)

// asSystem asks in a system's own name, or as a person at one, in a world that knows a supplier of two clinics and one
// clinic's own system.
func asSystem(t *testing.T, p control.Profile, who, target, tenant string) (*world, *try) {
	w := newWorld(t, p)
	w.a.Callers["many"] = Caller{Organization: "supplier"}
	try := w.honest("GET", target)
	try.claims.Subject = who
	if who == "many" || who == "supplier" {
		try.claims.ClientID, try.claims.Scope = who, "system/*.rs"
	}
	if tenant != "" {
		try.touch = naming(headerTenant, tenant)
	}
	return w, try
}

// Who asks stands in the token: a supplier names its clinics, and nobody names another's.
func TestTenantInAHeader(t *testing.T) {
	full := strictest(t)
	careless := full.Without(control.RSTenant)
	for name, c := range map[string]struct {
		p                   control.Profile
		who, target, tenant string
		status              int
		by                  string
	}{
		"a supplier without the header":          {full, "many", "/Patient/p15", "", 200, ""},
		"a supplier for a clinic of its own":     {full, "many", "/Patient/p15", numberFlaksvagoy, 200, ""},
		"and for that clinic alone":              {full, "many", "/Patient/p01", numberFlaksvagoy, 404, control.RSEntitlementRead.ID},
		"a clinic for itself":                    {full, "supplier", "/Patient/p15", numberFlaksvagoy, 200, ""},
		"a clinic for another":                   {full, "supplier", "/Patient/p01", numberGranfjelldal, 403, control.RSTenant.ID},
		"a supplier for a clinic of another's":   {full, "many", "/Patient/p29", numberLysneset, 403, control.RSTenant.ID},
		"for nobody there is":                    {full, "supplier", "/Patient/p15", "999999999", 403, control.RSTenant.ID},
		"another, believed":                      {careless, "supplier", "/Patient/p01", numberGranfjelldal, 200, ""},
		"and believed to be nobody else":         {careless, "supplier", "/Patient/p15", numberGranfjelldal, 404, control.RSEntitlementRead.ID},
		"for nobody there is, believed":          {careless, "supplier", "/Patient/p15", "999999999", 404, control.RSEntitlementRead.ID},
		"what is no number":                      {careless, "supplier", "/Patient/p15", "granfjelldal", 400, "malformed"},
		"what is no number, and long":            {full, "supplier", "/Patient/p15", strings.Repeat("3", 9000), 400, "malformed"},
		"nothing":                                {full, "supplier", "/Patient/p15", " ", 400, "malformed"},
		"a clinician for her clinic":             {full, "berg", "/Patient/p01", numberGranfjelldal, 200, ""},
		"whose other patients are not hers":      {full, "berg", "/Patient/p08", numberGranfjelldal, 404, control.RSEntitlementRead.ID},
		"a clinician for another clinic":         {full, "berg", "/Patient/p15", numberFlaksvagoy, 403, control.RSTenant.ID},
		"a clinician, believed":                  {careless, "berg", "/Patient/p15", numberFlaksvagoy, 200, ""},
		"a patient, who is of none":              {full, "p03", "/Patient/p03", numberGranfjelldal, 403, control.RSTenant.ID},
		"somebody whom nobody knows":             {full, "mallory", "/Patient/p01", numberGranfjelldal, 403, control.RSTenant.ID},
		"somebody whom nobody knows, believed":   {careless, "mallory", "/Patient/p01", numberGranfjelldal, 200, ""},
		"a search, by a supplier for one clinic": {full, "many", "/Patient?_summary=count", numberFlaksvagoy, 200, control.RSEntitlementCount.ID},
	} {
		t.Run(name, func(t *testing.T) {
			w, try := asSystem(t, c.p, c.who, c.target, c.tenant)
			rec := try.send()
			wantStatus(t, rec, c.status)
			if by := w.refusedBy(); by != c.by {
				t.Errorf("expected %q to refuse, got %q", c.by, by)
			}
			if strings.Contains(c.target, "count") && decode(t, rec)["total"] != 14.0 {
				t.Errorf("expected the patients of one clinic, got %s", rec.Body)
			}
		})
	}
}

// A claim about the organisation goes before what is known of the client: so a supplier's token for one clinic names no
// other.
func TestTenantOfTheTokensClaim(t *testing.T) {
	for tenant, by := range map[string]string{numberFlaksvagoy: "", numberGranfjelldal: control.RSTenant.ID} {
		w, try := asSystem(t, strictest(t), "many", "/Patient/p15", tenant)
		try.claims.OrganisationNumber = numberFlaksvagoy
		try.send()
		if got := w.refusedBy(); got != by {
			t.Errorf("in the name of %s: expected %q to refuse, got %q", tenant, by, got)
		}
	}
	// A clinician at a supplier's system is no clinic by naming one that the supplier acts for.
	for target, by := range map[string]string{"/Patient/p01": "", "/Patient/p08": control.RSEntitlementRead.ID, "/Patient/p15": control.RSEntitlementRead.ID} {
		w, try := asSystem(t, strictest(t), "berg", target, numberFlaksvagoy)
		try.claims.ClientID, try.claims.OrganisationNumber = "many", "314900154"
		try.send()
		if got := w.refusedBy(); got != by {
			t.Errorf("%s by a clinician: expected %q to refuse, got %q", target, by, got)
		}
	}
	w, try := asSystem(t, strictest(t), "many", "/Patient/p15", numberFlaksvagoy)
	try.claims.OrganisationNumber = "999999999" // which nobody has
	try.send()
	if got := w.refusedBy(); got != control.RSTenant.ID {
		t.Errorf("expected the claim to count, got a refusal by %q", got)
	}
}

func TestTenantIsNamedOnce(t *testing.T) {
	_, try := asSystem(t, strictest(t), "supplier", "/Patient/p15", "")
	try.touch = func(r *http.Request) { r.Header[headerTenant] = []string{numberFlaksvagoy, numberGranfjelldal} }
	wantStatus(t, try.send(), 400)
}

// The log of accesses says in whose name it was.
func TestTenantIsAudited(t *testing.T) {
	w, try := asSystem(t, strictest(t), "many", "/Patient/p15", numberFlaksvagoy)
	wantStatus(t, try.send(), 200)
	e, _ := w.records.audit.find(1)
	if e.Tenant != numberFlaksvagoy || !strings.Contains(auditWords(&e), numberFlaksvagoy) {
		t.Errorf("expected an entry that names the organisation, got %+v", e)
	}
}

// What a patient has closed to a supplier stays closed to it, whichever of its clinics it names.
func TestConsentIsAskedOfWhoNamesATenant(t *testing.T) {
	for whom, status := range map[string]int{"supplier": 404, "lysneset": 200} {
		w := consentWorld(t, strings.ReplaceAll(toBakke, "Practitioner/bakke", "Organization/"+whom))
		w.a.Callers["many"] = Caller{Organization: "supplier"}
		try := w.honest("GET", "/Patient/p08")
		try.claims.Subject, try.claims.ClientID, try.claims.Scope = "many", "many", "system/*.rs"
		try.touch = naming(headerTenant, numberGranfjelldal)
		wantStatus(t, try.send(), status)
	}
}
