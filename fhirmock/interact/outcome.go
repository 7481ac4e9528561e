package interact

import (
	"encoding/json"
	"net/http"
	"strings"

	"thiefbox/fhirmock/r4"
)

// Issue is one line of an OperationOutcome.
type Issue struct {
	Severity   string // fatal, error, warning, information
	Code       string
	Text       string
	Expression string // FHIRPath of the place, or ""
}

type operationOutcome struct {
	ResourceType string         `json:"resourceType"`
	Issue        []outcomeIssue `json:"issue"`
}

type outcomeIssue struct {
	Severity   string   `json:"severity"`
	Code       string   `json:"code"`
	Details    details  `json:"details"`
	Expression []string `json:"expression,omitempty"`
}

type details struct {
	Text string `json:"text"`
}

// Outcome writes an OperationOutcome.
func Outcome(issues ...Issue) []byte {
	o := operationOutcome{ResourceType: "OperationOutcome"}
	for _, i := range issues {
		out := outcomeIssue{Severity: i.Severity, Code: i.Code, Details: details{i.Text}}
		if i.Expression != "" {
			out.Expression = []string{i.Expression}
		}
		o.Issue = append(o.Issue, out)
	}
	b, err := json.Marshal(o)
	if err != nil {
		panic("interact: " + err.Error()) // strings always marshal
	}
	return b
}

// Invalid is a resource that the definitions refuse.
type Invalid struct{ Issues []r4.Issue }

func (i *Invalid) Error() string {
	var s []string
	for _, issue := range i.Issues {
		s = append(s, issue.Error())
	}
	return strings.Join(s, "; ")
}

// Status is 400 if the resource is not of its structure, and 422 if it breaks a rule about its content.
func (i *Invalid) Status() int {
	for _, issue := range i.Issues {
		if issue.Code == "structure" {
			return http.StatusBadRequest
		}
	}
	return http.StatusUnprocessableEntity
}

// Outcome lists what is wrong.
func (i *Invalid) Outcome() []byte {
	var out []Issue
	for _, issue := range i.Issues {
		out = append(out, Issue{Severity: "error", Code: issue.Code, Text: issue.Text, Expression: issue.Expression})
	}
	return Outcome(out...)
}
