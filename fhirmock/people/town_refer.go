package people

import "strings"

// Referring lists those in whose charts a professional or a place can stand: a general practitioner's own panel, the
// panels of a clinic, and whoever has been to the hospital. What the town does not know stands in no chart.
func (t *town) Referring(ref string) []int {
	kind, id, _ := strings.Cut(ref, "/")
	var out []int
	for i := range t.gps {
		gp := &t.gps[i]
		if kind == "Practitioner" && gp.ID == id || (kind == "Organization" || kind == "Location") && gp.Organization == id {
			for n := t.starts[i]; n < t.starts[i+1]; n++ {
				out = append(out, n)
			}
		}
	}
	if kind == "Organization" && id == HospitalID || kind == "Practitioner" && t.atWork(id) {
		for n := range t.souls {
			if t.atHospital(n) {
				out = append(out, n)
			}
		}
	}
	return out
}
