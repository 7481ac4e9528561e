package tui

import (
	"strings"
	"testing"
)

// atRollout is an app whose user has opened the rollout from home.
func atRollout(t testing.TB, w, h int) *app {
	t.Helper()
	a := testApp(t, w, h)
	a.src.Rollout = fixtureRollout
	a.home.src.Rollout, a.rollout.src.Rollout = fixtureRollout, fixtureRollout
	a.home.fill()
	press(t, a, "/", "r", "o", "l", "l", "o", "u", "t", "enter", "enter")
	return a
}

// The user's own date is moved, told or not, and stands beside the usual policies each time.
func TestADateOfOnesOwn(t *testing.T) {
	a := atRollout(t, 120, 36)
	if v := a.View(); !strings.Contains(v, "yours: 45 d, notify") || !strings.Contains(v, "a model, not a forecast") {
		t.Fatalf("expected a policy of one's own\n%s", v)
	}
	before := a.rollout.row().Broken.P50
	press(t, a, "[", "[", "x")
	if v := a.View(); !strings.Contains(v, "broken on day 21: ") || strings.Contains(v, "yours: 21 d, notify") {
		t.Errorf("expected day 21, without telling anybody\n%s", v)
	}
	if after := a.rollout.row().Broken.P50; after <= before {
		t.Errorf("expected an earlier date to break more, got %g after %g", after, before)
	}
	if want := "thiefbox rollout"; !strings.HasPrefix(a.rollout.twin(), want) {
		t.Errorf("expected a twin, got %s", a.rollout.twin())
	}
}

// What moves the answer is computed when it is asked for.
func TestTheSidesOfTheRollout(t *testing.T) {
	a := atRollout(t, 120, 36)
	for _, want := range []string{"Measured on the wire", "tell suppliers", "an API never does", "clients broken, median", "There is no mean", "Measured on the wire"} {
		if !strings.Contains(a.View(), want) {
			t.Errorf("expected %q\n%s", want, a.View())
		}
		press(t, a, "tab")
	}
	if press(t, a, "e"); !strings.Contains(a.View(), "from ") {
		t.Errorf("expected every number with its range\n%s", a.View())
	}
}

// Everything that can be set is played at once, and the command beside it has it too.
func TestWhatIsSetIsPlayed(t *testing.T) {
	a := atRollout(t, 80, 24)
	press(t, a, "tab", "j", "j", "l", "j", "h", "h") // the ratchet off, the mandate weaker
	if p := a.rollout.got.Study; p.Params.Mandate >= 1.56 || a.rollout.own().Policy.Ratchet {
		t.Errorf("expected a weaker mandate and no ratchet, got %g and %+v", p.Params.Mandate, a.rollout.own().Policy)
	}
	if v := a.View(); !strings.Contains(v, "Exposed: ") || !strings.Contains(v, "mandate strength") {
		t.Errorf("expected the curve over what is set\n%s", v)
	}
	if twin := a.rollout.twin(); !strings.Contains(twin, `--policy "45 d,notify"`) || !strings.Contains(twin, "--set mandate=1.1") {
		t.Errorf("expected the command to have it, got %s", twin)
	}
	press(t, a, "G", "enter")
	for _, r := range "my clients.csv 2026-01-01" {
		press(t, a, string(r))
	}
	if press(t, a, "enter"); a.over == nil {
		t.Error("expected a day to be missed")
	}
	for _, r := range " 2026-02-01" {
		press(t, a, string(r))
	}
	if press(t, a, "enter"); a.over != nil || a.rollout.wish.Clients != "my clients.csv" || !strings.Contains(a.rollout.twin(), "--clients 'my clients.csv' --since 2026-01-01 --as-of 2026-02-01") {
		t.Errorf("expected the clients to be taken, got %s", a.rollout.twin())
	}
}

func TestTheRolloutInAllSizes(t *testing.T) {
	a := atRollout(t, 120, 36)
	for range rolloutSides {
		for w := 20; w <= 200; w += 15 {
			for h := 5; h <= 60; h += 7 {
				a.resize(w, h)
				checkFrame(t, a, a.View())
			}
		}
		a.resize(120, 36)
		press(t, a, "tab", "k")
	}
}
