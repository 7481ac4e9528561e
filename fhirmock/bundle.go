package fhirmock

import (
	"encoding/json"
	"maps"
	"net/url"
	"strconv"

	"thiefbox/fhirmock/people"
)

// bundle writes a searchset (R4 Bundle). Total counts what the caller may see, on this page or another;
// an empty page has no entry element, since FHIR JSON has no empty arrays.
func (a *API) bundle(v *visit, q *query, total int, page []*people.Record) []byte {
	size := 1024
	for _, r := range page {
		size += 256 + r.Size()
	}
	b := make([]byte, 0, size)
	b = append(b, `{"resourceType":"Bundle","type":"searchset","total":`...)
	b = strconv.AppendInt(b, int64(total), 10)
	b = append(b, `,"link":[`...)
	b = a.appendLink(b, "self", v, v.route.params)
	if next := q.offset + len(page); len(page) > 0 && next < total {
		b = append(b, ',')
		b = a.appendLink(b, "next", v, atOffset(v.route.params, next))
	}
	b = append(b, ']')
	for i, r := range page {
		if i == 0 {
			b = append(b, `,"entry":[`...)
		} else {
			b = append(b, ',')
		}
		b = a.appendEntry(b, r)
	}
	if len(page) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

func (a *API) appendEntry(b []byte, r *people.Record) []byte {
	b = append(b, `{"fullUrl":"`...)
	b = append(b, a.Base...) // New has seen to it that it needs no escaping
	b = append(b, '/')
	b = append(b, r.Type...)
	b = append(b, '/')
	b = append(b, r.ID...)
	b = append(b, `","resource":`...)
	b = a.render(b, r)
	return append(b, `,"search":{"mode":"match"}}`...)
}

// appendLink writes a link that repeats the search as a GET, which is how FHIR wants it even after a
// POST. The access token is no part of the parameters, and so never of a link.
func (a *API) appendLink(b []byte, relation string, v *visit, params url.Values) []byte {
	link := a.Base + "/" + v.route.resourceType
	if encoded := params.Encode(); encoded != "" {
		link += "?" + encoded
	}
	text, err := json.Marshal(link)
	if err != nil {
		panic("fhirmock: " + err.Error()) // strings always marshal
	}
	b = append(b, `{"relation":"`+relation+`","url":`...)
	b = append(b, text...)
	return append(b, '}')
}

func atOffset(params url.Values, offset int) url.Values {
	out := maps.Clone(params)
	out["_offset"] = []string{strconv.Itoa(offset)}
	return out
}
