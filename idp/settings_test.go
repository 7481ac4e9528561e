package idp

import (
	"testing"
	"time"

	"thiefbox/sim/control"
)

// What was given out keeps its life; what is given out next has the new one. The limits of FAPI hold here too.
func TestSettingsWhileItRuns(t *testing.T) {
	l := newLab(t, strict(t))
	if s := l.Settings(); s.Lifetimes.Code != time.Minute || s.Automatic != (Automatic{}) {
		t.Errorf("expected the defaults, got %+v", s)
	}
	early, _ := l.ehr.newFlow().code()
	if early == "" {
		t.Fatal("expected a code")
	}
	to := l.Settings()
	if err := to.Lifetimes.Set("code", 61*time.Second); err == nil {
		t.Error("expected more than FAPI permits to be refused")
	}
	if err := to.Lifetimes.Set("codes", time.Second); err == nil {
		t.Error("expected an unknown name to be refused")
	}
	if err := to.Lifetimes.Set("code", 5*time.Second); err != nil {
		t.Fatal(err)
	}
	if err := l.SetSettings(to); err != nil {
		t.Fatal(err)
	}
	f := l.ehr.newFlow()
	late, _ := f.code()
	l.clock.Advance(6 * time.Second)
	f.redeem(late).expect(t, control.ASCodeLifetime, 400, "invalid_grant")
	if err := l.SetSettings(Settings{Lifetimes: Lifetimes{Request: time.Hour}}); err == nil {
		t.Error("expected more than FAPI permits to be refused")
	}
	if got := l.Settings().Lifetimes.Code; got != 5*time.Second {
		t.Errorf("expected what was refused to change nothing, got %s", got)
	}
}
