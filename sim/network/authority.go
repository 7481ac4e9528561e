package network

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"time"
)

// authority issues the certificates of one network. It lives in memory and ends with it.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pool        *x509.CertPool
	serial      int64
}

// Certificates are valid for as long as any clock of a world may show. The world's own clock is what
// they are checked against.
var (
	notBefore = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	notAfter  = time.Date(2099, time.December, 31, 23, 59, 59, 0, time.UTC)
)

func newAuthority() (*authority, error) {
	a := &authority{pool: x509.NewCertPool()}
	template := a.template("thiefbox simulation, not a real authority")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	a.key = key
	a.pool.AddCert(a.certificate)
	return a, nil
}

func (a *authority) template(name string) *x509.Certificate {
	a.serial++
	return &x509.Certificate{
		SerialNumber: big.NewInt(a.serial), Subject: pkix.Name{CommonName: name},
		NotBefore: notBefore, NotAfter: notAfter,
	}
}

// issue makes the certificate of a host. Calls must not overlap.
func (a *authority) issue(host string) (tls.Certificate, error) {
	template := a.template(host)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// suites are the ones BCP 195 (RFC 9325 s4.2) recommends for TLS 1.2 and an EC certificate, as FAPI 2.0 SP
// s5.2.2 demands. TLS 1.3 has none to choose.
var suites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}

func (a *authority) serverConfig(host string, now func() time.Time) (*tls.Config, error) {
	certificate, err := a.issue(host)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, CipherSuites: suites,
		NextProtos: []string{"http/1.1"}, Time: now,
	}, nil
}

func (a *authority) clientConfig(now func() time.Time) *tls.Config {
	return &tls.Config{RootCAs: a.pool, MinVersion: tls.VersionTLS12, CipherSuites: suites, Time: now}
}
