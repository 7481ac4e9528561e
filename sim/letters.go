package sim

import "thiefbox/fhirmock"

// letterUnknownTo is the address of the first scanned letter about a patient whom a practitioner does not treat, which
// everybody who treats her may read.
func letterUnknownTo(people *fhirmock.People, p fhirmock.Practitioner) string {
	for _, r := range people.Records("Binary") {
		if r.Confidentiality == 0 && !people.May(fhirmock.Caller{Practitioner: p.ID}, r.Patients[0]) {
			return r.Type + "/" + r.ID
		}
	}
	return ""
}
