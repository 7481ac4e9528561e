package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/profile"
)

// isFile tells a file from the name of anything else, which a control's has a slash in: it begins like
// a path, or ends like a file.
func isFile(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "/") || strings.Contains(name, `\`) ||
		strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// profileFile reads a person's own profile.
func profileFile(name string) (control.Profile, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return control.Profile{}, usage("`thiefbox explain profile NAME` prints one to begin from.", "there is no file %s", name)
	}
	if err != nil {
		return control.Profile{}, environment("%w", err)
	}
	p, err := profile.Parse(name, data, nearest)
	if e := (*profile.Error)(nil); errors.As(err, &e) {
		return p, usage(e.Hint, "%w", err)
	}
	return p, err
}

// printProfile prints a profile as the file that would be it.
func printProfile(w io.Writer, name string) error {
	ps, err := findProfiles([]string{name})
	if err != nil {
		return err
	}
	if len(ps) != 1 {
		return usage("name one of "+strings.Join(profileNames(), ", ")+".", "expected one profile, got %q", name)
	}
	fmt.Fprintln(w, "# A profile of thiefbox: give it a name of its own, change it, and use it as --profile ./FILE.")
	return profile.Write(w, ps[0])
}

// oneProfile reads a flag that takes exactly one profile.
func oneProfile(flag, name string) (control.Profile, error) {
	ps, err := findProfiles([]string{name})
	if err != nil {
		return control.Profile{}, err
	}
	if len(ps) != 1 {
		return control.Profile{}, usage("There are "+strings.Join(profileNames(), ", ")+", and files such as ./ours.yaml.", "--%s: expected one profile, got %q", flag, name)
	}
	return ps[0], nil
}
