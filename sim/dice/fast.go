package dice

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Fast is a stream of random numbers for models, where a second holds a hundred million draws: it is
// xoshiro256++ (Blackman and Vigna), whose output anybody can predict who has seen some. Secrets come
// from Dice. It is for one goroutine.
type Fast struct {
	s     [4]uint64
	spare float64
	has   bool
}

// Fast returns a stream that grows out of this one.
func (d *Dice) Fast() *Fast {
	var b [32]byte
	_, _ = d.Read(b[:])
	f := &Fast{}
	for i := range f.s {
		f.s[i] = binary.BigEndian.Uint64(b[8*i:])
	}
	f.s[0] |= 1 // all zeros would stay so
	return f
}

// Uint64 returns the next number.
func (f *Fast) Uint64() uint64 {
	s := &f.s
	out := bits.RotateLeft64(s[0]+s[3], 23) + s[0]
	t := s[1] << 17
	s[2] ^= s[0]
	s[3] ^= s[1]
	s[1] ^= s[2]
	s[0] ^= s[3]
	s[2] ^= t
	s[3] = bits.RotateLeft64(s[3], 45)
	return out
}

// Float returns a number in [0,1).
func (f *Fast) Float() float64 { return float64(f.Uint64()>>11) / (1 << 53) }

// Normal returns a number of the standard normal distribution, by the polar method (Marsaglia and Bray).
func (f *Fast) Normal() float64 {
	if f.has {
		f.has = false
		return f.spare
	}
	for {
		u, v := 2*f.Float()-1, 2*f.Float()-1
		q := u*u + v*v
		if q > 0 && q < 1 {
			m := math.Sqrt(-2 * math.Log(q) / q)
			f.spare, f.has = v*m, true
			return u * m
		}
	}
}
