package scenarios

import (
	"embed"
	"io/fs"
	"strings"

	"thiefbox/sim/lesson"
)

// Lessons are guided exercises, a file each, under lessons/: YAML that a trainer can copy and change. They are
// taken in the order of their names.

//go:embed lessons/*.yaml
var lessonFiles embed.FS

// Lessons reads every lesson, in order.
func Lessons() (all []lesson.Lesson, err error) {
	entries, err := fs.ReadDir(lessonFiles, "lessons")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		data, err := lessonFiles.ReadFile("lessons/" + e.Name())
		if err != nil {
			return nil, err
		}
		l, err := lesson.Parse(strings.TrimSuffix(e.Name(), ".yaml"), data)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}
