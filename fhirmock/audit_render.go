package fhirmock

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"strconv"
	"strings"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/store"
)

// How an entry of the log reads as an AuditEvent: after IHE's Basic Audit Log Patterns (BALP 1.1), whose profiles
// for reading, searching and writing fix type, subtype, action and the roles of agents and entities. An entry
// claims no profile by name: BALP has one patient an event, and a page of results may hold many.

const (
	sysRest     = "http://hl7.org/fhir/restful-interaction"
	sysAudit    = "http://terminology.hl7.org/CodeSystem/audit-event-type"
	sysEntity   = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
	sysRole     = "http://terminology.hl7.org/CodeSystem/object-role"
	sysDCM      = "http://dicom.nema.org/resources/ontology/DCM"
	sysTakes    = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
	sysReason   = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
	auditPrefix = "log-" // of ids, before the number
)

type m = map[string]any

func coded(system, code, display string) m {
	c := m{"system": system, "code": code}
	if display != "" {
		c["display"] = display
	}
	return c
}

// auditAction is what BALP has for an interaction: action, subtype.
func auditAction(k interact.Kind) (action, subtype string) {
	switch k {
	case interact.Read, interact.VRead, interact.HistoryInstance:
		return "R", string(k)
	case interact.Search:
		return "E", "search"
	case interact.HistoryType:
		return "E", string(k)
	case interact.Create:
		return "C", string(k)
	case interact.Update, interact.Patch:
		return "U", string(k)
	case interact.Delete:
		return "D", string(k)
	case interact.Batch, interact.Transaction:
		return "E", string(k)
	}
	return "E", "operation"
}

// auditRecord is an entry as a record that is written when it is looked at.
func (a *API) auditRecord(e auditEntry) *store.Record {
	id := auditPrefix + strconv.FormatUint(e.N, 10)
	var first string
	if len(e.Patients) > 0 {
		first = e.Patients[0]
	}
	r := store.Lazily("AuditEvent", id, first, e.At.Truncate(time.Millisecond), func() *store.Record {
		b, err := json.Marshal(a.auditResource(id, &e))
		if err != nil {
			panic("fhirmock: " + err.Error()) // strings always marshal
		}
		return store.Prerendered("AuditEvent", id, first, e.At, b, people.CanaryMark)
	})
	r.Patients = e.Patients
	return r
}

func (a *API) auditResource(id string, e *auditEntry) m {
	action, subtype := auditAction(e.Kind)
	writes := action == "C" || action == "U" || action == "D"
	out := m{
		"resourceType": "AuditEvent", "id": id,
		"meta": m{"versionId": "1", "lastUpdated": e.At.UTC().Format("2006-01-02T15:04:05.000Z"), "security": []m{coded(sysReason, "HTEST", "test health data")}},
		"type": coded(sysAudit, "rest", "RESTful Operation"), "subtype": auditSubtypes(subtype, e),
		"action": action, "recorded": e.At.UTC().Format("2006-01-02T15:04:05.000Z"), "outcome": auditOutcome(e.Status), "outcomeDesc": auditWords(e),
		"agent": a.auditAgents(e, writes), "source": m{"observer": m{"display": a.Base + " (" + e.Node + ")"}, "type": []m{coded("http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server")}},
	}
	if entities := a.auditEntities(e); len(entities) > 0 {
		out["entity"] = entities
	}
	told := html.EscapeString(e.At.UTC().Format(time.DateTime) + ": " + subtype + " " + e.Resource + " by " + cmp.Or(e.Subject, "somebody") + " with " + cmp.Or(e.Client, "no good token") + ", " + auditWords(e))
	out["text"] = m{"status": "generated", "div": `<div xmlns="http://www.w3.org/1999/xhtml">` + told + `</div>`}
	if e.Purpose != "" {
		purpose := m{"coding": []m{coded(sysReason, e.Purpose, "")}}
		if e.Reason != "" {
			purpose["text"] = e.Reason
		}
		out["purposeOfEvent"] = []m{purpose}
	}
	if len(e.Patients) > 0 {
		out["extension"] = []m{{"url": people.CanaryURL, "valueString": people.CanaryMark}}
	}
	return out
}

