package people

import (
	"slices"
	"strings"

	"thiefbox/fhirmock/store"
)

// Some of what stands in a record is labelled (FHIR R4 security-labels): what psychiatry knows and what a test for
// HIV said as restricted, with the kind of sensitivity that makes it so, and who somebody is whose address
// is protected as very restricted. Which records wear a label follows from what they are about, so that it is the
// same in every run. A label is a word on the record; what it means for a reader is the API's to say.

var (
	restricted     = coding{System: sysHL7 + "v3-Confidentiality", Code: "R", Display: "restricted"}
	veryRestricted = coding{System: sysHL7 + "v3-Confidentiality", Code: "V", Display: "very restricted"}
	psychiatry     = coding{System: sysHL7 + "v3-ActCode", Code: "PSY", Display: "psychiatry disorder information sensitivity"}
	hivOrAIDS      = coding{System: sysHL7 + "v3-ActCode", Code: "HIV", Display: "HIV/AIDS information sensitivity"}
)

// labels are those of whatever is written because of an ailment.
func (a *ailment) labels() []coding {
	switch {
	case a.icpc == hiv.icpc:
		return []coding{restricted, hivOrAIDS}
	case strings.HasPrefix(a.icpc, "P"): // chapter P of ICPC-2: psychological
		return []coding{restricted, psychiatry}
	}
	return nil
}

// hiv is nobody's by chance: the dice of the others are not to be disturbed.
var hiv = ailment{"B90", "Z21", "HIV infection", 18, 100, true, drug{"J05AR20", "bictegravir, emtricitabine, tenofovir alafenamide tablet", "1 tablet daily"}}

// hasHIV tells whether the nth of the forty (from 0) has it, if he is of age; isProtected, whether the address of
// the nth is.
func hasHIV(n int) bool      { return n%13 == 9 }
func isProtected(n int) bool { return n%24 == 11 }

// isProtectedSoul is isProtected in a town, where it is rarer.
func isProtectedSoul(n int) bool { return n%997 == 500 }

// confidentiality is what labels say of who may see what wears them.
func confidentiality(labels []coding) byte {
	for _, c := range labels {
		if c == restricted || c == veryRestricted {
			return c.Code[0]
		}
	}
	return store.Ordinary
}

func labelled(all []coding) list {
	out := list{htest}
	for _, c := range all {
		out = append(out, o{"system", c.System, "code", c.Code, "display", c.Display})
	}
	return out
}

// Labels tells whether records of a type wear labels here: whatever is written because of an ailment may, and who
// somebody is.
func Labels(resourceType string) bool {
	return slices.Contains([]string{"Condition", "Observation", "Encounter", "MedicationRequest", "MedicationStatement", "DocumentReference",
		"Procedure", "DiagnosticReport", "Binary", "Provenance", "ServiceRequest"}, resourceType)
}
