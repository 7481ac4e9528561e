package query

import (
	"slices"
	"strings"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// :above and :below of codes (R4 search, "token"). A system's codes lie under one another as those who publish it
// say. Known here are systems whose codes tell by their form what they lie under (ICD-10, ICPC-2, ATC, media types),
// and those of HL7's that say it in a few lines. For another it would take a terminology server.

// covers tells of two codes of a system whether the first is the second, or lies above it.
type covers func(above, code string) bool

var hierarchies = map[string]covers{
	icd10:                            coversICD10,
	"http://hl7.org/fhir/sid/icpc-2": coversICPC2,
	"http://www.whocc.no/atc":        coversATC,
	mediaTypes:                       coversMediaType,

	"http://terminology.hl7.org/CodeSystem/condition-clinical":          under("active recurrence relapse", "inactive remission resolved"),
	"http://terminology.hl7.org/CodeSystem/condition-ver-status":        under("unconfirmed provisional differential"),
	"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical": under("inactive resolved"),
	"http://hl7.org/fhir/observation-status":                            under("amended corrected"),
	"http://hl7.org/fhir/diagnostic-report-status":                      under("partial preliminary", "amended corrected appended"),
	"http://hl7.org/fhir/request-intent":                                under("order original-order reflex-order filler-order instance-order", "filler-order instance-order"),
	"http://terminology.hl7.org/CodeSystem/provenance-participant-type": under("verifier legal"),
}

const (
	icd10      = "http://hl7.org/fhir/sid/icd-10"
	mediaTypes = "urn:ietf:bcp:13"
)

// mostHierarchical is how many values may be asked for with what lies above or below them: each is compared with
// every code there is.
const mostHierarchical = 16

// hierarchy reads "system|code", or a code alone where the parameter has one system.
func hierarchy(p *r4.Param, modifier, s string, f *store.Filter) ([]store.Match, error) {
	if len(f.Any) >= mostHierarchical {
		return nil, bad("too-costly", "parameter %s: expected at most %d values, got more", Quote(p.Name+":"+modifier), mostHierarchical)
	}
	v := tokenValue(s)
	system := systemOf(p)
	stored := system // as it stands beside the codes of records
	if p.Name == "contenttype" {
		system = mediaTypes // which nobody writes there
	}
	if v.System != nil && *v.System != "" {
		if *v.System != system {
			stored = *v.System
		}
		system = *v.System
	}
	if v.Key == "" || system == "" {
		return nil, bad("value", "parameter %s: expected system|code, got %s", Quote(p.Name+":"+modifier), Quote(s))
	}
	known := hierarchies[system]
	if known == nil {
		b := bad("not-supported", "modifier %s of parameter %s: expected a code of ICD-10, ICPC-2, ATC, a media type or one of HL7's systems that have a hierarchy, got %s, whose hierarchy this server does not know",
			Quote(modifier), Quote(p.Name), Quote(system))
		b.modifier = true
		return nil, b
	}
	m := store.Match{System: &stored, Fits: func(code string) bool { return known(v.Key, code) }}
	if modifier == "above" {
		m.Fits = func(code string) bool { return known(code, v.Key) }
	}
	return []store.Match{m}, nil
}

// systemOf is the code system that all paths of a parameter imply, or "".
func systemOf(p *r4.Param) string {
	system := p.Paths[0].System
	if slices.ContainsFunc(p.Paths, func(path r4.Path) bool { return path.System != system }) {
		return ""
	}
	return system
}

// under makes a hierarchy of families: a code, and then those below it, however deep.
func under(families ...string) covers {
	return func(above, code string) bool {
		return above == code || slices.ContainsFunc(families, func(family string) bool {
			codes := strings.Fields(family)
			return codes[0] == above && slices.Contains(codes[1:], code)
		})
	}
}

// coversICPC2: a chapter is a letter, and a rubric is that letter and two digits.
func coversICPC2(above, code string) bool {
	return above == code || len(above) == 1 && len(code) == 3 && strings.HasPrefix(code, above)
}

// coversATC: each of the five levels is spelled as what lies above it and one or two characters more.
func coversATC(above, code string) bool {
	return above == code || slices.Contains([]int{1, 3, 4, 5}, len(above)) && len(code) > len(above) && strings.HasPrefix(code, above)
}

// coversMediaType looks at the media type without its parameters, which is what a server has to (R4 search, "Searching
// Mime Types").
func coversMediaType(above, code string) bool {
	plain, _, _ := strings.Cut(code, ";")
	return above == code || strings.EqualFold(strings.TrimSpace(plain), above)
}

// chapters are those of ICD-10, with the first and the last category of each.
var chapters = map[string]string{"I": "A00-B99", "II": "C00-D48", "III": "D50-D89", "IV": "E00-E90", "V": "F00-F99", "VI": "G00-G99",
	"VII": "H00-H59", "VIII": "H60-H95", "IX": "I00-I99", "X": "J00-J99", "XI": "K00-K93", "XII": "L00-L99", "XIII": "M00-M99",
	"XIV": "N00-N99", "XV": "O00-O99", "XVI": "P00-P96", "XVII": "Q00-Q99", "XVIII": "R00-R99", "XIX": "S00-T98", "XX": "V01-Y98",
	"XXI": "Z00-Z99", "XXII": "U00-U99"}

// coversICD10: a chapter spans blocks, a block (E10-E14) spans categories, a category (E11) begins its subcategories
// (E11.9), and so do these where a country has added to them.
func coversICD10(above, code string) bool {
	if above == code {
		return true
	}
	from, to := spanICD10(above)
	first, last := spanICD10(code)
	if from == "" || first == "" {
		return false
	}
	if strings.Contains(above, "-") || chapters[above] != "" {
		return from <= first && last <= to && chapters[code] == ""
	}
	if chapters[code] != "" || strings.Contains(code, "-") {
		return false
	}
	plain := strings.NewReplacer(".", "")
	return strings.HasPrefix(plain.Replace(code), plain.Replace(above))
}

// spanICD10 is the first and the last category that a code is of, or "".
func spanICD10(code string) (from, to string) {
	if s := chapters[code]; s != "" {
		code = s
	}
	if from, to, _ = strings.Cut(code, "-"); to == "" && len(from) >= 3 {
		from = from[:3]
		to = from
	}
	if !isCategory(from) || !isCategory(to) {
		return "", ""
	}
	return from, to
}

func isCategory(s string) bool {
	return len(s) == 3 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= '0' && s[1] <= '9' && s[2] >= '0' && s[2] <= '9'
}
