package people

import (
	"strconv"
	"sync"
	"time"

	"thiefbox/fhirmock/terms"
)

// What a patient of a town can be found by is known without her record being written: to write and read a
// hundred thousand of them takes seconds, and this a tenth of one. TestARollSaysWhatTheRecordsSay holds the
// two against each other, parameter by parameter.

// folded are the names of a town in comparable form, each made once.
type folded struct {
	once     sync.Once
	surnames []string
	given    map[string]string
	places   map[string]string
}

func (f *folded) prepare(t *town) {
	f.once.Do(func() {
		f.given, f.places = map[string]string{}, map[string]string{}
		for n := range surnames {
			f.surnames = append(f.surnames, terms.Fold(surname(n)))
		}
		for _, names := range [][]string{womensNames, mensNames, streets} {
			for _, s := range names {
				f.given[s] = terms.Fold(s)
			}
		}
		for _, at := range t.places {
			f.places[at.municipality] = terms.Fold(at.municipality)
		}
	})
}

// Terms calls see with what a patient can be found by under a parameter.
func (t *town) Terms(n int, param string, see func(*terms.Term)) {
	t.folded.prepare(t)
	s := &t.souls[n]
	say := func(x terms.Term) {
		x.Param = param
		see(&x)
	}
	token := func(system, key string) { say(terms.Term{Kind: terms.Token, System: system, Key: key}) }
	text := func(folded, exact string) {
		say(terms.Term{Kind: terms.String, Key: folded, Exact: exact})
	}
	span := func(from time.Time, long time.Duration) {
		say(terms.Term{Kind: terms.Interval, Lo: float64(from.UnixMilli()), Hi: float64(from.Add(long).UnixMilli() - 1)})
	}
	gp := &t.gps[s.gp]
	switch param {
	case "_id":
		token("", t.ID(n))
	case "_lastUpdated":
		span(loaded, time.Second)
	case "_profile":
		say(terms.Term{Kind: terms.URI, Key: profileNorwegian + "Patient"})
	case "_security":
		token("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST")
		if isProtectedSoul(n) {
			token(veryRestricted.System, veryRestricted.Code)
		}
	case "_security:text":
		text("test health data", "test health data")
		if isProtectedSoul(n) {
			text(veryRestricted.Display, veryRestricted.Display)
		}
	case "active", "deceased":
		token("", strconv.FormatBool(param == "active"))
	case "address-use":
		token("http://hl7.org/fhir/address-use", "home")
	case "gender":
		token("http://hl7.org/fhir/administrative-gender", s.gender())
	case "identifier":
		token(sysNationalID, s.number())
	case "birthdate":
		span(s.birth(), 24*time.Hour)
	case "general-practitioner":
		say(terms.Term{Kind: terms.Reference, Key: "Practitioner/" + gp.ID})
	case "organization":
		say(terms.Term{Kind: terms.Reference, Key: "Organization/" + gp.Organization})
	case "name", "phonetic", "family", "given":
		if param != "given" {
			text(t.folded.surnames[s.surname], surname(int(s.surname)))
		}
		if param != "family" {
			text(t.folded.given[s.first()], s.first())
		}
	default:
		t.address(s, param, text)
	}
}

// address says where a patient lives, under the parameters that ask for it.
func (t *town) address(s *soul, param string, text func(folded, exact string)) {
	if param == "address" {
		street, house := s.street()
		text(t.folded.given[street]+house, street+house)
	}
	if param == "address" || param == "address-city" {
		at := t.places[t.gps[s.gp].Organization].municipality
		text(t.folded.places[at], at)
	}
	if param == "address" || param == "address-postalcode" {
		text(s.postcode(), s.postcode())
	}
	if param == "address" || param == "address-country" {
		text("no", "NO")
	}
}
