package idp

import (
	"encoding/json"
	"errors"
	"fmt"
)

// The attest of health personnel (HelseID, nhn:tillitsrammeverk:parameters): on what grounds somebody opens a record.
// The client writes codes and numbers; what registers know of them is added before the attest enters a token.

// TypeAttest is its type.
const TypeAttest = "nhn:tillitsrammeverk:parameters"

// Register is what the registers know, for whoever enriches an attest. A number nobody knows yields an empty name.
type Register struct {
	// Organisation names an organisation by its number.
	Organisation func(number string) string
}

// The code systems of an attest, and the words for the codes that most clients use; others go without.
const (
	oidAuthorisation = "urn:oid:2.16.578.1.12.4.1.1.9060"
	oidOrganisation  = "urn:oid:2.16.578.1.12.4.1.4.101"
	oidPurpose       = "urn:oid:2.16.840.1.113883.1.11.20448"
	oidPurposeDetail = "urn:oid:2.16.578.1.12.4.1.1.9151"
	oidNationalID    = "urn:oid:2.16.578.1.12.4.1.4.1"
)

var codeTexts = map[string]map[string]string{
	oidAuthorisation: {"LE": "Lege", "SP": "Sykepleier", "PS": "Psykolog", "TL": "Tannlege", "FA1": "Provisorfarmasøyt", "JO": "Jordmor"},
	oidPurpose:       {"TREAT": "Treatment", "ETREAT": "Emergency Treatment", "COC": "Coordination of care", "BTG": "Break the glass"},
	oidPurposeDetail: {"15": "Helsetjeneste"},
}

type coded struct {
	Code     string `json:"code,omitempty"`
	System   string `json:"system,omitempty"`
	Assigner string `json:"assigner,omitempty"`
	Text     string `json:"text,omitempty"`
}

type identified struct {
	ID        string `json:"id,omitempty"`
	System    string `json:"system,omitempty"`
	Authority string `json:"authority,omitempty"`
	Name      string `json:"name,omitempty"`
	Type      string `json:"type,omitempty"`
}

type decision struct {
	ID           string `json:"id,omitempty"`
	UserSelected *bool  `json:"user_selected,omitempty"`
}

type attest struct {
	Type         string `json:"type"`
	Practitioner struct {
		Identifier    *identified `json:"identifier,omitempty"`
		HPR           *identified `json:"hpr_nr,omitempty"`
		Authorization *coded      `json:"authorization,omitempty"`
		LegalEntity   *identified `json:"legal_entity,omitempty"`
		PointOfCare   *identified `json:"point_of_care,omitempty"`
		Department    *identified `json:"department,omitempty"`
	} `json:"practitioner"`
	Care struct {
		Service *coded    `json:"healthcare_service,omitempty"`
		Purpose *coded    `json:"purpose_of_use,omitempty"`
		Details *coded    `json:"purpose_of_use_details,omitempty"`
		Reason  *decision `json:"decision_ref,omitempty"`
	} `json:"care_relationship"`
	Patients []attestPatient `json:"patients"`
}

// attestPatient says where a patient is treated. Who that is has no place in a token.
type attestPatient struct {
	PointOfCare *identified `json:"point_of_care,omitempty"`
	Department  *identified `json:"department,omitempty"`
}

// Attest is HelseID's type nhn:tillitsrammeverk:parameters.
func Attest(r Register) DetailType {
	return DetailType{
		Name: TypeAttest,
		Read: func(_ *Client, text json.RawMessage) error { _, err := parseAttest(text); return err },
		Grant: func(g DetailGrant) (DetailResult, error) {
			a, err := parseAttest(g.Detail)
			if err != nil {
				return DetailResult{}, err
			}
			if g.User == nil {
				return DetailResult{}, hidError("1007", "expected an attest with a person who has signed in, got it from a client in its own name")
			}
			a.enrich(g.User, r)
			text, err := json.Marshal(a)
			return DetailResult{Detail: text}, err
		},
		Describe: func(text json.RawMessage) string {
			a, err := parseAttest(text)
			if err != nil || a.Care.Purpose == nil {
				return ""
			}
			return "open records for " + firstOf(codeTexts[oidPurpose][a.Care.Purpose.Code], a.Care.Purpose.Code) + " in your name"
		},
	}
}

func parseAttest(text json.RawMessage) (a attest, err error) {
	if err := strictly(text, &a); err != nil {
		return a, hidError("1007", "expected the structure "+TypeAttest+": "+err.Error())
	}
	if err := a.validate(); err != nil {
		return a, hidError("1007", err.Error())
	}
	return a, nil
}

// validate asks for what the agreement asks for (informasjons- og datamodell s4.2.4 to 4.5).
func (a *attest) validate() error {
	p, c := &a.Practitioner, &a.Care
	for _, place := range []struct {
		name string
		at   *identified
	}{{"practitioner.legal_entity", p.LegalEntity}, {"practitioner.point_of_care", p.PointOfCare}} {
		if place.at == nil || place.at.System != oidOrganisation || !isNineDigits(place.at.ID) {
			return fmt.Errorf("expected %s to be an organisation number in %s", place.name, oidOrganisation)
		}
	}
	switch {
	case p.Identifier != nil || p.HPR != nil:
		return errors.New("expected no practitioner.identifier and no hpr_nr: they are taken from the sign-in")
	case c.Purpose == nil || c.Purpose.Code == "" || c.Purpose.System != oidPurpose:
		return errors.New("expected care_relationship.purpose_of_use to be a code in " + oidPurpose)
	case c.Reason == nil || c.Reason.ID == "" || c.Reason.UserSelected == nil:
		return errors.New("expected care_relationship.decision_ref with id and user_selected")
	case a.Patients == nil:
		return errors.New("expected patients, which may be an empty list")
	}
	return nil
}

// enrich adds what the registers know.
func (a *attest) enrich(u *User, r Register) {
	p := &a.Practitioner
	name, _ := u.claim("name").(string)
	if pid, _ := u.claim(claimPID).(string); pid != "" {
		p.Identifier = &identified{ID: pid, System: oidNationalID, Authority: "https://www.skatteetaten.no", Name: name, Type: "FNR"}
	}
	if hpr, _ := u.claim(claimHPR).(string); hpr != "" {
		p.HPR = &identified{ID: hpr, System: "urn:oid:2.16.578.1.12.4.1.4.4", Authority: "https://www.helsedirektoratet.no/"}
	}
	for _, c := range []*coded{p.Authorization, a.Care.Service, a.Care.Purpose, a.Care.Details} {
		if c != nil {
			c.Assigner, c.Text = "https://www.helsedirektoratet.no/", codeTexts[c.System][c.Code]
		}
	}
	places := []*identified{p.LegalEntity, p.PointOfCare, p.Department}
	for _, patient := range a.Patients {
		places = append(places, patient.PointOfCare, patient.Department)
	}
	for _, at := range places {
		if at != nil && at.System == oidOrganisation {
			at.Authority = "https://www.brreg.no"
			if r.Organisation != nil {
				at.Name = r.Organisation(at.ID)
			}
		}
	}
}
