package interact

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// validation is what $validate was asked (R4 operation Resource-validate).
type validation struct {
	resource *r4.Node
	mode     string // "" for the resource by itself, create, update
}

// validate is $validate: the same look at a resource that a create or an update takes, and nothing stored.
func (e *Engine) validate(g Gate, r *Request) (*Response, error) {
	if err := g.Enters(Validate, r.Type); err != nil {
		return nil, err
	}
	asked, err := readValidation(r)
	if err != nil {
		return nil, err
	}
	n := asked.resource
	issues := append(r4.Validate(n), r4.ActiveNarratives(n)...)
	if n.Resource() != r.Type {
		issues = append(issues, r4.Issue{Code: "invalid", Expression: n.Resource(), Text: "expected a resource of type " + r.Type})
	}
	if got := n.String("id"); asked.mode == "update" && got != r.ID {
		issues = append(issues, r4.Issue{Code: "invalid", Expression: n.Resource() + ".id", Text: "expected the id of the address, " + query.Quote(r.ID) + ", got " + query.Quote(got)})
	}
	var rule *query.Problem
	if asked.mode != "" && len(issues) == 0 && errors.As(e.valid(n), &rule) {
		issues = append(issues, r4.Issue{Code: rule.Code, Expression: rule.Expression, Text: rule.Text})
	}
	out := &Response{Status: http.StatusOK, Resource: r.Type + "/$validate"}
	if len(issues) > 0 {
		out.Body = (&Invalid{issues}).Outcome()
		return out, nil
	}
	out.Body = Outcome(Issue{Severity: "information", Code: "informational", Text: "no issues: the resource is valid FHIR " + r4.Version})
	return out, nil
}

// readValidation takes the parameters out of a Parameters resource, or off the address if the resource came by itself.
func readValidation(r *Request) (*validation, error) {
	out := &validation{resource: r.Body}
	params := without(r.Params, "_format", "_pretty")
	if r.Body.Resource() == "Parameters" {
		out.resource = nil
		for _, p := range r.Body.List("parameter") {
			name := p.String("name")
			if name == "resource" {
				out.resource = p.Get("resource")
				continue
			}
			for i, value := range p.Items {
				if strings.HasPrefix(p.Names[i], "value") {
					params.Add(name, value.Text)
				}
			}
		}
	}
	if err := out.read(r, params); err != nil {
		return nil, err
	}
	if out.resource == nil {
		return nil, problem(http.StatusBadRequest, "required", "expected a parameter named resource")
	}
	return out, nil
}

func (v *validation) read(r *Request, params url.Values) error {
	for name, values := range params {
		for _, raw := range values {
			var err error
			switch name {
			case "mode":
				err = v.readMode(r, raw)
			case "profile":
				err = knownProfile(r.Type, raw)
			default:
				if !r.Lenient {
					err = unknownParameter(name, r.Kind)
				}
			}
			if err != nil {
				return query.At(name, err)
			}
		}
	}
	return nil
}

func (v *validation) readMode(r *Request, mode string) error {
	switch v.mode = mode; {
	case mode == "create" && r.ID == "" || mode == "update" && r.ID != "":
		return nil
	case slices.Contains([]string{"create", "update"}, mode):
		return problem(http.StatusBadRequest, "value", "parameter \"mode\": expected create at a type and update at a record, got "+query.Quote(mode))
	case slices.Contains([]string{"delete", "profile"}, mode):
		return problem(http.StatusBadRequest, "not-supported", "parameter \"mode\": expected create or update, got "+query.Quote(mode)+", which is about a record that is there: ask for it, or delete it")
	}
	return problem(http.StatusBadRequest, "value", "parameter \"mode\": expected create or update, got "+query.Quote(mode))
}

// knownProfile: who asks for a profile must not be told of another (R4 Resource-validate, "profile": it SHALL be an error
// if the server cannot validate against it). Known are the definitions of R4 themselves.
func knownProfile(resourceType, profile string) error {
	url, version, _ := strings.Cut(profile, "|")
	if url == "http://hl7.org/fhir/StructureDefinition/"+resourceType && (version == "" || version == r4.Version || strings.HasPrefix(r4.Version, version+".")) {
		return nil
	}
	return problem(http.StatusBadRequest, "not-supported", "parameter \"profile\": expected the definition of "+resourceType+" in R4, got "+query.Quote(profile)+", which this server cannot validate against")
}
