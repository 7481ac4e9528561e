package people

import (
	"fmt"
	"strconv"
	"time"
)

// syntheticMonth is added to the month of birth in a synthetic national identity number. No real number
// has it, so nobody's can be hit by accident.
const syntheticMonth = 80

var (
	weightsK1  = []int{3, 7, 6, 1, 8, 9, 4, 5, 2}
	weightsK2  = []int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2}
	weightsOrg = []int{3, 2, 7, 6, 5, 4, 3, 2}
)

// checkDigit is the mod 11 digit after digits. There is none for one number in eleven.
func checkDigit(digits string, weights []int) (string, bool) {
	sum := 0
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	switch d := 11 - sum%11; d {
	case 11:
		return "0", true
	case 10:
		return "", false
	default:
		return strconv.Itoa(d), true
	}
}

// nationalID makes the national identity number of a person: day, month plus 80, year, three individual
// digits that tell century and sex, two check digits. It takes the first individual digits from start on
// for which check digits exist.
func nationalID(birth time.Time, female bool, start int) string {
	first, span := 0, 500 // 000-499: born 1900-1999
	if birth.Year() >= 2000 {
		first = 500 // 500-999: born 2000-2039
	}
	date := fmt.Sprintf("%02d%02d%02d", birth.Day(), int(birth.Month())+syntheticMonth, birth.Year()%100)
	for i := range span {
		n := (start + i) % span
		if even := n%2 == 0; even != female { // the third individual digit is even for women
			continue
		}
		id := date + fmt.Sprintf("%03d", first+n)
		if k1, ok := checkDigit(id, weightsK1); ok {
			if k2, ok := checkDigit(id+k1, weightsK2); ok {
				return id + k1 + k2
			}
		}
	}
	panic("people: no national identity number left on " + date) // 200 or so fit every date
}

// SyntheticID is a national identity number for somebody whose birth nobody has thought of: equal for equal numbers.
func SyntheticID(number uint32) string {
	birth := time.Date(1950+int(number%45), time.Month(1+number/45%12), 1+int(number/540%28), 0, 0, 0, 0, time.UTC)
	return nationalID(birth, number/15120%2 == 0, int(number/30240%500))
}

// organisationNumber makes the first organisation number whose eight leading digits are at least from,
// and returns where to go on.
func organisationNumber(from int) (number string, next int) {
	for {
		digits := strconv.Itoa(from)
		from++
		if d, ok := checkDigit(digits, weightsOrg); ok {
			return digits + d, from
		}
	}
}
