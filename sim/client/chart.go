package client

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// chart is a SMART app as it is open in one browser: on one patient's record, for one person.
type chart struct {
	base, patient, user string
	token               token
	begun               time.Time
}

// charts is the table of open charts, by cookie. What the app shows it fetches each time.
type charts struct {
	mu   sync.Mutex
	byID map[string]*chart
}

// mostCharts bounds the table: anybody who can sign in opens charts.
const mostCharts = 4096

func (t *charts) open(c *chart, id string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byID == nil {
		t.byID = map[string]*chart{}
	}
	if len(t.byID) >= mostCharts {
		for id, old := range t.byID {
			if c.begun.Sub(old.begun) > time.Hour || len(t.byID) >= 2*mostCharts {
				delete(t.byID, id)
			}
		}
	}
	t.byID[id] = c
	return id
}

func (t *charts) find(id string) *chart {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byID[id]
}

// chart shows the record: GET /chart.
func (a *SMARTApp) chart(w http.ResponseWriter, r *http.Request) error {
	e := a.web
	c := a.charts.find(e.cookie(r, e.sessionCookie))
	if c == nil {
		return &failure{http.StatusForbidden, "not_launched", "Open this app from the EHR.", fmt.Errorf("no chart is open in this browser")}
	}
	if !validID(c.patient) {
		return &failure{http.StatusBadGateway, "no_patient", "The EHR did not say whose record this is for.", fmt.Errorf("expected a patient in the token response, got %q", c.patient)}
	}
	body, err := e.protocol.read(r.Context(), c.token, c.base+"/Patient/"+c.patient)
	if err != nil {
		return recordFailure(err)
	}
	patient, err := readResource(body)
	if err != nil {
		return fmt.Errorf("patient %s: %w", c.patient, err)
	}
	found := section{title: "Measurements"}
	body, err = e.protocol.read(r.Context(), c.token, c.base+"/Observation?patient="+url.QueryEscape(c.patient))
	if err == nil {
		found.rows, err = readBundle(body)
	}
	if err != nil {
		return recordFailure(err)
	}
	e.look(r.Context(), patient)
	e.lookAll(r.Context(), found.rows)
	p := e.newPage(patient.title())
	p.raw("<article id=\"record\">\n<h1>").text(patient.title()).raw("</h1>\n<p>For <strong id=\"subject\">").text(c.user).raw("</strong></p>\n").resource(patient)
	p.section(&found)
	p.raw("</article>\n").send(w, http.StatusOK)
	return nil
}
