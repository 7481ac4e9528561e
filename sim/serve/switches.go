package serve

import (
	"net/http"
	"slices"
	"strings"

	"thiefbox/sim/control"
)

// The switches of an issuer while it runs: which controls are on. A test of a client that should cope
// with a laxer or stricter server throws one, and every origin of the issuer follows.

// switched is a control as a program sees it.
type switched struct {
	ID     string `json:"id"`
	On     bool   `json:"on"`
	Named  bool   `json:"in_profile"` // on in the profile as it is named
	Title  string `json:"title"`
	Clause string `json:"clause"`
	Why    string `json:"why"`
}

func (i *Issuer) controls() []switched {
	now, named := i.tenant.policy.Profile().Controls.Controls(), i.tenant.named.Controls.Controls()
	var out []switched
	for _, c := range control.All() {
		out = append(out, switched{c.ID, slices.Contains(now, c), slices.Contains(named, c), c.Title, c.Clause, c.Why})
	}
	return out
}

func (i *Issuer) serveControls(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, i.controls())
}

func (i *Issuer) serveControl(w http.ResponseWriter, r *http.Request) {
	c, err := controlIn(r)
	if err != nil {
		refuse(w, http.StatusNotFound, "not_found", err.Error())
		return
	}
	all := i.controls()
	answerJSON(w, http.StatusOK, all[slices.IndexFunc(all, func(s switched) bool { return s.ID == c.ID })])
}

func controlIn(r *http.Request) (*control.Control, error) {
	_, id, _ := strings.Cut(r.URL.Path, pathControl)
	return control.Lookup(id)
}

// switchControl takes {"on": false}.
func (i *Issuer) switchControl(w http.ResponseWriter, r *http.Request) {
	c, err := controlIn(r)
	if err != nil {
		refuse(w, http.StatusNotFound, "not_found", err.Error())
		return
	}
	var in struct {
		On *bool `json:"on"`
	}
	if err := readJSON(w, r, &in); err != nil {
		badInput(w, err)
		return
	}
	if in.On == nil {
		refuse(w, http.StatusBadRequest, "invalid_request", `expected {"on": true} or {"on": false}, got neither`)
		return
	}
	i.SwitchControl(c, *in.On)
	i.serveControl(w, r)
}

// SwitchControl puts a control in force or withdraws it, at every origin of the issuer, from the next
// request on.
func (i *Issuer) SwitchControl(c *control.Control, on bool) {
	i.tenant.changePolicy(func(p control.Profile) control.Profile {
		if on {
			return p.With(c)
		}
		return p.Without(c)
	})
}

// changePolicy makes the change one step: two tests may throw two switches at a time.
func (t *tenant) changePolicy(change func(control.Profile) control.Profile) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.policy.Set(change(t.policy.Profile()))
}

func (i *Issuer) restoreControls(w http.ResponseWriter, r *http.Request) {
	i.tenant.changePolicy(func(control.Profile) control.Profile { return i.tenant.named })
	i.serveControls(w, r)
}
