package fhirmock

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/sim/clock"
)

// The CapabilityStatement says what the API can do and no more. It is the one thing that needs no token.

type capabilityStatement struct {
	ResourceType   string           `json:"resourceType"`
	Status         string           `json:"status"`
	Experimental   bool             `json:"experimental"`
	Date           string           `json:"date"`
	Publisher      string           `json:"publisher"`
	Description    string           `json:"description"`
	Kind           string           `json:"kind"`
	Instantiates   []string         `json:"instantiates"`
	Software       software         `json:"software"`
	Implementation implementation   `json:"implementation"`
	FHIRVersion    string           `json:"fhirVersion"`
	Format         []string         `json:"format"`
	PatchFormat    []string         `json:"patchFormat"`
	Rest           []restCapability `json:"rest"`
}

type software struct {
	Name string `json:"name"`
}

type implementation struct {
	Description string `json:"description"`
	URL         string `json:"url"`
}

type restCapability struct {
	Mode        string                  `json:"mode"`
	Doc         string                  `json:"documentation"`
	Security    securityCapability      `json:"security"`
	Resource    []resourceCapability    `json:"resource"`
	Interaction []interactionCapability `json:"interaction"`
	Compartment []string                `json:"compartment"`
	Operation   []operationCapability   `json:"operation"`
}

type securityCapability struct {
	CORS        bool              `json:"cors"`
	Service     []securityService `json:"service"`
	Description string            `json:"description"`
}

type securityService struct {
	Coding []m `json:"coding"`
}

type resourceCapability struct {
	Type              string                  `json:"type"`
	Profile           string                  `json:"profile"`
	Documentation     string                  `json:"documentation,omitempty"`
	Interaction       []interactionCapability `json:"interaction"`
	Versioning        string                  `json:"versioning"`
	ReadHistory       bool                    `json:"readHistory"`
	UpdateCreate      bool                    `json:"updateCreate"`
	ConditionalCreate bool                    `json:"conditionalCreate"`
	ConditionalRead   string                  `json:"conditionalRead"`
	ConditionalUpdate bool                    `json:"conditionalUpdate"`
	ConditionalDelete string                  `json:"conditionalDelete"`
	ReferencePolicy   []string                `json:"referencePolicy"`
	SearchInclude     []string                `json:"searchInclude,omitempty"`
	SearchRevInclude  []string                `json:"searchRevInclude,omitempty"`
	SearchParam       []paramCapability       `json:"searchParam"`
	Operation         []operationCapability   `json:"operation"`
}

type interactionCapability struct {
	Code interact.Kind `json:"code"`
}

type paramCapability struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
	Type       string `json:"type"`
}

type operationCapability struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
}

// aboutIDs says what updateCreate leaves open.
const aboutIDs = " Updates that create: where entitlement is asked about, by an id that nobody could guess, a UUID of version 4 or 7 (RFC 9562); " +
	"any other is answered like the id of somebody else's record."

func (a *API) capabilityStatement() []byte {
	a.capabilitiesOnce.Do(func() {
		b, err := json.Marshal(capabilityStatement{
			ResourceType: "CapabilityStatement", Status: "active", Experimental: true,
			Date: clock.Epoch.Format(time.DateOnly), Publisher: "thiefbox", Kind: "instance",
			Instantiates:   []string{"http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"},
			Description:    "Invented patients for attack exercises. Nothing here is about anybody.",
			Software:       software{"thiefbox"},
			Implementation: implementation{"thiefbox FHIR API", a.Base},
			FHIRVersion:    r4.Version, Format: []string{"json"}, PatchFormat: []string{"application/json-patch+json"},
			Rest: []restCapability{{Mode: "server", Doc: query.Documentation + aboutIDs + aboutGraph, Resource: resourceCapabilities(), Security: securityCapability{
				CORS: true, Service: []securityService{{[]m{coded("http://terminology.hl7.org/CodeSystem/restful-security-service", "SMART-on-FHIR", "SMART-on-FHIR")}}},
				Description: "OAuth 2.0 access tokens of " + a.Issuer + " with SMART App Launch scopes, under the DPoP scheme of RFC 9449 or the Bearer scheme, as the profile in force demands. " +
					"Scope and entitlement are asked for every record that is shown, drawn in, or looked through by a chain or a condition. " +
					"A link to a further page is for the caller to whom it was given. " +
					"Where volume is bounded, a caller is handed " + strconv.Itoa(a.mostVolume()) + " records of patients in a minute, files of a system's export apart; then 429 and Retry-After. " +
					"Records labelled R or V (v3-Confidentiality) are for whoever treats the patient, or has the scope conf/R or conf/V. " +
					"A patient's active Consent that denies closes what it says to whom it says, but not herself, and is written by her or by the custodian it names (organization). " +
					"A patient's generalPractitioner and managingOrganization are changed by whoever stands there. " +
					"A clinician who signed in strongly within five minutes may open one patient of another's with the header Purpose-Of-Use: BTG; reason=\"…\". " +
					"A system that serves several organizations may say for which of them it asks with the header X-Tenant-ID and the organization's number.",
			}, Interaction: []interactionCapability{{interact.Transaction}, {interact.Batch}},
				Compartment: []string{"http://hl7.org/fhir/CompartmentDefinition/patient"},
				Operation:   []operationCapability{{"export", bulk + "export"}, graphql}}},
		})
		if err != nil {
			panic("fhirmock: " + err.Error()) // strings always marshal
		}
		sum := sha256.Sum256(b)
		a.capabilities, a.capabilitiesTag = b, hex.EncodeToString(sum[:8])
	})
	return a.capabilities
}

