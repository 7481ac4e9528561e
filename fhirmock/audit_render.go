package fhirmock

import (
	"cmp"
	"crypto/aes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"html"
	"strconv"
	"strings"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
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
	auditPolicy = "urn:thiefbox:token:"
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
	case interact.Notify:
		return "R", "operation"
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

// auditRecord is an entry as a record that is written when it is looked at, and found by what audit_terms.go says.
// The entry is the record's from then on.
func (a *API) auditRecord(e *auditEntry) *store.Record {
	id := a.auditID(e.N)
	says := func(param string, see func(*terms.Term)) { (&auditTerms{a, e, param, see}).say() }
	return store.Saying("AuditEvent", id, e.Patients, e.At.Truncate(time.Millisecond), says, func() *store.Record {
		b, err := json.Marshal(a.auditResource(id, e))
		if err != nil {
			panic("fhirmock: " + err.Error()) // strings always marshal
		}
		return store.Prerendered("AuditEvent", id, "", e.At, b, people.CanaryMark)
	})
}

// auditID is the number of an entry, encrypted as one block. Whoever may read the entries about himself would count by
// the numbers themselves how much others have asked for in between.
func (a *API) auditID(n uint64) string {
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint64(block[:], n)
	a.Records.numbers.Encrypt(block[:], block[:])
	return auditPrefix + hex.EncodeToString(block[:])
}

// auditNumber reads it back.
func (a *API) auditNumber(id string) (n uint64, ok bool) {
	digits, ours := strings.CutPrefix(id, auditPrefix)
	block, err := hex.DecodeString(digits)
	if !ours || err != nil || len(block) != aes.BlockSize {
		return 0, false
	}
	a.Records.numbers.Decrypt(block, block)
	return binary.BigEndian.Uint64(block), binary.BigEndian.Uint64(block[8:]) == 0
}

func (a *API) auditResource(id string, e *auditEntry) m {
	action, subtype := auditAction(e.Kind)
	writes := action == "C" || action == "U" || action == "D"
	out := m{
		"resourceType": "AuditEvent", "id": id,
		"meta": m{"versionId": "1", "lastUpdated": e.At.UTC().Format("2006-01-02T15:04:05.000Z"), "security": []m{coded(sysReason, "HTEST", "test health data")}},
		"type": coded(sysAudit, "rest", "RESTful Operation"), "subtype": auditSubtypes(subtype, e),
		"action": action, "recorded": e.At.UTC().Format("2006-01-02T15:04:05.000Z"), "outcome": auditOutcome(e.Status), "outcomeDesc": auditWords(e),
		"agent": a.auditAgents(e, writes), "source": m{"observer": m{"display": a.baseOf(e) + " (" + e.Node + ")"}, "type": []m{coded("http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server")}},
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

// baseOf is where the request came in.
func (a *API) baseOf(e *auditEntry) string {
	if e.Old {
		return a.Base + "/" + oldBase
	}
	return a.Base
}

// auditSubtypes say what was done, and that it was behind broken glass: by that code a reviewer finds it, as R4 has no
// search by purpose (HL7's example of such an event has the code too).
func auditSubtypes(subtype string, e *auditEntry) []m {
	out := []m{coded(sysRest, subtype, "")}
	if e.overrides() {
		out = append(out, coded(sysDCM, overrideCode, overrideText))
	}
	return out
}

const overrideCode, overrideText = "110127", "Emergency Override Started"

func (e *auditEntry) overrides() bool { return e.Broke != "" && e.Status < 400 }

// role is what the thing that was asked for is to the event.
func (e *auditEntry) role() string {
	if e.asks() {
		return "24"
	}
	return "4"
}

func (e *auditEntry) roleText() string {
	if e.asks() {
		return "Query"
	}
	return "Domain Resource"
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
	if e.Tenant != "" {
		s += ", in the name of organisation " + e.Tenant
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
		client["policy"] = []string{auditPolicy + e.Token}
	default:
		client["who"] = m{"display": "somebody without a good token"}
	}
	if e.Address != "" {
		client["network"] = m{"address": e.Address, "type": "2"}
	}
	agents := []m{client, {"type": m{"coding": []m{serverRole}}, "requestor": false, "who": m{"identifier": m{"value": a.Base}, "display": a.Base}, "network": m{"address": a.origin, "type": "5"}}}
	if !e.person() {
		return agents
	}
	role := coded(sysTakes, "IRCP", "information recipient")
	if writes {
		role = coded(sysTakes, "AUT", "author (originator)")
	}
	who := m{"identifier": m{"system": a.Issuer, "value": e.Subject}}
	if ref := a.auditPerson(e); ref != "" {
		who["reference"] = ref
	}
	return append(agents, m{"type": m{"coding": []m{role}}, "who": who, "requestor": true})
}

// person tells whether the token speaks for somebody other than the client.
func (e *auditEntry) person() bool { return e.Subject != "" && e.Subject != e.Client }

// auditPerson is the record of the person whom the token speaks for, or "".
func (a *API) auditPerson(e *auditEntry) string {
	switch caller := a.Callers[e.Subject]; {
	case caller.Practitioner != "":
		return "Practitioner/" + caller.Practitioner
	case caller.Patient != "":
		return "Patient/" + caller.Patient
	}
	return ""
}

// asks tells whether the entry is of a question, and not of a record.
func (e *auditEntry) asks() bool {
	return e.Kind == interact.Search || e.Kind == interact.HistoryType || e.Kind == interact.Export || e.Kind == interact.Graph
}

// there tells whether what was asked for can be referred to: it is there.
func (e *auditEntry) there() bool {
	kind, id, ok := strings.Cut(e.Resource, "/")
	return ok && !strings.ContainsAny(id, "/$ ") && kind != "_export" && e.Status < 400
}

// unnamed says how many patients there are beside those that are named.
func (e *auditEntry) unnamed() string { return strconv.Itoa(e.More) + " records of patients more" }

// auditEntities are the patients, what was read or written, and the question.
func (a *API) auditEntities(e *auditEntry) (out []m) {
	object, role := coded(sysEntity, "2", "System Object"), coded(sysRole, e.role(), e.roleText())
	for _, p := range e.Patients {
		out = append(out, m{"what": m{"reference": "Patient/" + p}, "type": coded(sysEntity, "1", "Person"), "role": coded(sysRole, "1", "Patient")})
	}
	if e.More > 0 {
		out = append(out, m{"type": coded(sysEntity, "1", "Person"), "role": coded(sysRole, "1", "Patient"), "name": e.unnamed()})
	}
	if e.asks() {
		return append(out, m{"type": object, "role": role, "description": e.Resource,
			"query": base64.StdEncoding.EncodeToString([]byte(e.Method + " " + a.Base + "/" + e.Resource + "?" + e.Query))})
	}
	for _, ref := range e.Written {
		out = append(out, m{"what": m{"reference": ref}, "type": object, "role": role})
	}
	if len(e.Written) == 0 && e.Resource != "" {
		what := m{"display": e.Resource}
		if e.there() {
			what = m{"reference": e.Resource} // a reference to what is not there would be wrong
		}
		out = append(out, m{"what": what, "type": object, "role": role})
	}
	return out
}
