package cli

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestDataDir(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("absolute paths are written otherwise here; the cases for other systems are left to them")
		return
	}
	for _, tt := range []struct {
		name, said, goos string
		env              map[string]string
		want             string
	}{
		{"said", "/d", "linux", map[string]string{"XDG_DATA_HOME": "/x"}, "/d"},
		{"xdg", "", "linux", map[string]string{"XDG_DATA_HOME": "/x", "HOME": "/h"}, "/x/thiefbox"},
		{"xdg on a mac", "", "darwin", map[string]string{"XDG_DATA_HOME": "/x", "HOME": "/h"}, "/x/thiefbox"},
		{"a relative xdg is invalid", "", "linux", map[string]string{"XDG_DATA_HOME": "x", "HOME": "/h"}, "/h/.local/share/thiefbox"},
		{"home", "", "linux", map[string]string{"HOME": "/h"}, "/h/.local/share/thiefbox"},
		{"mac", "", "darwin", map[string]string{"HOME": "/h"}, "/h/Library/Application Support/thiefbox"},
		{"windows", "", "windows", map[string]string{"LOCALAPPDATA": "/l", "APPDATA": "/a"}, "/l/thiefbox"},
		{"windows without local", "", "windows", map[string]string{"APPDATA": "/a"}, "/a/thiefbox"},
	} {
		got, err := dataDir(tt.said, tt.goos, func(k string) string { return tt.env[k] })
		if err != nil || got != filepath.FromSlash(tt.want) {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

// Nowhere to write must not end in a file in the current directory.
func TestDataDirNowhere(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		dir, err := dataDir("", goos, func(string) string { return "" })
		if err == nil || dir != "" || !strings.Contains(err.Error(), "--data DIR") {
			t.Errorf("%s: %q, %v; want advice to use --data", goos, dir, err)
		}
	}
}
