package scenarios

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Drills are exercises, a file each, under drills/: YAML that a trainer can copy, change and check.

//go:embed drills/*.yaml
var drillFiles embed.FS

// Drill returns the file of a drill by its name: "d5", or the short one, "ten-minutes".
func Drill(name string) ([]byte, error) {
	for _, full := range DrillNames() {
		if id, _, _ := strings.Cut(full, "-"); full == name || strings.EqualFold(id, name) {
			return drillFiles.ReadFile("drills/" + full + ".yaml")
		}
	}
	return nil, fmt.Errorf("no drill is called %q", name)
}

// DrillNames are the names of the drills: the short one first, then by number.
func DrillNames() (names []string) {
	entries, err := fs.ReadDir(drillFiles, "drills")
	if err != nil {
		panic("scenarios: the drills are not embedded: " + err.Error())
	}
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.SortStableFunc(names, func(a, b string) int {
		if short := "ten-minutes"; (a == short) != (b == short) {
			if a == short {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return names
}
