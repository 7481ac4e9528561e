package serve

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

// draft is a JWT before it is signed: correct in everything, until a mistake changes one thing.
type draft struct {
	header  fapi.Header
	claims  map[string]any
	key     *fapi.Key
	public  fapi.Public // that verifies it
	dice    *dice.Dice
	signing func(*draft) (string, error)
	scheme  string // the Authorization scheme of an access token
}

func signProperly(d *draft) (string, error) { return fapi.Sign(d.header, d.claims, d.key) }

func (d *draft) sign() (string, error) { return d.signing(d) }

// mistake is one named way to be wrong.
type mistake struct {
	Name string `json:"name"`
	// In says what is wrong: an access token, a proof, a client assertion or a request object.
	In string `json:"in"`
	// Does says what is wrong with it.
	Does string `json:"does"`
	// Control is what refuses it here; empty where a message that cannot be read is refused by nobody in
	// particular, or where only another API would look.
	Control string `json:"refused_by,omitempty"`
	spoil   func(*draft)
}

// The kinds of artefact that can be wrong.
const (
	inToken     = "access_token"
	inProof     = "proof"
	inAssertion = "assertion"
	inRequest   = "request_object"
)

func set(claim string, to func(d *draft, was any) any) func(*draft) {
	return func(d *draft) { d.claims[claim] = to(d, d.claims[claim]) }
}

func drop(claim string) func(*draft) { return func(d *draft) { delete(d.claims, claim) } }

// later moves a moment by so many seconds.
func later(claim string, seconds int64) func(*draft) {
	return set(claim, func(_ *draft, was any) any { return moment(was) + seconds })
}

// moment reads a claim that may have been set by a caller, who writes JSON.
func moment(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	}
	return 0
}

// both does one thing and then another, where one mistake takes two members.
func both(first, second func(*draft)) func(*draft) { return func(d *draft) { first(d); second(d) } }

func typ(value string) func(*draft) { return func(d *draft) { d.header.Typ = value } }

func unsigned(d *draft) {
	d.signing = func(d *draft) (string, error) { return fapi.ForgeUnsigned(d.header, d.claims) }
}

func signedByPublicKey(d *draft) {
	d.signing = func(d *draft) (string, error) { return fapi.ForgeHMAC(d.header, d.claims, d.public) }
}

// signedByAnother leaves the header as it is, and so names a key that did not sign.
func signedByAnother(d *draft) {
	d.signing = func(d *draft) (string, error) {
		other, err := strangersKey(d)
		if err != nil {
			return "", err
		}
		d.header.Alg = other.Alg
		return fapi.Sign(d.header, d.claims, other)
	}
}

// strangersKey is a key of nobody, for the same algorithm: the signature is to be wrong, and nothing else. RSA keys are
// slow to make, so there is one of each kind.
func strangersKey(d *draft) (*fapi.Key, error) {
	if d.key.Alg == "ES256" {
		return fapi.NewES256Key(d.key.ID, d.dice.Fork("a key of nobody"))
	}
	strangers.mu.Lock()
	defer strangers.mu.Unlock()
	if key := strangers.keys[d.key.Alg]; key != nil {
		return key, nil
	}
	key, err := fapi.NewKey(d.key.ID, d.key.Alg, d.dice.Fork("a key of nobody"))
	if err == nil {
		strangers.keys[d.key.Alg] = key
	}
	return key, err
}

var strangers = struct {
	mu   sync.Mutex
	keys map[string]*fapi.Key
}{keys: map[string]*fapi.Key{}}

func brokenSignature(d *draft) {
	d.signing = func(d *draft) (string, error) {
		compact, err := signProperly(d)
		if err != nil {
			return "", err
		}
		// The last character may carry bits that nobody reads; the first of the signature does not.
		at := strings.LastIndexByte(compact, '.') + 1
		first := byte('A')
		if compact[at] == first {
			first = 'B'
		}
		return compact[:at] + string(first) + compact[at+1:], nil
	}
}

// without removes a member from the header, and signs what is left.
func without(member string) func(*draft) {
	return func(d *draft) {
		d.signing = func(d *draft) (string, error) {
			return fapi.SignRaw(d.key, func(header map[string]json.RawMessage) { delete(header, member) }, d.header, d.claims)
		}
	}
}

// findMistake looks a name up among the mistakes of a kind. An empty name is none.
func findMistake(kind, name string) (*mistake, error) {
	if name == "" {
		return &mistake{spoil: func(*draft) {}}, nil
	}
	var names []string
	for i := range mistakes {
		if m := &mistakes[i]; m.In == kind {
			if m.Name == name {
				return m, nil
			}
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return nil, fmt.Errorf("expected a mistake in an %s to be one of %s, got %q", kind, strings.Join(names, ", "), name)
}

func by(c *control.Control) string { return c.ID }
