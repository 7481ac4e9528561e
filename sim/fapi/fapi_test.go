package fapi

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/dice"
)

// The tests build the correct thing with the package's own verbs, then spoil one thing.

var now = time.Unix(1_795_420_800, 0)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused expects an error with the given words in it.
func refused(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("expected an error with %q, got %v", want, err)
	}
}

// ecTestKey gives equal keys for equal names.
func ecTestKey(name string) *Key { return must(NewES256Key(name, dice.New(1).Fork(name))) }

// An RSA key takes long to make, so there is one, under several of its algorithms.
var rsaTestKeys = sync.OnceValue(func() map[string]*Key {
	ps := must(NewRSAKey("rsa", "PS256"))
	made := map[string]*Key{"PS256": ps}
	for _, alg := range []string{"RS256", "PS384", "RS512"} {
		made[alg] = must(ParseKey(bytes.Replace(ps.PrivateJWK(), []byte("PS256"), []byte(alg), 1)))
	}
	return made
})

// edJWK is the key of RFC 8037 A.1.
const edJWK = `{"kty":"OKP","crv":"Ed25519","kid":"ed","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`

// keys has one key of every algorithm that thiefbox signs with.
func keys() map[string]*Key {
	return map[string]*Key{
		"ES256": ecTestKey("ec"),
		"PS256": rsaTestKeys()["PS256"],
		"RS256": rsaTestKeys()["RS256"],
		"PS384": rsaTestKeys()["PS384"],
		"RS512": rsaTestKeys()["RS512"],
		"EdDSA": must(ParseKey([]byte(edJWK))),
		"ES384": must(NewKey("p384", "ES384", dice.New(1))),
		"ES512": must(NewKey("p521", "ES512", dice.New(1))),
	}
}

// compact joins parts as they are, however wrong.
func compact(header, payload, signature string) string {
	return b64([]byte(header)) + "." + b64([]byte(payload)) + "." + b64([]byte(signature))
}

func decode(t testing.TB, data []byte) map[string]any {
	t.Helper()
	var m map[string]any
	check(t, json.Unmarshal(data, &m))
	return m
}
