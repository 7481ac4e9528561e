package serve

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The certificate authority. It is made at the first start and kept, so that a developer trusts it once.
// Its name constraints let it vouch for this machine alone: whoever finds its key can impersonate
// nothing else to those who trust it (RFC 5280 s4.2.1.10). The server's own certificate is made anew at
// each start and never written down.

const (
	authorityFile    = "ca.pem"
	authorityKeyFile = "ca-key.pem"

	authorityLifetime = 10 * 365 * 24 * time.Hour
	leafLifetime      = 90 * 24 * time.Hour
)

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pool        *x509.CertPool
	file        string
}

// openAuthority reads the authority of a directory, or makes one there.
func openAuthority(dir string, names []string, now time.Time) (*authority, error) {
	a := &authority{pool: x509.NewCertPool(), file: filepath.Join(dir, authorityFile)}
	keyFile := filepath.Join(dir, authorityKeyFile)
	err := a.load(keyFile)
	if err == nil && now.After(a.certificate.NotAfter.Add(-leafLifetime)) {
		if err = errors.Join(os.Remove(a.file), os.Remove(keyFile)); err == nil {
			err = os.ErrNotExist
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		if err = a.make(keyFile, names, now); errors.Is(err, os.ErrExist) {
			err = a.load(keyFile) // made by a second process over the same directory
		}
	}
	if err != nil {
		return nil, fmt.Errorf("serve: certificate authority: %w", err)
	}
	a.pool.AddCert(a.certificate)
	return a, nil
}

func (a *authority) load(keyFile string) error {
	certificate, err := readPEM(a.file, "CERTIFICATE")
	if err != nil {
		return err
	}
	if a.certificate, err = x509.ParseCertificate(certificate); err != nil {
		return fmt.Errorf("%s: %w", a.file, err)
	}
	if err := a.loadKey(keyFile); err != nil {
		return err
	}
	if !a.key.PublicKey.Equal(a.certificate.PublicKey) {
		return fmt.Errorf("expected %s to be the key of %s; remove both to have new ones made", keyFile, a.file)
	}
	return nil
}

func (a *authority) loadKey(keyFile string) error {
	key, err := readPEM(keyFile, "PRIVATE KEY")
	if err != nil {
		return err
	}
	private, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("%s: %w", keyFile, err)
	}
	var ok bool
	if a.key, ok = private.(*ecdsa.PrivateKey); !ok {
		return fmt.Errorf("expected %s to hold an EC key; remove it to have a new one made", keyFile)
	}
	return nil
}

// makeKey makes the key, unless it is there: whoever comes first decides.
func (a *authority) makeKey(keyFile string) (err error) {
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	err = claimFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600)
	if errors.Is(err, os.ErrExist) {
		return a.loadKey(keyFile)
	}
	return err
}

func (a *authority) make(keyFile string, names []string, now time.Time) error {
	template, err := newTemplate("thiefbox test authority, made on this machine", now, authorityLifetime)
	if err != nil {
		return err
	}
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign
	template.PermittedDNSDomainsCritical = true
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.PermittedIPRanges = append(template.PermittedIPRanges, &net.IPNet{IP: shortest(ip), Mask: fullMask(ip)})
		} else {
			template.PermittedDNSDomains = append(template.PermittedDNSDomains, name)
		}
	}
	if err := a.makeKey(keyFile); err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		return err
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	return claimFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}

func shortest(ip net.IP) net.IP {
	if four := ip.To4(); four != nil {
		return four
	}
	return ip
}

func fullMask(ip net.IP) net.IPMask {
	bits := 8 * len(shortest(ip))
	return net.CIDRMask(bits, bits)
}

func newTemplate(name string, now time.Time, lifetime time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"thiefbox"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(lifetime),
	}, nil
}

// serverConfig makes the server's certificate. The suites for TLS 1.2 are those that BCP 195 (RFC 9325
// s4.2) recommends for an EC certificate (SP 5.2.2); TLS 1.3 has none to choose.
func (a *authority) serverConfig(names []string, now time.Time) (*tls.Config, error) {
	template, err := newTemplate("localhost", now, leafLifetime)
	if err != nil {
		return nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: a.pool, CurrentTime: now}); err != nil {
		return nil, fmt.Errorf("serve: the kept authority may not vouch for all of %q; remove %s to have a new one made: %w", names, a.file, err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}},
		MinVersion:   tls.VersionTLS12,
		CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384},
	}, nil
}
