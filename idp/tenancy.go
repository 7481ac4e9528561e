package idp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Organisation numbers of HelseID: for which organisation a client acts. A single-tenant client has one parent, by its
// registration; a multi-tenant one names the parent, which must have delegated the work to it.

// Tenancy is whom a client may act for. The zero value is a client that takes no organisation numbers.
type Tenancy struct {
	// Kind is single-tenant or multi-tenant; empty for none.
	Kind string `json:"kind" yaml:"kind"`
	// Parents are, for a multi-tenant client, the organisations that have delegated to it, and for each the children it may
	// name; an empty list is all of them, since HelseID checks no children there.
	Parents map[string][]string `json:"parents,omitempty" yaml:"parents"`
	// Children are those a single-tenant client may name; nil if it names none.
	Children []string `json:"children,omitempty" yaml:"children"`
	// Supplier is the organisation that runs a multi-tenant client.
	Supplier string `json:"supplier,omitempty" yaml:"supplier"`
	// Refused are, by parent, the scopes whose terms that organisation has not accepted: they are dropped, and
	// named in rejected_scope.
	Refused map[string][]string `json:"refused,omitempty" yaml:"refused"`
}

// Validate refuses a kind that there is not.
func (t *Tenancy) Validate() error {
	if t.Kind != "" && t.Kind != SingleTenant && t.Kind != MultiTenant {
		return fmt.Errorf("expected tenancy to be of the kind single-tenant or multi-tenant, got %q", t.Kind)
	}
	return nil
}

// The kinds of tenancy.
const (
	SingleTenant = "single-tenant"
	MultiTenant  = "multi-tenant"
)

// TypeOrganisation is the type of detail that names an organisation.
const TypeOrganisation = "helseid_authorization"

// The two ways to write organisation numbers. The third is a slip in an old sample of HelseID's, which clients copied.
const (
	systemMulti     = "urn:oid:1.0.6523"
	systemSingle    = "urn:oid:2.16.578.1.12.4.1.4.101"
	systemSingleOld = "urn:oid:2.16.578.1.12.4.1.2.101"
)

// Organisation is HelseID's type helseid_authorization.
func Organisation() DetailType {
	return DetailType{Name: TypeOrganisation, Read: readOrganisation, Grant: grantOrganisation, Describe: func(text json.RawMessage) string {
		n, _ := parseOrganisation(text) // which was read before
		return strings.TrimSpace("act for organisation " + firstOf(n.child, n.parent))
	}}
}

type organisation struct {
	Type string `json:"type"`
	Role struct {
		Organization struct {
			Identifier struct {
				System string `json:"system"`
				Type   string `json:"type"`
				Value  string `json:"value"`
			} `json:"identifier"`
		} `json:"organization"`
	} `json:"practitioner_role"`
}

// numbers are the organisation numbers of a structure: in the multi-tenant form a parent, which may have a child
// behind it; in the single-tenant form the child alone.
type numbers struct {
	multi         bool
	parent, child string
}

// hidError is a mistake by its number at HelseID.
func hidError(number, text string) *DetailError {
	return &DetailError{Text: "HID-" + number + ": " + text}
}

func hid(number, text string) *fault {
	text = "HID-" + number + ": " + text
	return faultOf(http.StatusBadRequest, "invalid_request", text, text)
}

func parseOrganisation(text json.RawMessage) (n numbers, err error) {
	var o organisation
	if err := strictly(text, &o); err != nil {
		return n, hidError("1007", "expected the structure helseid_authorization: "+err.Error())
	}
	id := o.Role.Organization.Identifier
	if id.Type != "ENH" {
		return n, hidError("1007", "expected the identifier to be of type ENH, got "+quoteOrNothing(id.Type))
	}
	switch id.System {
	case systemSingle, systemSingleOld:
		n.child = id.Value
	case systemMulti:
		rest, ok := strings.CutPrefix(id.Value, "NO:ORGNR:")
		if !ok {
			return n, hidError("1007", "expected NO:ORGNR:<parent>:<child>, got "+quoteOrNothing(id.Value))
		}
		n.multi = true
		n.parent, n.child, _ = strings.Cut(rest, ":") // with or without a colon behind a lone parent
	default:
		return n, hidError("1007", "expected the system "+systemMulti+" or "+systemSingle+", got "+quoteOrNothing(id.System))
	}
	for _, number := range []string{n.parent, n.child} {
		if number != "" && !isNineDigits(number) {
			return n, hidError("1004", "expected an organisation number of nine digits, got "+quoteOrNothing(number))
		}
	}
	if n.multi && n.parent == "" || !n.multi && n.child == "" {
		return n, hidError("1004", "expected an organisation number of nine digits, got nothing")
	}
	return n, nil
}

