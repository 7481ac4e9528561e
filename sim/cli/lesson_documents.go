package cli

import (
	"reflect"

	"thiefbox/sim/lesson"
	"thiefbox/sim/report"
)

// What the commands of lessons write as JSON, each with its schema.
const (
	schemaLessonList = "thiefbox.lesson-list/1"
	schemaLesson     = "thiefbox.lesson/1"
	schemaLessonRun  = "thiefbox.lesson-run/1"
)

var lessonDocuments = []report.DocumentKind{
	{Schema: schemaLessonList, About: "The lessons, how far somebody has come, and which to take next: `lesson list --json`.", Of: reflect.TypeFor[lessonListing]()},
	{Schema: schemaLesson, About: "All of a lesson, answers and the trainer's page with it: `lesson show LESSON --json`.", Of: reflect.TypeFor[lessonText]()},
	{Schema: schemaLessonRun, About: "What came of a lesson that was taken in one go: `lesson run LESSON --json`.", Of: reflect.TypeFor[lessonTaken]()},
}

type lessonListing struct {
	Schema  string      `json:"schema"`
	Lessons []lessonRow `json:"lessons"`
}

type lessonRow struct {
	Name     string          `json:"name"`
	Title    string          `json:"title"`
	Minutes  int             `json:"minutes"`
	After    []string        `json:"after,omitempty"` // lessons to take first
	Next     bool            `json:"next"`
	Progress lesson.Progress `json:"progress"`
}

type lessonText struct {
	Schema string `json:"schema"`
	lesson.Lesson
}

type lessonTaken struct {
	Schema   string          `json:"schema"`
	Name     string          `json:"name"`
	Progress lesson.Progress `json:"progress"`
}
