package fhirmock

import (
	"net/http"
	"strconv"
	"strings"

	"thiefbox/sim/control"
)

// checkEntitlement: SP 5.3.4-4, OWASP API1:2023. What lies in no patient's compartment (professionals,
// places) is open to every caller with a token.
func checkEntitlement(v *visit) (string, error) {
	if v.patient == "" {
		return "nobody's record", nil
	}
	if v.ofLog && v.auditor() {
		return "an auditor", nil
	}
	if v.door.broken[v.patient] {
		return "the glass is broken", nil
	}
	if !v.treats(v.patient) {
		if v.caller() == (Caller{}) && v.claims.Subject == v.claims.ClientID {
			return v.patient, control.ExpectedFix("record", "a patient of "+quoted(v.claims.Subject), v.patient,
				"say for which organization the client acts (organization, where it is registered): one that acts for none may see nobody")
		}
		return v.patient, control.Expected("record", "a patient of "+quoted(v.claims.Subject), v.patient)
	}
	return v.patient, nil
}

// checkExportOwner: Bulk Data Access 2.0. The number of an export is in every log on its way.
func checkExportOwner(v *visit) (string, error) {
	if caller := v.door.Caller(); caller != v.owner {
		return caller, control.Expected("caller", "whoever asked for the export, "+quoted(v.owner), caller)
	}
	return v.owner, nil
}

// checkPageOwner: OWASP API1:2023. A link to the next page stands in every log on its way, and holds a question that
// somebody else was let ask.
func checkPageOwner(v *visit) (string, error) {
	caller := v.door.Caller()
	if !v.ownPage {
		return caller, control.ExpectedFix("page", "a link that was made for "+quoted(caller), "one that was made for somebody else, or altered",
			"follow the links of your own searches, as they came and with a token of the same subject at the same client")
	}
	return caller, nil
}

// checkMisses: OWASP API4:2023. An honest system knows what it asks for.
func checkMisses(v *visit) (string, error) {
	n := v.api.Shared.misses.of(v.guesser(), v.now)
	if n >= mostMisses {
		return "", control.ExpectedFix("misses", "at most "+strconv.Itoa(mostMisses)+" in a minute", "more", "wait a minute, and ask for what is known to be there")
	}
	return "", nil
}

// missed counts an answer that what was asked for is not there, to a caller who is known by now.
func (v *visit) missed(status int) {
	if v.admitted && status == http.StatusNotFound {
		v.api.Shared.misses.add(v.guesser(), v.now)
	}
}

// missedOf counts a search for patients: one who is not there, and of several who are named each that was not found,
// so that a guess does not hide behind a hit.
func (v *visit) missedOf(found int) {
	named := 1
	if v.route.Params.Get("_count") == "" && v.route.Params.Get("_summary") != "count" {
		for _, name := range []string{"_id", "identifier"} {
			for _, raw := range v.route.Params[name] {
				named = max(named, 1+strings.Count(raw, ","))
			}
		}
	}
	for range min(named-found, mostMisses) {
		v.missed(http.StatusNotFound)
	}
}

func (v *visit) guesser() guesser { return guesser{v.claims.ClientID, v.claims.Subject} }
