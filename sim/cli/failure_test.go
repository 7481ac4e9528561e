package cli

import (
	"bytes"
	"errors"
	"testing"
)

// Standard error is a terminal too: an error that quotes a stranger must not move its cursor.
func TestErrorsAreSafeToPrint(t *testing.T) {
	var errs bytes.Buffer
	a := newApp(Env{Stdout: &bytes.Buffer{}, Stderr: &errs})
	status := a.finish(t.Context(), errors.Join(errors.New("one\x1b[2J"), errors.New("two\u009b1m")))
	a.warn("%s", "three\r\n")
	want := "thiefbox: one·[2J; two·1m\nthiefbox: warning: three\n"
	if status != exitEnvironment || errs.String() != want {
		t.Errorf("expected %q, got %q (status %d)", want, errs.String(), status)
	}
}