// auditSubtypes say what was done, and that it was behind broken glass: by that code a reviewer finds it, as R4 has no
// search by purpose (HL7's example of such an event has the code too).
func auditSubtypes(subtype string, e *auditEntry) []m {
	out := []m{coded(sysRest, subtype, "")}
	if e.Broke != "" && e.Status < 400 {
		out = append(out, coded(sysDCM, "110127", "Emergency Override Started"))
	}
	return out
}

// auditOutcome: 0 success, 4 minor failure (the caller's), 8 serious failure (ours).
func auditOutcome(status int) string {
	switch {
	case status >= 500:
		return "8"
	case status >= 400:
		return "4"
	}
	return "0"
}

func auditWords(e *auditEntry) string {
	s := "status " + strconv.Itoa(e.Status)
	if e.Control != "" {
		s += ", refused by " + e.Control
	}
	if e.Why != "" {
		s += ": " + e.Why
	}
	return s
}

// auditAgents are client, server and, if the token speaks for somebody, the person. Data flow from source to
// destination: out of the server when it is read.
func (a *API) auditAgents(e *auditEntry, writes bool) []m {
	source, destination := coded(sysDCM, "110153", "Source Role ID"), coded(sysDCM, "110152", "Destination Role ID")
	clientRole, serverRole := destination, source
	if writes {
		clientRole, serverRole = source, destination
	}
	client := m{"type": m{"coding": []m{clientRole}}, "requestor": true}
	switch {
	case e.Client != "":
		client["who"] = m{"identifier": m{"system": a.Issuer, "value": e.Client}, "display": e.Client}
		client["policy"] = []string{"urn:thiefbox:token:" + e.Token}
	default:
		client["who"] = m{"display": "somebody without a good token"}
	}
	if e.Address != "" {
		client["network"] = m{"address": e.Address, "type": "2"}
	}
	agents := []m{client, {"type": m{"coding": []m{serverRole}}, "requestor": false, "who": m{"identifier": m{"value": a.Base}, "display": a.Base}, "network": m{"address": a.origin, "type": "5"}}}
	if e.Subject == "" || e.Subject == e.Client {
		return agents
	}
	role := coded(sysTakes, "IRCP", "information recipient")
	if writes {
		role = coded(sysTakes, "AUT", "author (originator)")
	}
	who := m{"identifier": m{"system": a.Issuer, "value": e.Subject}}
	switch caller := a.Callers[e.Subject]; {
	case caller.Practitioner != "":
		who["reference"] = "Practitioner/" + caller.Practitioner
	case caller.Patient != "":
		who["reference"] = "Patient/" + caller.Patient
	}
	return append(agents, m{"type": m{"coding": []m{role}}, "who": who, "requestor": true})
}

// auditEntities are the patients, what was read or written, and the question.
func (a *API) auditEntities(e *auditEntry) (out []m) {
	object, domain := coded(sysEntity, "2", "System Object"), coded(sysRole, "4", "Domain Resource")
	for _, p := range e.Patients {
		out = append(out, m{"what": m{"reference": "Patient/" + p}, "type": coded(sysEntity, "1", "Person"), "role": coded(sysRole, "1", "Patient")})
	}
	if e.More > 0 {
		out = append(out, m{"type": coded(sysEntity, "1", "Person"), "role": coded(sysRole, "1", "Patient"), "name": strconv.Itoa(e.More) + " records of patients more"})
	}
	if e.Kind == interact.Search || e.Kind == interact.HistoryType || e.Kind == interact.Export {
		return append(out, m{"type": object, "role": coded(sysRole, "24", "Query"), "description": e.Resource,
			"query": base64.StdEncoding.EncodeToString([]byte(e.Method + " " + a.Base + "/" + e.Resource + "?" + e.Query))})
	}
	for _, ref := range e.Written {
		out = append(out, m{"what": m{"reference": ref}, "type": object, "role": domain})
	}
	if len(e.Written) == 0 && e.Resource != "" {
		what := m{"display": e.Resource}
		if kind, id, ok := strings.Cut(e.Resource, "/"); ok && !strings.ContainsAny(id, "/$ ") && kind != "_export" && e.Status < 400 {
			what = m{"reference": e.Resource} // it is there: a reference to what is not would be wrong
		}
		out = append(out, m{"what": what, "type": object, "role": domain})
	}
	return out
}
