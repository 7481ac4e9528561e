package ecosystem

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// ReadCases reads a table with the columns supplier and first_green, a date or nothing for a client that is not green
// yet; other columns are left alone. Days count from since; open cases were last looked at on asOf. Tables come as
// spreadsheets write them: with commas, semicolons or tabs between, with or without a byte order mark, and dates as
// 2026-11-23, with a time behind it, or 23.11.2026. What cannot be read is told by line, all of it at once.
func ReadCases(r io.Reader, since, asOf time.Time) ([]Case, error) {
	if !asOf.After(since) {
		return nil, fmt.Errorf("expected a day to look at after %s, got %s", since.Format(time.DateOnly), asOf.Format(time.DateOnly))
	}
	in, head, err := openTable(r)
	if err != nil {
		return nil, err
	}
	supplier, green := slices.Index(head, "supplier"), slices.Index(head, "first_green")
	if supplier < 0 || green < 0 {
		return nil, fmt.Errorf("expected the columns supplier and first_green, got %s", strings.Join(head, ", "))
	}
	var out []Case
	var problems []error
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, csv.ErrFieldCount) {
			return nil, errors.Join(append(problems, err)...) // behind an open quote nothing can be told apart
		}
		line, _ := in.FieldPos(0)
		one, bad := Case{}, ""
		if err != nil {
			bad = fmt.Sprintf("expected %d columns, got %d", len(head), len(row))
		} else if one, err = readCase(row[supplier], strings.TrimSpace(row[green]), since, asOf); err != nil {
			bad = err.Error()
		}
		if bad == "" {
			out = append(out, one)
		} else if problems = append(problems, fmt.Errorf("line %d: %s", line, bad)); len(problems) == mostProblems {
			return nil, errors.Join(append(problems, errors.New("and there may be more"))...)
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if len(out) < 5 {
		return nil, fmt.Errorf("expected at least 5 clients to fit anything to, got %d", len(out))
	}
	return out, nil
}

// mostProblems of a table are told at once.
const mostProblems = 10

// openTable reads the first line, and finds out from it what stands between the columns.
func openTable(r io.Reader) (*csv.Reader, []string, error) {
	buffered := bufio.NewReader(r)
	first, _ := buffered.Peek(4096)
	line, _, _ := strings.Cut(string(first), "\n")
	in := csv.NewReader(buffered)
	in.TrimLeadingSpace = true
	for _, between := range []rune{';', '\t'} {
		if !strings.Contains(line, ",") && strings.ContainsRune(line, between) {
			in.Comma = between
		}
	}
	head, err := in.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("expected a first line with the columns supplier and first_green: %w", err)
	}
	for i, h := range head {
		head[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")))
	}
	return in, head, nil
}

// days are the ways in which tables write one.
var days = []string{time.DateOnly, "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.RFC3339, "02.01.2006", "2.1.2006"}

func readCase(supplier, green string, since, asOf time.Time) (Case, error) {
	one := Case{Supplier: supplier, Days: asOf.Sub(since).Hours() / 24, Open: true}
	if green == "" {
		return one, nil
	}
	at, err := time.Time{}, errors.New("no day")
	for _, form := range days {
		if at, err = time.Parse(form, green); err == nil {
			break
		}
	}
	if at = at.UTC().Truncate(24 * time.Hour); err != nil || at.Before(since) {
		return one, fmt.Errorf("expected a first_green as 2026-11-23 or 23.11.2026, on %s or later, or nothing while it is not green, got %q", since.Format(time.DateOnly), green)
	}
	if !at.After(asOf) { // what came later was not known then
		one.Days, one.Open = at.Sub(since).Hours()/24, false
	}
	one.Days = max(one.Days, 0.5) // the day itself: half of it, on average
	return one, nil
}
