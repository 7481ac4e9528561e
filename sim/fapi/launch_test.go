package fapi

import "testing"

// An answer without a context has none, and the surroundings of one are all but what the token says itself.
func TestLaunch(t *testing.T) {
	r, err := ParseTokenResponse([]byte(`{"access_token":"a"}`))
	if err != nil || r.Launch != nil {
		t.Errorf("expected no context, got %+v, %v", r.Launch, err)
	}
	r, err = ParseTokenResponse([]byte(`{"access_token":"a","patient":"p1","need_patient_banner":false,"intent":"x"}`))
	if err != nil || r.Launch == nil || r.Patient != "p1" || r.NeedBanner == nil || *r.NeedBanner {
		t.Fatalf("expected patient p1 and no banner, got %+v, %v", r.Launch, err)
	}
	if got, want := string(r.Surroundings()), `{"need_patient_banner":false,"intent":"x"}`; got != want {
		t.Errorf("expected %s, got %s", want, got)
	}
	if got := (*Launch)(nil).Surroundings(); got != nil {
		t.Errorf("expected nothing, got %s", got)
	}
	for _, bad := range []string{`{"patient":1}`, `{"need_patient_banner":"true"}`} {
		if _, err := ParseTokenResponse([]byte(bad)); err == nil {
			t.Errorf("%s: expected an error", bad)
		}
	}
}