func isNineDigits(s string) bool {
	return len(s) == 9 && strings.Trim(s, "0123456789") == ""
}

// readOrganisation holds the numbers against the registration of the client.
func readOrganisation(c *Client, text json.RawMessage) error {
	n, err := parseOrganisation(text)
	if err != nil {
		return err
	}
	switch {
	case strings.HasPrefix(c.AuthMethod, "client_secret"):
		return hidError("1008", "expected a client with a key to name an organisation, got one with a shared secret")
	case c.Tenancy.Kind == "":
		return hidError("1010", "expected a client that is registered for organisation numbers; "+c.ID+" is not")
	case c.Tenancy.Kind == SingleTenant:
		return c.Tenancy.readSingle(n)
	}
	return c.Tenancy.readMulti(n)
}

func (t *Tenancy) readSingle(n numbers) error {
	switch {
	case n.multi:
		return hidError("1005", "expected a child organisation alone: a single-tenant client has its parent by registration")
	case t.Children == nil:
		return hidError("1006", "expected no child organisation: the client is not registered to name one")
	case !slices.Contains(t.Children, n.child):
		return hidError("1002", "expected a child organisation on the client's list, got "+n.child)
	}
	return nil
}

func (t *Tenancy) readMulti(n numbers) error {
	children, delegated := t.Parents[n.parent]
	switch {
	case !n.multi:
		return hidError("1007", "expected NO:ORGNR:<parent>:<child>: a multi-tenant client names the parent")
	case !delegated:
		return hidError("1001", "expected a parent organisation that has delegated to the client, got "+n.parent)
	case n.child != "" && len(children) > 0 && !slices.Contains(children, n.child):
		return hidError("1003", "expected a child organisation of "+n.parent+", got "+n.child)
	}
	return nil
}

// grantOrganisation turns the numbers into claims: they are no detail of the token.
func grantOrganisation(g DetailGrant) (DetailResult, error) {
	n, err := parseOrganisation(g.Detail)
	if err != nil {
		return DetailResult{}, err
	}
	claims := map[string]any{}
	if n.parent != "" {
		claims[claimParent] = n.parent
	}
	if n.child != "" {
		claims[claimChild] = n.child
	}
	return DetailResult{Claims: claims, Rejected: g.Client.Tenancy.Refused[n.parent]}, nil
}

// TypeJournal is the type of detail that names a journal of the medication module.
const TypeJournal = "nhn:sfm:journal-id"

// Journal is HelseID's type nhn:sfm:journal-id. The claim it becomes has an underscore where the type has a hyphen.
func Journal() DetailType {
	return DetailType{
		Name: TypeJournal,
		Read: func(_ *Client, text json.RawMessage) error { _, err := parseJournal(text); return err },
		Grant: func(g DetailGrant) (DetailResult, error) {
			id, err := parseJournal(g.Detail)
			return DetailResult{Claims: map[string]any{claimJournal: id}}, err
		},
		Describe: func(text json.RawMessage) string { id, _ := parseJournal(text); return "use the journal " + id },
	}
}

func parseJournal(text json.RawMessage) (string, error) {
	var j struct {
		Type  string `json:"type"`
		Value struct {
			ID string `json:"journal_id"`
		} `json:"value"`
	}
	if err := strictly(text, &j); err != nil {
		return "", hidError("1007", "expected the structure nhn:sfm:journal-id: "+err.Error())
	}
	if j.Value.ID == "" || len(j.Value.ID) > 64 {
		return "", hidError("1007", "expected value.journal_id, got "+quoteOrNothing(j.Value.ID))
	}
	return j.Value.ID, nil
}
