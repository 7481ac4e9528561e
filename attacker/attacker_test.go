package attacker

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/dice"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// desert is a Ground where nothing was overheard or stolen and nobody answers.
type desert struct{ d *dice.Dice }

var errDesert = errors.New("nobody is here")

func (desert) Do(*http.Request) (*http.Response, error)                    { return nil, errDesert }
func (desert) DoWith(*fapi.KeyPair, *http.Request) (*http.Response, error) { return nil, errDesert }
func (desert) Browser() Browser                                            { return desertedBrowser{} }
func (desert) Serve(string, http.Handler)                                  {}
func (desert) Overheard(event.Vantage) []event.Message                     { return nil }
func (desert) Stolen(event.Asset) []byte                                   { return nil }
func (desert) Lure(string) error                                           { return errDesert }
func (desert) LureAndInterrupt(string) error                               { return errDesert }
func (desert) AtOnce(fs ...func()) {
	for _, f := range fs {
		f()
	}
}
func (desert) Wait(time.Duration)      {}
func (desert) Now() time.Time          { return time.Unix(1_800_000_000, 0) }
func (g desert) Random() string        { return g.d.Token() }
func (desert) Script() (Script, error) { return nil, errDesert }
func (desert) Target() Target {
	return Target{Issuer: "https://as.test", FHIRBase: "https://fhir.test", LabBase: "https://lab.test",
		ClientURL: "https://ehr.test", ClientLogin: "https://ehr.test/login?issuer=", ClientCallback: "https://ehr.test/callback",
		OwnHost: "mallory.test", RogueHost: "rogue.test", Patients: []string{"p01", "p02"}}
}

func (desert) ReadKey(jwk []byte) (*fapi.Key, error) { return fapi.ParseKey(jwk) }
func (g desert) Key(name string) *fapi.Key {
	key, err := fapi.NewES256Key(name, g.d.Fork(name))
	if err != nil {
		panic(err)
	}
	return key
}

type desertedBrowser struct{}

func (desertedBrowser) Visit(context.Context, string, string) (Page, error) { return Page{}, errDesert }

// A technique that could not even try says so: an error makes the run void. To return nil, or ErrStopped,
// would pass off a failure of ours as a defence of theirs.
func TestTechniquesAdmitThatTheyCouldNotTry(t *testing.T) {
	for _, a := range All() {
		t.Run(a.Name, func(t *testing.T) {
			err := a.Run(context.Background(), desert{dice.New(1)})
			if err == nil || errors.Is(err, ErrStopped) {
				t.Errorf("%s: expected an error where nothing can be had, got %v", a.ID, err)
			}
		})
	}
}

var catalogueID = regexp.MustCompile(`^[A-Z]{1,2}-[0-9]{2}(/[a-z-]+)?$`)

func TestTechniquesAreDescribed(t *testing.T) {
	for _, a := range All() {
		if !catalogueID.MatchString(a.ID) {
			t.Errorf("%s: expected an id of the catalogue, with a variant in small letters at most", a.ID)
		}
		if a.Name == "" || strings.ContainsAny(a.Name, "_ ") || a.Run == nil {
			t.Errorf("%s: expected a name made of the file's and something to run, got %q", a.ID, a.Name)
		}
		if a.Title == "" || strings.HasSuffix(a.Title, ".") || len(a.Title) > 90 {
			t.Errorf("%s: expected a title of one line without a full stop, got %q", a.ID, a.Title)
		}
		if !strings.HasSuffix(a.Story, ".") || len(a.Story) > 420 {
			t.Errorf("%s: expected a story of a few sentences, got %q", a.ID, a.Story)
		}
		if !strings.HasSuffix(a.Evidence, ".") || len(a.Evidence) > 260 {
			t.Errorf("%s: expected a sentence about what the logs show, here or in evidence.go, got %q", a.ID, a.Evidence)
		}
		if len(a.Reads) == 0 {
			t.Errorf("%s: expected sources to read", a.ID)
		}
		if a.Beyond != "" && !strings.HasSuffix(a.Beyond, ".") {
			t.Errorf("%s: expected Beyond to be sentences, got %q", a.ID, a.Beyond)
		}
	}
}

func TestIDsAndNamesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, a := range All() {
		for _, key := range []string{a.ID, a.Name} {
			if other := seen[key]; other != "" {
				t.Errorf("%s is the id or name of %s and of %s", key, other, a.ID)
			}
			seen[key] = a.ID
		}
	}
}
