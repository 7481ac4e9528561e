package serve

import (
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
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
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
	content, err := os.ReadFile(name)
	if err == nil {
		key, err := fapi.ParseKey(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return key, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	key, err := make()
	if err != nil {
		return nil, err
	}
	if err := writeFile(pemBeside(name), key.PrivatePEM(), 0o600); err != nil {
		return nil, err
	}
	return key, writeFile(name, append(key.PrivateJWK(), '\n'), 0o600)
}

func pemBeside(jwk string) string { return jwk[:len(jwk)-len(filepath.Ext(jwk))] + ".pem" }

// secretFile reads a secret, or draws one and writes it.
func secretFile(name string, draw func() string) (string, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		secret := draw()
		return secret, writeFile(name, []byte(secret), 0o600)
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
