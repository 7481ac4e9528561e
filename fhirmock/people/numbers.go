package people

import (
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
func checkDigit(digits []byte, weights []int) (byte, bool) {
	sum := 0
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	switch d := 11 - sum%11; d {
	case 11:
		return '0', true
	case 10:
		return 0, false
	default:
		return byte('0' + d), true
	}
}

// nationalID makes the national identity number of a person: day, month plus 80, year, three individual
// digits that tell century and sex, two check digits. It takes the first individual digits from start on
// for which check digits exist. A town makes many, so it is done without strings.
func nationalID(birth time.Time, female bool, start int) string {
	first, span := 0, 500 // 000-499: born 1900-1999
	year, month, day := birth.Date()
	if year >= 2000 {
		first = 500 // 500-999: born 2000-2039
	}
	var id [11]byte
	two := func(at, n int) { id[at], id[at+1] = byte('0'+n/10), byte('0'+n%10) }
	two(0, day)
	two(2, int(month)+syntheticMonth)
	two(4, year%100)
	for i := range span {
		n := (start + i) % span
		if even := n%2 == 0; even != female { // the third individual digit is even for women
			continue
		}
		id[6] = byte('0' + (first+n)/100)
		two(7, (first+n)%100)
		var ok bool
		if id[9], ok = checkDigit(id[:9], weightsK1); !ok {
			continue
		}
		if id[10], ok = checkDigit(id[:10], weightsK2); ok {
			return string(id[:])
		}
	}
	panic("people: no national identity number left on " + string(id[:6])) // 200 or so fit every date
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
		digits := []byte(strconv.Itoa(from))
		from++
		if d, ok := checkDigit(digits, weightsOrg); ok {
			return string(append(digits, d)), from
		}
	}
}
