package cli

import (
	"errors"
	"path/filepath"
)

// dataDir is where the history lives: what the user said, else $XDG_DATA_HOME/thiefbox, else the
// place his system keeps such things (XDG Base Directory Specification; Apple and Microsoft name
// their own).
func dataDir(said, goos string, getenv func(string) string) (string, error) {
	if said != "" {
		return said, nil
	}
	// A relative path in the variable is invalid, and to be ignored, says the specification.
	if dir := getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "thiefbox"), nil
	}
	if goos == "windows" {
		for _, name := range []string{"LOCALAPPDATA", "APPDATA"} {
			if dir := getenv(name); dir != "" {
				return filepath.Join(dir, "thiefbox"), nil
			}
		}
		return "", errors.New("expected LOCALAPPDATA to name a directory for the history, got nothing; name one with --data DIR")
	}
	home := getenv("HOME")
	if home == "" {
		return "", errors.New("expected HOME or XDG_DATA_HOME to name a directory for the history, got nothing; name one with --data DIR")
	}
	if goos == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "thiefbox"), nil
	}
	return filepath.Join(home, ".local", "share", "thiefbox"), nil
}
