package fapi

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"thiefbox/sim/dice"
)

var certificateNow = time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)

func certificateKey(tb testing.TB, name string) *Key {
	tb.Helper()
	k, err := NewES256Key(name, dice.New(5).Fork(name))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func certificateFor(name string) CertificateTemplate {
	return CertificateTemplate{CommonName: name, Organization: "Clinic", ClientAuthOnly: true,
		NotBefore: certificateNow.Add(-time.Hour), NotAfter: certificateNow.Add(time.Hour)}
}

func pairFor(tb testing.TB, pair *KeyPair, err error) *KeyPair {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
	return pair
}

// authorityFor outlives what it issues.
func authorityFor(tb testing.TB, name string) *KeyPair {
	t := certificateFor(name)
	t.Authority, t.ClientAuthOnly, t.NotBefore, t.NotAfter = true, false, certificateNow.AddDate(-2, 0, 0), certificateNow.AddDate(2, 0, 0)
	pair, err := t.SelfSigned(certificateKey(tb, name))
	return pairFor(tb, pair, err)
}

func TestCertificatesRepeat(t *testing.T) {
	issue := func() *KeyPair {
		pair, err := certificateFor("ehr").Issue(authorityFor(t, "CA"), certificateKey(t, "ehr"))
		return pairFor(t, pair, err)
	}
	one, two := issue(), issue()
	if !bytes.Equal(one.Certificate.Raw, two.Certificate.Raw) || one.Thumbprint() != two.Thumbprint() {
		t.Error("expected the same certificate twice")
	}
	parsed, err := ParseKeyPair(one.PEM(), one.Key.PrivateJWK())
	if err != nil || parsed.Thumbprint() != one.Thumbprint() || len(parsed.TLS().Certificate) != 1 {
		t.Errorf("expected to read it back, got %v", err)
	}
	if _, err := ParseKeyPair(one.PEM(), certificateKey(t, "thief").PrivateJWK()); err == nil {
		t.Error("expected another's key to be refused")
	}
	for _, spoilt := range [][]byte{nil, []byte("x"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), one.Key.PrivatePEM()} {
		if _, err := ParseKeyPair(spoilt, one.Key.PrivateJWK()); err == nil {
			t.Errorf("expected %q to be refused", spoilt)
		}
	}
}

func TestCheckChain(t *testing.T) {
	ca, rogue := authorityFor(t, "CA"), authorityFor(t, "Rogue")
	leaf, err := certificateFor("ehr").Issue(ca, certificateKey(t, "ehr"))
	pairFor(t, leaf, err)
	middleTemplate := certificateFor("Middle")
	middleTemplate.Authority, middleTemplate.ClientAuthOnly = true, false
	middle, err := middleTemplate.Issue(ca, certificateKey(t, "middle"))
	pairFor(t, middle, err)
	below, err := certificateFor("below").Issue(middle, certificateKey(t, "below"))
	pairFor(t, below, err)
	// A certificate that may not issue others vouches for nobody.
	under, err := certificateFor("under").Issue(leaf, certificateKey(t, "under"))
	pairFor(t, under, err)
	trust := []*x509.Certificate{ca.Certificate}
	for name, test := range map[string]struct {
		leaf    *KeyPair
		others  []*x509.Certificate
		trusted []*x509.Certificate
		now     time.Time
		ok      bool
	}{
		"honest":                     {leaf, nil, trust, certificateNow, true},
		"expired is for others":      {leaf, nil, trust, certificateNow.AddDate(1, 0, 0), true},
		"not yet valid is too":       {leaf, nil, trust, certificateNow.AddDate(-1, 0, 0), true},
		"with its intermediate":      {below, []*x509.Certificate{middle.Certificate}, trust, certificateNow, true},
		"without its intermediate":   {below, nil, trust, certificateNow, false},
		"another authority":          {leaf, nil, []*x509.Certificate{rogue.Certificate}, certificateNow, false},
		"no authority":               {leaf, nil, nil, certificateNow, false},
		"issued by a client":         {under, []*x509.Certificate{leaf.Certificate}, trust, certificateNow, false},
		"its own authority, untried": {rogue, nil, trust, certificateNow, false},
	} {
		if err := CheckChain(test.leaf.Certificate, test.others, test.trusted, test.now); (err == nil) != test.ok {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for at, ok := range map[time.Time]bool{certificateNow: true, leaf.Certificate.NotBefore: true, leaf.Certificate.NotAfter: true,
		leaf.Certificate.NotBefore.Add(-time.Second): false, leaf.Certificate.NotAfter.Add(time.Second): false} {
		if err := CheckValidity(leaf.Certificate, at); (err == nil) != ok {
			t.Errorf("%s: got %v", at, err)
		}
	}
}

func TestCertificateSubject(t *testing.T) {
	template := certificateFor("ehr")
	template.DNSNames, template.URIs = []string{"ehr.test"}, []string{"urn:ehr"}
	pair, err := template.SelfSigned(certificateKey(t, "ehr"))
	pairFor(t, pair, err)
	odd := certificateFor("ehr,O=Clinic")
	odd.Organization = ""
	lookAlike, err := odd.SelfSigned(certificateKey(t, "thief"))
	pairFor(t, lookAlike, err)
	for dn, want := range map[string]bool{
		"CN=ehr,O=Clinic": true, "cn=EHR , o=  clinic": true, "2.5.4.3=ehr,2.5.4.10=Clinic": true, `CN=e\68r,O=Clinic`: true, `CN=eh\r,O=Clinic`: false,
		"O=Clinic,CN=ehr": false, "CN=ehr": false, "CN=ehr,O=Clinic,C=NO": false, "CN=ehr+O=Clinic": false, "CN=ehrx,O=Clinic": false, "": false,
		"nonsense": false, "FOO=ehr,O=Clinic": false, `CN=ehr,O=Clinic\`: false, `CN=ehr\,O=Clinic`: false,
	} {
		s := CertificateSubject{DN: dn}
		if s.Matches(pair.Certificate) != want {
			t.Errorf("%q: expected %t", dn, want)
		}
		if want && (s.Matches(lookAlike.Certificate) || s.Validate() != nil || s.Canonical() != (CertificateSubject{DN: "CN=ehr,O=Clinic"}).Canonical()) {
			t.Errorf("%q: expected a good name, which a look-alike does not bear", dn)
		}
	}
	if escaped := (CertificateSubject{DN: `CN=ehr\,O\=Clinic`}); !escaped.Matches(lookAlike.Certificate) || escaped.Matches(pair.Certificate) {
		t.Error("expected an escaped comma to be part of the value")
	}
	for s, want := range map[CertificateSubject]bool{
		{DNS: "EHR.test"}: true, {DNS: "test"}: false, {URI: "urn:ehr"}: true, {URI: "urn:x"}: false, {IP: "127.0.0.1"}: false, {Email: "a@b"}: false, {}: false,
	} {
		if s.Matches(pair.Certificate) != want {
			t.Errorf("%+v: expected %t", s, want)
		}
	}
	for _, s := range []CertificateSubject{{}, {DN: "CN=a", DNS: "b"}, {IP: "localhost"}, {DN: "a"}, {DN: `CN=a\`}, {DN: `CN=a\zz`}} {
		if s.Validate() == nil {
			t.Errorf("expected %+v to be refused", s)
		}
	}
	if s := (CertificateSubject{IP: "::1"}); s.Validate() != nil || s.String() != "::1" {
		t.Errorf("got %q", s)
	}
}

// What people write, Go's own reading of a certificate's subject, and ours are the same name.
func TestDNIsWhatGoWrites(t *testing.T) {
	for _, name := range []string{"ehr", " leading", "trailing ", "a+b", `a"b\c`, "æøå", "a;b<c>", "#x"} {
		pair, err := certificateFor(name).SelfSigned(certificateKey(t, "ehr"))
		pairFor(t, pair, err)
		if s := (CertificateSubject{DN: pair.Certificate.Subject.String()}); !s.Matches(pair.Certificate) {
			t.Errorf("%q: expected %q to match", name, s)
		}
	}
}

func FuzzDN(f *testing.F) {
	for _, seed := range []string{"CN=ehr,O=Clinic", `CN=a\,b+OU=x`, `=`, `\`, ",", "CN=", "2.5.4.3=\\41"} {
		f.Add(seed)
	}
	pair, err := certificateFor("ehr").SelfSigned(certificateKey(f, "ehr"))
	pairFor(f, pair, err)
	f.Fuzz(func(t *testing.T, dn string) {
		s := CertificateSubject{DN: dn}
		if s.Matches(pair.Certificate) && (s.Validate() != nil || s.Canonical() != (CertificateSubject{DN: "CN=ehr,O=Clinic"}).Canonical()) {
			t.Errorf("%q matches, but is not the same name", dn)
		}
	})
}

func TestClientCertHeader(t *testing.T) {
	pair, err := certificateFor("ehr").SelfSigned(certificateKey(t, "ehr"))
	pairFor(t, pair, err)
	got, err := ParseClientCert(" " + FormatClientCert(pair.Certificate.Raw) + " ")
	if err != nil || !got.Equal(pair.Certificate) {
		t.Errorf("expected the certificate back, got %v", err)
	}
	for _, spoilt := range []string{"", ":", "::", ":x:", "AAAA", ":AAAA:", strings.Trim(FormatClientCert(pair.Certificate.Raw), ":")} {
		if _, err := ParseClientCert(spoilt); err == nil {
			t.Errorf("expected %q to be refused", spoilt)
		}
	}
}

// go-jose reads our x5c, and we read what it writes.
func TestCertificatesInJWKS(t *testing.T) {
	pair, err := certificateFor("ehr").SelfSigned(certificateKey(t, "ehr"))
	pairFor(t, pair, err)
	jwk, err := CertificateJWK(pair.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	var theirs jose.JSONWebKey
	if err := json.Unmarshal(jwk, &theirs); err != nil || len(theirs.Certificates) != 1 || !theirs.Certificates[0].Equal(pair.Certificate) {
		t.Fatalf("expected go-jose to read it, got %v", err)
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{theirs, {Key: certificateKey(t, "other").Public().Key}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := CertificatesInJWKS(set)
	if err != nil || len(got) != 1 || !got[0].Equal(pair.Certificate) {
		t.Errorf("expected one certificate, got %d, %v", len(got), err)
	}
	for _, spoilt := range []string{``, `[]`, `{"keys":[{"x5c":["AAAA"]}]}`, `{"keys":[{"x5c":[7]}]}`} {
		if got, err := CertificatesInJWKS([]byte(spoilt)); err == nil {
			t.Errorf("expected %s to be refused, got %v", spoilt, got)
		}
	}
}

func TestPreferAliases(t *testing.T) {
	m := Metadata{TokenEndpoint: "t", RevocationEndpoint: "r", AuthorizationEndpoint: "a", MTLSAliases: MTLSAliases{TokenEndpoint: "mt"}}
	if got := m.PreferAliases(); got.TokenEndpoint != "mt" || got.RevocationEndpoint != "r" || got.AuthorizationEndpoint != "a" || m.TokenEndpoint != "t" {
		t.Errorf("got %+v", got)
	}
}

func TestConfirmationByCertificate(t *testing.T) {
	for _, c := range []*Confirmation{nil, {JKT: "a"}, {X5T: "b"}, {JKT: "a", X5T: "b"}} {
		compact, err := AccessToken{JTI: "1", Confirmation: c}.Sign(certificateKey(t, "as"))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := ParseJWT(compact)
		if err != nil {
			t.Fatal(err)
		}
		var got AccessToken
		if err := parsed.Claims(&got); err != nil {
			t.Fatal(err)
		}
		want := AccessToken{Confirmation: c}
		if got.JKT() != want.JKT() || got.X5T() != want.X5T() || got.Bound() != want.Bound() {
			t.Errorf("%+v: got %+v", c, got.Confirmation)
		}
	}
}
