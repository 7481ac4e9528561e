package attacker

import (
	"slices"
	"testing"

	"thiefbox/sim/event"
)

func TestClasses(t *testing.T) {
	for _, test := range []struct {
		technique Technique
		want      []Class
	}{
		{Technique{}, []Class{A1}},
		{Technique{Has: []event.Asset{event.OwnClient}}, []Class{A1}},
		{Technique{Needs: []event.Vantage{event.APIProxy}, Has: []event.Asset{event.OwnClient}}, []Class{A5}},
		{Technique{Needs: []event.Vantage{event.RogueAS, event.FrontRequest}}, []Class{A1a, A3a}},
		{Technique{Needs: []event.Vantage{event.APILog}, Has: []event.Asset{event.DPoPKey}}, []Class{Outside}},
		{Technique{Needs: []event.Vantage{event.APIProxyHeld}}, []Class{Outside}},
		{Technique{Needs: []event.Vantage{event.APIProxyHeld}, Model: []Class{A1a}}, []Class{A1a}},
	} {
		if got := test.technique.Classes(); !slices.Equal(got, test.want) {
			t.Errorf("%v %v: expected %v, got %v", test.technique.Needs, test.technique.Has, test.want, got)
		}
	}
	for _, a := range All() {
		if len(a.Classes()) == 0 {
			t.Errorf("%s belongs to no attacker of the model", a.ID)
		}
	}
}
