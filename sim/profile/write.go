package profile

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"thiefbox/sim/control"
)

// Write prints a profile in the form that Parse reads, whole and without a base: every field of the
// dialect that has a value, every control that is on with what it demands.
func Write(w io.Writer, p control.Profile) error {
	var b strings.Builder
	fmt.Fprintf(&b, "name: %s\ntitle: %s\n\ndialect:\n", strconv.Quote(p.Name), strconv.Quote(p.Title))
	names, index := fields()
	v := reflect.ValueOf(p.Dialect)
	for _, name := range names {
		f := v.Field(index[name])
		if f.IsZero() && f.Kind() != reflect.Bool {
			continue
		}
		text := fmt.Sprint(f.Interface())
		if d, ok := f.Interface().(time.Duration); ok {
			text = d.String()
		}
		fmt.Fprintf(&b, "  %s: %s\n", name, text)
	}
	b.WriteString("\ncontrols:\n  on:")
	if p.Controls.Len() == 0 {
		b.WriteString(" []")
	}
	owner := control.Party("")
	for _, c := range p.Controls.Controls() {
		if c.Owner != owner {
			b.WriteString("\n")
			owner = c.Owner
		}
		fmt.Fprintf(&b, "    - %s # %s\n", c.ID, c.Title)
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}
