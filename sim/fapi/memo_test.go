package fapi

import (
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// With a memo, everything that was refused is refused, whatever verified before it.
func TestMemoLetsNothingElsePass(t *testing.T) {
	m := NewMemo()
	for alg, key := range keys() {
		good := must(ParseJWT(must(Sign(Header{}, AccessToken{Subject: "berg"}, key))))
		for range 2 {
			check(t, m.Verify(good, key.Public().Key))
		}
		for i := 0; i < len(good.signature); i += 7 {
			spoilt := *good
			spoilt.signature = append([]byte(nil), good.signature...)
			spoilt.signature[i] ^= 1
			for range 2 { // a second time too: what does not verify is not remembered
				if m.Verify(&spoilt, key.Public().Key) == nil {
					t.Fatalf("%s: expected a signature with octet %d changed to be refused", alg, i)
				}
			}
		}
		renamed := *good
		renamed.Header.Alg = "none"
		if m.Verify(&renamed, key.Public().Key) == nil {
			t.Errorf("%s: expected another algorithm to be judged anew", alg)
		}
		for other, another := range keys() {
			same := another.Thumbprint() == key.Thumbprint()
			if err := m.Verify(good, another.Public().Key); same != (err == nil) {
				t.Errorf("%s with the key of %s: expected %v, got %v", alg, other, same, err)
			}
		}
		if m.Verify(good, "no key") == nil {
			t.Errorf("%s: expected what is no key to be refused", alg)
		}
	}
}

// A key that remembers signs as it would have done; what is salted is salted afresh.
func TestMemoSignsTheSame(t *testing.T) {
	for alg, key := range keys() {
		m := NewMemo()
		remembering := key.Remembering(m)
		plain := must(Sign(Header{}, AccessToken{Subject: "berg"}, key))
		first := must(Sign(Header{}, AccessToken{Subject: "berg"}, remembering))
		again := must(Sign(Header{}, AccessToken{Subject: "berg"}, remembering))
		if _, salted := rsaAlgorithm(key.Alg); salted {
			if first == again || m.Tallies().SignaturesRSA.Asked != 0 {
				t.Errorf("%s: expected two signatures with a salt each, got %v", alg, m.Tallies())
			}
			continue
		}
		if plain != first || first != again {
			t.Errorf("%s: expected the same signature with and without a memo", alg)
		}
		all := m.Tallies()
		got := all.Signatures
		if algorithmsOf(key.Public().Key)[0] == "PS256" {
			got = all.SignaturesRSA
		}
		if got != (Tally{Asked: 2, Done: 1}) {
			t.Errorf("%s: expected one of two to be remembered, got %+v", alg, got)
		}
		if other := must(Sign(Header{}, AccessToken{Subject: "dahl"}, remembering)); other == first {
			t.Errorf("%s: expected another signature under another text", alg)
		}
	}
}

// A chain is remembered for the moment it was checked at: a year later it is judged again.
func TestMemoOfChains(t *testing.T) {
	ca := must(CertificateTemplate{CommonName: "CA", Authority: true, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}.SelfSigned(ecTestKey("ca")))
	leaf := must(CertificateTemplate{CommonName: "a", ClientAuthOnly: true, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(9000 * time.Hour)}.Issue(ca, ecTestKey("leaf")))
	m, roots := NewMemo(), []*x509.Certificate{ca.Certificate}
	for range 2 {
		check(t, m.CheckChain(leaf.Certificate, nil, roots, now))
	}
	if got := m.Tallies().Chains; got != (Tally{Asked: 2, Done: 1}) {
		t.Errorf("expected one of two to be remembered, got %+v", got)
	}
	if m.CheckChain(leaf.Certificate, nil, nil, now) == nil || m.CheckChain(leaf.Certificate, roots, nil, now) == nil {
		t.Error("expected the chain to be refused without its authority, and with it among the intermediates only")
	}
	if m.CheckChain(leaf.Certificate, nil, roots, now.Add(8000*time.Hour)) == nil {
		t.Error("expected the chain to be refused when its authority has expired")
	}
}

// The bound holds, and what was forgotten is found out again.
func TestMemoIsBounded(t *testing.T) {
	var s memories[int]
	for i := range 3*mostMemories + 1 {
		n := newNamer()
		n.number(int64(i))
		if got, err := s.get(n.name(), func() (int, error) { return i, nil }); got != i || err != nil {
			t.Fatalf("expected %d, got %d and %v", i, got, err)
		}
	}
	if len(s.known) > mostMemories {
		t.Errorf("expected at most %d, got %d", mostMemories, len(s.known))
	}
	if _, err := s.get([32]byte{1}, func() (int, error) { return 0, errors.New("no") }); err == nil {
		t.Error("expected an error to come through")
	}
}

// Workers of a matrix share one.
func TestMemoSideBySide(t *testing.T) {
	m := NewMemo()
	key := ecTestKey("ec").Remembering(m)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 50 {
				made, err := Sign(Header{}, AccessToken{Subject: fmt.Sprint(i)}, key)
				if err != nil {
					t.Error(err)
					return
				}
				parsed, err := ParseJWT(made)
				if err != nil || m.Verify(parsed, key.Public().Key) != nil {
					t.Errorf("expected token %d to verify", i)
				}
			}
		})
	}
	wg.Wait()
}
