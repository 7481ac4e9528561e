package serve

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"thiefbox/sim/fapi"
)

// writeFile writes all or nothing, so that a start that is killed leaves no half of a key behind.
func writeFile(name string, content []byte, mode os.FileMode) error {
	return putFile(name, content, mode, os.Rename)
}

// claimFile is writeFile for a file that is not there yet. If somebody else has just made it (a second
// process over the same directory) the error is os.ErrExist, and his counts.
func claimFile(name string, content []byte, mode os.FileMode) error {
	return putFile(name, content, mode, func(from, to string) error {
		err := os.Link(from, to)
		return errors.Join(err, os.Remove(from))
	})
}

func putFile(name string, content []byte, mode os.FileMode, put func(from, to string) error) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = put(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func readPEM(name, kind string) ([]byte, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("expected %s to hold a PEM block %q; remove it to have a new one made", name, kind)
	}
	return block.Bytes, nil
}

// keyFile reads the private JWK of a file, or makes the key and writes it, as JWK and as PEM beside it.
func keyFile(name string, make func() (*fapi.Key, error)) (*fapi.Key, error) {
	key, err := readKey(name)
	if errors.Is(err, os.ErrNotExist) {
		if key, err = make(); err != nil {
			return nil, err
		}
		err = claimFile(name, append(key.PrivateJWK(), '\n'), 0o600)
	}
	if errors.Is(err, os.ErrExist) {
		key, err = readKey(name)
	}
	if err != nil {
		return nil, err
	}
	return key, writePEM(pemBeside(name), key)
}

func readKey(name string) (*fapi.Key, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	key, err := fapi.ParseKey(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

// writePEM writes the same key for those who read PEM, unless it is there.
func writePEM(name string, key *fapi.Key) error {
	if there, err := os.ReadFile(name); err == nil && bytes.Equal(there, key.PrivatePEM()) {
		return nil
	}
	return writeFile(name, key.PrivatePEM(), 0o600)
}

func pemBeside(jwk string) string { return jwk[:len(jwk)-len(filepath.Ext(jwk))] + ".pem" }

// secretFile reads a secret, or draws one and writes it.
func secretFile(name string, draw func() string) (string, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		secret := draw()
		if err := claimFile(name, []byte(secret), 0o600); !errors.Is(err, os.ErrExist) {
			return secret, err
		}
		f, err = os.Open(name)
	}
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err = errors.Join(err, f.Close()); err == nil && len(content) < 16 {
		err = fmt.Errorf("expected %s to hold a secret of 16 characters or more; remove it to have a new one made", name)
	}
	return string(content), err
}
