package scenarios

import (
	"embed"
	"fmt"

	"thiefbox/sim/detect"
)

// Rules are what a defender could have his log system watch for: Sigma documents under rules/, written against
// the fields of thiefbox's own logs, to be copied and changed.

//go:embed rules/*.yml
var ruleFiles embed.FS

// Rules returns the pack.
func Rules() (detect.Pack, error) {
	entries, err := ruleFiles.ReadDir("rules")
	if err != nil {
		return detect.Pack{}, fmt.Errorf("the rules are not embedded: %w", err)
	}
	var files []detect.File
	for _, e := range entries {
		data, err := ruleFiles.ReadFile("rules/" + e.Name())
		if err != nil {
			return detect.Pack{}, err
		}
		files = append(files, detect.File{Name: "rules/" + e.Name(), Data: data})
	}
	return detect.Parse(files...)
}
