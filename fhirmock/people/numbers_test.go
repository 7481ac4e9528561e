package people

import (
	"strconv"
	"strings"
	"testing"
	"testing/quick"
	"time"
)

// valid is an independent reading of the rules for national identity numbers: both check digits by
// weighted sums that must come to nothing modulo 11.
func valid(id string) bool {
	if len(id) != 11 || strings.Trim(id, "0123456789") != "" {
		return false
	}
	sum := func(weights string) (s int) {
		for i := range weights {
			s += int(weights[i]-'0') * int(id[i]-'0')
		}
		return s
	}
	return sum("3761894521")%11 == 0 && sum("54327654321")%11 == 0
}

// decode reads birth date and sex out of a synthetic number.
func decode(t *testing.T, id string) (birth time.Time, female bool) {
	t.Helper()
	number := func(from, to int) int {
		n, err := strconv.Atoi(id[from:to])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	day, month, year, individual := number(0, 2), number(2, 4)-80, number(4, 6), number(6, 9)
	century := 1900
	if individual >= 500 {
		century = 2000
	}
	return time.Date(century+year, time.Month(month), day, 0, 0, 0, 0, time.UTC), individual%2 == 0
}

func TestTheReaderOfTheTestIsRight(t *testing.T) {
	// Published synthetic numbers, and one spoilt digit each.
	for _, id := range []string{"05898597468", "16858399649", "15876498518", "12838510068", "12838510491", "05911060185"} {
		if !valid(id) {
			t.Errorf("%s is valid", id)
		}
		if spoilt := id[:10] + string('0'+(id[10]-'0'+1)%10); valid(spoilt) {
			t.Errorf("%s is not valid", spoilt)
		}
	}
}

func TestNationalIDs(t *testing.T) {
	for _, p := range Everybody().Patients() {
		if !valid(p.NationalID) {
			t.Errorf("%s: %s has wrong check digits", p.ID, p.NationalID)
		}
		if month := p.NationalID[2:4]; month < "81" || month > "92" {
			t.Errorf("%s: month %s is not a synthetic one", p.ID, month)
		}
		birth, female := decode(t, p.NationalID)
		if birth.Format(time.DateOnly) != p.BirthDate || female != (p.Gender == "female") {
			t.Errorf("%s: the number says %s, female %v; the record says %s, %s", p.ID, birth.Format(time.DateOnly), female, p.BirthDate, p.Gender)
		}
	}
}

func TestNationalIDForAnyBirth(t *testing.T) {
	property := func(days uint16, female bool, start uint16) bool {
		birth := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days)%50_000)
		id := nationalID(birth, female, int(start))
		gotBirth, gotFemale := decode(t, id)
		return valid(id) && gotBirth.Equal(birth) && gotFemale == female
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

func TestOrganisationNumbers(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range Everybody().Organizations() {
		sum := 0
		for i, w := range "327654321" {
			sum += int(w-'0') * int(o.Number[i]-'0')
		}
		if len(o.Number) != 9 || sum%11 != 0 || o.Number[0] != '3' || seen[o.Number] {
			t.Errorf("%s: %s is no organisation number for test data, or not its own", o.ID, o.Number)
		}
		seen[o.Number] = true
	}
}

func TestHPRNumbersAreLongerThanRealOnes(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Everybody().Practitioners() {
		if len(p.HPR) != 9 || seen[p.HPR] {
			t.Errorf("%s: %s", p.ID, p.HPR)
		}
		seen[p.HPR] = true
	}
}
