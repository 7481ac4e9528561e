package fhirmock

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// The old base. The API was first served below another address, {base}/v1, for reading and searching, with what was
// checked in 2019: that the token is good, and that its scope covers the question. Proofs, certificates and the question
// whose record it is came with the base of today, and nobody went back. No metadata name it; who has been there before, or
// guesses, finds it. It meets the guard lists of admit.go up to the scheme, and none beyond.

// oldBase is the address below the base.
const oldBase = "v1"

// baseGuards stand before requests at the old base, before anything is asked of the token.
var baseGuards = []control.Guard[visit]{
	{Control: control.RSOldBase, Check: checkOldBase, Answer: control.Answer{Status: http.StatusGone, Code: "not-supported", Safe: "this address is served no longer"}},
}

// checkOldBase: SP 5.3.4-5, OWASP API9:2023. There is one base, and what is asked at it is asked everywhere.
func checkOldBase(v *visit) (string, error) {
	return oldBase, control.ExpectedFix("base", v.api.Base, v.api.Base+"/"+oldBase, "call "+v.api.Base+", with what its metadata say")
}

// closed asks whether the old base is, and names the new one to whoever calls.
func (a *API) closed(ctx context.Context, w http.ResponseWriter, v *visit) error {
	err := party.Enforce(ctx, a.Party, v, baseGuards)
	if r := control.RefusalOf(err); r != nil {
		r.Answer.Safe += ": " + a.Base + " is"
		w.Header().Set("Link", "<"+a.Base+`>; rel="successor-version"`) // RFC 5829 s3.4
	}
	return err
}

// belowOldBase takes the old base off a path below the base.
func belowOldBase(path string) (rest string, old bool) {
	if !strings.HasPrefix(path, oldBase) {
		return path, false
	}
	if rest, old = strings.CutPrefix(path, oldBase+"/"); old {
		return rest, true
	}
	return path, false
}

// cameLater are types that there were none of then.
func cameLater(resourceType string) bool {
	return resourceType == "AuditEvent" || resourceType == "Subscription"
}

// oldRoute is interact.Route for what the old base serves.
func oldRoute(method, path string, r *interact.Request, wrong *query.Problem) (*interact.Request, *query.Problem) {
	switch {
	case wrong != nil && wrong.Code == "not-found":
		return nil, wrong
	case strings.Count(path, "/") > 1, !query.Served(typeOf(path)), cameLater(typeOf(path)), strings.ContainsAny(path, "$_"):
		return nil, &query.Problem{Status: http.StatusNotFound, Code: "not-found", Text: "there is nothing at this address"}
	case wrong != nil || method != http.MethodGet && method != http.MethodHead:
		return nil, &query.Problem{Status: http.StatusMethodNotAllowed, Code: "not-supported", Text: "the old base is for reading", Allow: "GET, HEAD"}
	}
	return r, nil
}

func typeOf(path string) string {
	kind, _, _ := strings.Cut(path, "/")
	return kind
}

// opensOld asks about one record there: its type has been asked about.
func (d *door) opensOld(w store.Way, r *store.Record) (bool, error) {
	err := d.scopeOf(r, w)
	if err == nil || control.RefusalOf(err) == nil || ways[w].loud {
		return err == nil && !cameLater(r.Type), err
	}
	return false, nil
}

// engineOf carries out what is asked at a base: links lead to where they were asked for.
func (a *API) engineOf(v *visit) *interact.Engine {
	if !v.route.old {
		return a.engine
	}
	e := *a.engine
	e.Base, e.Besides = a.Base+"/"+oldBase, nil
	return &e
}

// oldEndpoints lists what is served there.
func oldEndpoints(stepUps []StepUp) (out []control.Endpoint) {
	rules := control.InOrder(controlsOf(baseGuards), controlsOf(tokenGuards), controlsOf(overrideGuards), controlsOf(slices.Concat(scopeGuards[:]...)), controlsOf(limitGuards))
	for _, class := range []control.DataClass{control.PersonalData, control.HealthData, control.SensitiveHealth, control.DirectoryData} {
		for _, at := range []struct {
			path, title string
			kind        interact.Kind
		}{{"{type}", "search-type, at the old base", interact.Search}, {"{type}/{id}", "read, at the old base", interact.Read}} {
			e := control.Endpoint{Party: control.RS, Path: "{base}/" + oldBase + "/" + at.path, Methods: []string{http.MethodGet, http.MethodHead}, Title: at.title,
				Scopes: []string{"(patient|user|system)/{type}." + string(verbs[at.kind])}, Data: class, Controls: rules}
			for _, name := range query.Types {
				if !cameLater(name) && classOf(at.kind, name, stepUps) == class {
					e.Types = append(e.Types, name)
				}
			}
			if len(e.Types) > 0 {
				out = append(out, e)
			}
		}
	}
	return out
}
