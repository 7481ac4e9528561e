package attacker

import (
	"context"
	"strings"
)

const (
	beyondGateway = "To the API it is the supplier that asks, by a bound token of its own that opens these records. Whom the supplier asks for " +
		"is said in no request, and FAPI 2.0 ends where the client has its answer. A gateway that asks whether the person may see it stops this."
	gatewayEvidence = "At the API nothing: a system reads what it may. At the portal, its own token used for a page's request, and pages of one visitor " +
		"about patients whom he never met; only the two logs together show it."
)

// throughPortal is a technique in which the thief signs in at the supplier's portal as himself, and opens a page of it.
func throughPortal(page func(Target) string) func(context.Context, Ground) error {
	return func(ctx context.Context, g Ground) error {
		portal := g.Target().Portal
		in, err := g.Browser().Visit(ctx, portal+"/login", "")
		if err != nil {
			return err
		}
		if !strings.HasPrefix(in.URL, portal) || in.Status != 200 {
			return ErrStopped
		}
		_, err = g.Browser().Visit(ctx, page(g.Target()), "")
		return err
	}
}

var _ = register("F-30", Technique{
	Variant: "by-number",
	Title:   "A portal fetches in its own name whatever number a visitor types",
	Story: "A supplier's portal fetches records with the supplier's own token, which opens those of all its clinics. The thief is a doctor who " +
		"signs in at it as himself. He puts the number of somebody he never met into the address, and the portal fetches it for him.",
	Reads:  []string{"RFC 8693 s1.1", "OWASP API1:2023"},
	Scene:  Scene{Portal: true},
	Beyond: beyondGateway, Evidence: gatewayEvidence,
	Run: throughPortal(func(t Target) string { return t.PortalRecord + t.Patients[0] }),
})

var _ = register("F-30/drawn-along", Technique{
	Variant: "drawn-along",
	Title:   "A portal passes a page's search on, and it draws others along",
	Story: "The portal has pages say how measurements are sorted and narrowed, and passes it on to the API. The thief asks for those of a patient he " +
		"has met, and for whoever else belongs to her clinic to be drawn along.",
	Reads:    []string{"RFC 8693 s1.1", "OWASP API1:2023", "FHIR R4 search, _include and _revinclude"},
	Scene:    Scene{Portal: true},
	Beyond:   beyondGateway,
	Evidence: "At the portal, a request for others to be drawn along, which its own pages never make. At the API, a search by a system, with an answer about many.",
	Run: throughPortal(func(t Target) string {
		return t.PortalRecord + t.MetPatient + "/observations?_include=Observation:subject" +
			"&_include:iterate=Patient:organization&_revinclude:iterate=Patient:organization"
	}),
})
