package serve

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"thiefbox/idp"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// The keys that sign an issuer's tokens, a file for each algorithm. They can be replaced while the server runs: the
// old one is published until its overlap is over, also after a restart, or in an emergency no longer at all.

// keyring is the keys of a tenant.
type keyring struct {
	current atomic.Pointer[fapi.Key] // signs, but for what a client wants with another algorithm

	mu      sync.Mutex // held while a key is replaced
	retired []idp.RetiredKey
}

const retiredFile = "retired-keys.json"

// retiredRecord is a line of that file.
type retiredRecord struct {
	Key   json.RawMessage `json:"key"` // a JWK Set of one
	Until time.Time       `json:"until"`
}

// usualOverlap outlives every access and ID token of the profiles, and what verifiers keep.
const usualOverlap = time.Hour

// key signs the tokens of the tenant's issuers.
func (t *tenant) key() *fapi.Key { return t.keys.current.Load() }

func (t *tenant) openKeys(alg string) error {
	key, err := t.tokenKey(alg)
	if err != nil {
		return err
	}
	t.keys.current.Store(key)
	text, err := os.ReadFile(t.file(retiredFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var records []retiredRecord
	if err == nil {
		err = json.Unmarshal(text, &records)
	}
	for _, r := range records {
		keys, wrong := fapi.ParseJWKS(r.Key)
		if err = errors.Join(err, wrong); len(keys) == 1 && keys[0].ID != key.ID {
			t.keys.retired = append(t.keys.retired, idp.RetiredKey{Key: keys[0], Until: r.Until})
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w; remove it to have replaced keys forgotten", t.file(retiredFile), err)
	}
	return nil
}

// published are the keys that were replaced and have to be shown for a while yet.
func (t *tenant) published() []idp.RetiredKey {
	t.keys.mu.Lock()
	defer t.keys.mu.Unlock()
	now := t.clock.Now()
	t.keys.retired = slices.DeleteFunc(t.keys.retired, func(r idp.RetiredKey) bool { return !now.Before(r.Until) })
	return slices.Clone(t.keys.retired)
}

func (t *tenant) keyFileOf(alg string) string { return t.file("server-" + alg + ".jwk") }

// tokenKey is kept like the clients' keys: a client that has it cached finds it again after a restart.
func (t *tenant) tokenKey(alg string) (*fapi.Key, error) {
	key, err := keyFile(t.keyFileOf(alg), func() (*fapi.Key, error) { return t.newKey(alg) })
	return asHelseID(key), err
}

func (t *tenant) newKey(alg string) (*fapi.Key, error) {
	if t.named.Dialect.Shape == control.ShapeHelseID {
		name := strings.ToUpper(t.dice.ID() + t.dice.ID()[:8])
		key, err := fapi.NewKey(name, alg, t.dice.Fork("key "+name))
		return asHelseID(key), err
	}
	name := "server-" + t.dice.ID()[:8]
	if alg != "ES256" {
		name += "-" + strings.ToLower(alg)
	}
	return fapi.NewKey(name, alg, t.dice.Fork("key "+name)) // forks of one name are the same
}

// asHelseID gives a key the x5t that goes with its name: HelseID names its keys by the SHA-1 of their certificates, in
// hexadecimal there and in base64url here. These have no certificate, which nobody asks for.
func asHelseID(key *fapi.Key) *fapi.Key {
	if key != nil {
		if sum, err := hex.DecodeString(key.ID); err == nil && len(sum) == 20 {
			key.X5T = base64.RawURLEncoding.EncodeToString(sum)
		}
	}
	return key
}

// usualIDTokenAlg signs ID tokens where no client asks for another algorithm. RS256 is what OpenID Connect has every
// provider offer and every client expect (Discovery s3, Dynamic Client Registration s2); libraries such as Spring
// Security take nothing else unless told. FAPI 2.0 forbids it (SP 5.4.1), and its servers sign as their profile says.
func usualIDTokenAlg(d control.Dialect) string {
	if d.ClientAuth.Asymmetric() {
		return ""
	}
	return "RS256"
}

// otherKey is the key for an algorithm that some client wants. A file that cannot be read or written leaves a key
// that the next start does not find.
func (t *tenant) otherKey(alg string) *fapi.Key {
	key, err := t.tokenKey(alg)
	if err == nil {
		return key
	}
	if key, err = t.newKey(alg); err != nil {
		panic("serve: cannot make a key: " + err.Error())
	}
	return key
}

// RotateKey replaces the key of an algorithm, or the one that signs access tokens if alg is empty. The old one is
// published until overlap is over; 0 is the emergency, in which nothing that it signed is believed any more.
func (i *Issuer) RotateKey(alg string, overlap time.Duration) error {
	t := i.tenant
	if overlap < 0 {
		return fmt.Errorf("expected overlap to be positive, or 0 for an emergency, got %s", overlap)
	}
	alg = firstOf(alg, t.key().Alg)
	if alg != t.key().Alg && !slices.Contains(idp.SigningAlgorithms(), alg) { // it becomes part of a file name
		return fmt.Errorf("expected alg to be one of %s, got %q", strings.Join(idp.SigningAlgorithms(), ", "), alg)
	}
	next, err := t.newKey(alg) // before the locks: it may take a while
	if err != nil {
		return err
	}
	t.published() // drops what is over
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keys.mu.Lock()
	defer t.keys.mu.Unlock()
	old, err := readKey(t.keyFileOf(alg))
	if err != nil {
		return fmt.Errorf("expected alg to be one that something is signed with here, such as %s, got %q: %w", t.key().Alg, alg, err)
	}
	if overlap > 0 {
		t.keys.retired = append(t.keys.retired, idp.RetiredKey{Key: old.Public(), Until: t.clock.Now().Add(overlap)})
	}
	// The old key first: who is killed in between has it twice, and not at all never.
	if err := errors.Join(t.keepRetired(), writeFile(t.keyFileOf(alg), append(next.PrivateJWK(), '\n'), 0o600), writePEM(pemBeside(t.keyFileOf(alg)), next)); err != nil {
		return err
	}
	for _, each := range t.issuers {
		each.as.RotateKey(next, overlap) // one that has signed nothing yet asks for the key to replace
		each.fhir.forgetKeys()
	}
	if alg == t.key().Alg {
		t.keys.current.Store(next)
	}
	return nil
}

// keepRetired writes the file. It is called with the lock held.
func (t *tenant) keepRetired() error {
	records := []retiredRecord{}
	for _, r := range t.keys.retired {
		records = append(records, retiredRecord{fapi.JWKS(r.Key), r.Until})
	}
	text, err := json.MarshalIndent(records, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(t.file(retiredFile), text, 0o600)
}

// shownKey is a key as a program sees it.
type shownKey struct {
	Kid   string    `json:"kid"`
	Alg   string    `json:"alg"`
	Until time.Time `json:"published_until,omitzero"` // of one that signs no more
}

func (i *Issuer) serveKeys(w http.ResponseWriter, _ *http.Request) {
	signing := []shownKey{{Kid: i.tenant.key().ID, Alg: i.tenant.key().Alg}}
	for _, alg := range idp.SigningAlgorithms() {
		if key, err := readKey(i.tenant.keyFileOf(alg)); err == nil && key.ID != signing[0].Kid {
			signing = append(signing, shownKey{Kid: key.ID, Alg: key.Alg})
		}
	}
	retired := []shownKey{}
	for _, r := range i.tenant.published() {
		retired = append(retired, shownKey{r.Key.ID, r.Key.Alg, r.Until.UTC()})
	}
	answerJSON(w, http.StatusOK, map[string][]shownKey{"signing": signing, "retired": retired})
}

// rotateKeys takes {"overlap": "10m"}; 0 is the emergency.
func (i *Issuer) rotateKeys(w http.ResponseWriter, r *http.Request) {
	in := struct {
		Alg     string   `json:"alg"`
		Overlap Duration `json:"overlap"`
	}{Overlap: Duration(usualOverlap)}
	err := readJSON(w, r, &in)
	if err == nil {
		err = i.RotateKey(in.Alg, time.Duration(in.Overlap))
	}
	if err != nil {
		badInput(w, err)
		return
	}
	i.serveKeys(w, r)
}