// serveCapabilities answers with as much of the statement as is asked for. It has a tag, by which who has it already is
// told so (R4 http, "capabilities"). What else is in the query is passed over: mode may be.
func (a *API) serveCapabilities(w http.ResponseWriter, v *visit) error {
	body := a.capabilityStatement()
	some := &interact.Request{Params: url.Values{}}
	for _, name := range []string{"_summary", "_elements"} {
		if values, there := v.route.Params[name]; there {
			some.Params[name] = values
		}
	}
	show, err := interact.Shown(some)
	if err != nil {
		return err
	}
	tag := `W/"` + a.capabilitiesTag + `"`
	w.Header().Set("ETag", tag)
	if slices.ContainsFunc(strings.Split(v.http.Header.Get("If-None-Match"), ","), func(s string) bool { s = strings.TrimSpace(s); return s == tag || s == "*" }) {
		a.send(w, v, http.StatusNotModified, nil)
		return nil
	}
	if !show.All() {
		n, err := r4.Parse(body)
		if err != nil {
			return err
		}
		show.Cut(n)
		body = n.Append(nil)
	}
	a.send(w, v, http.StatusOK, body)
	return nil
}

// aboutGraph says which of R4's GraphQL there is.
const aboutGraph = " $graphql: queries by GET and POST, of the system and of a resource; Type(id), TypeList and TypeConnection with search parameters, resource(optional, type), " +
	"_reference, picking by _offset, _count and the value of an element, @include, @skip, @flatten, @first, @singleton, @slice by $index or an element, __schema and __type. Not offered: mutations, fhirpath, _filter."

// graphql is R4's, of the system and of every resource.
var graphql = operationCapability{"graphql", "http://hl7.org/fhir/OperationDefinition/Resource-graphql"}

// bulk is where the Bulk Data guide defines its operations.
const bulk = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/"

var everyInteraction = []interactionCapability{
	{interact.Read}, {interact.VRead}, {interact.Update}, {interact.Patch}, {interact.Delete}, {interact.HistoryInstance},
	{interact.HistoryType}, {interact.Create}, {interact.Search},
}

func resourceCapabilities() []resourceCapability {
	out := make([]resourceCapability, 0, len(query.Types))
	index := map[string]int{}
	for i, name := range query.Types {
		index[name] = i
		c := resourceCapability{
			Type: name, Profile: "http://hl7.org/fhir/StructureDefinition/" + name, Interaction: everyInteraction,
			Versioning: "versioned", ReadHistory: true, UpdateCreate: true, ConditionalCreate: true, ConditionalRead: "full-support",
			ConditionalUpdate: true, ConditionalDelete: "single", ReferencePolicy: []string{"literal", "local", "enforced"},
			Operation: []operationCapability{{"validate", "http://hl7.org/fhir/OperationDefinition/Resource-validate"}, graphql},
		}
		switch name {
		case "Patient":
			c.Operation = append(c.Operation, operationCapability{"everything", "http://hl7.org/fhir/OperationDefinition/Patient-everything"}, operationCapability{"export", bulk + "patient-export"})
		case "Group":
			c.Operation = append(c.Operation, operationCapability{"export", bulk + "group-export"})
		case "AuditEvent":
			c.Documentation = "Every access to this API is here, after IHE BALP: read with the scope system/AuditEvent.rs, or by a patient about herself, and added to but never " +
				"changed, as the profile in force demands. About 10,000 accesses and 2,000 refusals are kept; a search says how many are gone."
		case "Subscription":
			c.Documentation = "Criteria are a type and conditions on a record by itself. The channel is rest-hook: without a payload an empty POST to the endpoint, with " +
				"application/fhir+json a PUT of the record at [endpoint]/[type]/[id], three tries. What is sent is what the token that the subscription was last written with " +
				"may find, as of then, as the profile in force demands: request it anew with each new token. Other channels, deletions and queries that look through other records are not offered."
		case "Binary":
			c.Documentation = "A Binary must say by securityContext, or X-Security-Context, whose it is."
		}
		c.SearchInclude, c.SearchRevInclude = []string{"*"}, []string{"*"}
		for _, p := range r4.Params(name) {
			c.SearchParam = append(c.SearchParam, paramCapability{p.Name, p.URL, p.Type})
			if p.Type == "reference" {
				c.SearchInclude = append(c.SearchInclude, name+":"+p.Name)
			}
		}
		out = append(out, c)
	}
	for _, source := range query.Types {
		for _, p := range r4.Params(source) {
			if p.Type != "reference" {
				continue
			}
			for _, target := range query.Targets(p) {
				c := &out[index[target]]
				c.SearchRevInclude = append(c.SearchRevInclude, source+":"+p.Name)
			}
		}
	}
	return out
}
