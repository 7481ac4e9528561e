package ecosystem

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

var (
	january  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	november = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
)

// TestTablesAsTheyCome: what spreadsheets do to a table makes no difference.
func TestTablesAsTheyCome(t *testing.T) {
	plain := "supplier,first_green\nA,2026-01-05\nB,\nC,2026-02-10\nD,2026-03-01\nE,2026-12-30\nF,2026-01-01\n"
	want, err := ReadCases(strings.NewReader(plain), january, november)
	if err != nil || len(want) != 6 || !want[1].Open || !want[4].Open || want[5].Days != 0.5 || want[0].Days != 4 {
		t.Fatalf("got %+v, %v", want, err)
	}
	for name, text := range map[string]string{
		"semicolons":        strings.ReplaceAll(plain, ",", ";"),
		"tabs":              strings.ReplaceAll(plain, ",", "\t"),
		"byte order mark":   "\ufeff" + plain,
		"windows lines":     strings.ReplaceAll(plain, "\n", "\r\n"),
		"empty lines":       strings.ReplaceAll(plain, "\n", "\n\n"),
		"quotes":            strings.NewReplacer("A,", "\"A\",", "2026-02-10", "\"2026-02-10\"").Replace(plain),
		"spaces":            strings.NewReplacer(",", ", ", "\n", " \n").Replace(plain),
		"capitals":          strings.Replace(plain, "supplier,first_green", "Supplier,First_Green", 1),
		"dates with points": strings.NewReplacer("2026-01-05", "05.01.2026", "2026-02-10", "10.2.2026").Replace(plain),
		"times":             strings.NewReplacer("2026-01-05", "2026-01-05T23:10:00Z", "2026-02-10", "2026-02-10 08:00:00").Replace(plain),
		"no last newline":   strings.TrimSuffix(plain, "\n"),
	} {
		if got, err := ReadCases(strings.NewReader(text), january, november); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: expected the same clients, got %+v, %v", name, got, err)
		}
	}
}

// TestTablesThatCannotBeRead: every line that is wrong is told, and nothing is guessed.
func TestTablesThatCannotBeRead(t *testing.T) {
	for text, wants := range map[string][]string{
		"":                 {"expected a first line"},
		"name,date\nA,B\n": {"expected the columns supplier and first_green, got name, date"},
		"supplier,first_green\nA,never\nB,2026-02-31\nC\nD,2025-12-31\nE,\n": {"line 2: ", "line 3: ", "line 4: expected 2 columns, got 1", "line 5: "},
		"supplier,first_green\nA,2026-01-05\n":                               {"at least 5 clients"},
		"supplier,first_green\nA,\"2026\n":                                   {"quote"},
		"supplier,first_green\n" + strings.Repeat("A,x\n", 30):               {"line 11: ", "and there may be more"},
	} {
		_, err := ReadCases(strings.NewReader(text), january, november)
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: expected %q, got %v", text, want, err)
			}
		}
	}
}

func FuzzReadCases(f *testing.F) {
	f.Add("supplier;first_green\nA;05.01.2026\n\"B\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ReadCases(strings.NewReader(text), january, november)
		if (all == nil) == (err == nil) {
			t.Error("expected clients or an error")
		}
		for _, c := range all {
			if c.Days <= 0 || c.Days > 400 {
				t.Errorf("%+v", c)
			}
		}
	})
}
