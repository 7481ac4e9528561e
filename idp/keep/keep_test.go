package keep

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"thiefbox/idp"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func open(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path, now)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func kept(t *testing.T, f *File, name string) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := f.At(name).Kept(func(c idp.Change) error { out[c.Kind+" "+c.Key] = string(c.Value); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// Servers keep apart, what is deleted is gone, and so is what expired while nobody looked.
func TestKeptAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	f := open(t, path)
	for name, changes := range map[string][]idp.Change{
		"https://a": {
			{Kind: "code", Key: "\x00one", Value: []byte(`1`), Expires: now.Add(time.Minute)}, {Kind: "code", Key: "two", Value: []byte(`2`)},
			{Kind: "code", Key: "late", Value: []byte(`3`), Expires: now.Add(-time.Second)}, {Kind: "code", Key: "two"}, {Kind: "client", Key: "x", Value: []byte(`4`)},
		},
		"https://b": {{Kind: "code", Key: "two", Value: []byte(`5`)}},
	} {
		if err := f.At(name).Keep(changes); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f = open(t, path)
	defer func() { _ = f.Close() }()
	if got, want := kept(t, f, "https://a"), map[string]string{"code \x00one": "1", "client x": "4"}; !maps.Equal(got, want) {
		t.Errorf("expected %q, got %q", want, got)
	}
	if got := kept(t, f, "https://b"); got["code two"] != "5" || len(got) != 1 {
		t.Errorf("expected the other server's own, got %q", got)
	}
	if got := kept(t, f, "https://c"); len(got) != 0 {
		t.Errorf("expected nothing of a server that kept nothing, got %q", got)
	}
}

// Whatever is not ours is left as it is, to the byte.
func TestFilesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.db")
	f := open(t, whole)
	var many []idp.Change
	for n := range 2000 {
		many = append(many, idp.Change{Kind: "seen", Key: strings.Repeat("k", n%50) + string(rune('0'+n%10)), Value: bytes.Repeat([]byte(`1`), 200)})
	}
	if err := f.At("https://a").Keep(many); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "other.db")
	db, err := bbolt.Open(foreign, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"empty": nil, "text": []byte(strings.Repeat("not a database\n", 1000)), "of another program": other,
		"cut short": good[:len(good)/2], "cut to a page": good[:4096],
		"overwritten": append(bytes.Clone(good[:8192]), bytes.Repeat([]byte{0xa5}, len(good)-8192)...),
	} {
		path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Open(path, now)
		if err == nil {
			_ = got.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "move it away") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: expected an error that says what to do, got %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, content) {
			t.Errorf("%s: expected the file to stay as it was, %v", name, err)
		}
	}
	f = open(t, whole)
	defer func() { _ = f.Close() }()
	if _, err := Open(whole, now); err == nil || !strings.Contains(err.Error(), "end the other server") {
		t.Errorf("expected a file that is in use to be refused, got %v", err)
	}
}
