package fhirmock

import (
	"context"
	"slices"

	"thiefbox/fhirmock/people"
)

// search is FHIR's search-type interaction.
func (a *API) search(ctx context.Context, v *visit) (*answer, error) {
	q, p := a.parseQuery(kindNamed(v.route.resourceType), v.route.params)
	if p != nil {
		return nil, p
	}
	matches, err := a.permitted(ctx, v, a.matches(v.route.resourceType, q))
	if err != nil {
		return nil, err
	}
	page := q.page(matches)
	what := v.route.resourceType
	if encoded := v.route.params.Encode(); encoded != "" {
		what += "?" + encoded
	}
	return &answer{what: what, patients: patientsOf(page), body: a.bundle(v, q, len(matches), page)}, nil
}

// matches finds the records that a query asks for, whoever they belong to.
func (a *API) matches(resourceType string, q *query) []*people.Record {
	var out []*people.Record
	for _, r := range a.candidates(resourceType, q) {
		if q.matches(r) {
			out = append(out, r)
		}
	}
	return out
}

// candidates narrows the records down by id or patient where the query allows it.
func (a *API) candidates(resourceType string, q *query) []*people.Record {
	for _, f := range q.filters {
		var out []*people.Record
		switch f.param {
		case "_id":
			for _, id := range distinct(f.values) {
				if r := a.People.Record(resourceType, id); r != nil {
					out = append(out, r)
				}
			}
			return out
		case "patient", "subject":
			for _, ref := range distinct(f.values) {
				const prefix = "Patient/"
				if len(ref) > len(prefix) {
					out = append(out, a.People.RecordsOf(resourceType, ref[len(prefix):])...)
				}
			}
			return out // q.matches sees to it that the reference is to a Patient
		}
	}
	return a.People.Records(resourceType)
}

func distinct(values []value) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		if !slices.Contains(out, v.text) {
			out = append(out, v.text)
		}
	}
	return out
}

func (q *query) matches(r *people.Record) bool {
	for _, f := range q.filters {
		if !slices.ContainsFunc(f.values, func(v value) bool {
			if f.param == "_id" {
				return v.text == r.ID
			}
			return r.Matches(f.param, v.system, v.text)
		}) {
			return false
		}
	}
	return true
}

// permitted keeps the records that the caller may see. The guard is asked once for each patient, and
// only about patients who are there to be found.
func (a *API) permitted(ctx context.Context, v *visit, found []*people.Record) ([]*people.Record, error) {
	asked := map[string]bool{}
	var out []*people.Record
	for _, r := range found {
		if r.Patient == "" {
			out = append(out, r)
			continue
		}
		may, known := asked[r.Patient]
		if !known {
			var err error
			if may, err = a.mayFind(ctx, v, r.Patient); err != nil {
				return nil, err
			}
			asked[r.Patient] = may
		}
		if may {
			out = append(out, r)
		}
	}
	return out, nil
}

func (q *query) page(all []*people.Record) []*people.Record {
	from := min(q.offset, len(all))
	return all[from:min(from+q.count, len(all))]
}

// patientsOf lists whose records are in a page, in order of appearance.
func patientsOf(page []*people.Record) []string {
	var out []string
	for _, r := range page {
		if r.Patient != "" && !slices.Contains(out, r.Patient) {
			out = append(out, r.Patient)
		}
	}
	return out
}
