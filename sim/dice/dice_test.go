package dice

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func bytesOf(d *Dice, n int) []byte {
	b := make([]byte, n)
	if got, err := d.Read(b); got != n || err != nil {
		panic(fmt.Sprintf("expected %d bytes, got %d, %v", n, got, err))
	}
	return b
}

// The stream is part of every recorded run: if it changes, every transcript does.
func TestKnownStream(t *testing.T) {
	for seed, want := range map[uint64]string{
		0: "ca3396e0c4348fba17e7e8a37d52a4db27c2754fbd00a7f7454d6a16d8ed32b890ab1e2f59141a19",
		1: "3ec8e7f6418bd9a768ff50d3975b107e149741998ed03ba5b4d611fd64a5cf9fcfba152f823e76b5",
	} {
		if got := hex.EncodeToString(bytesOf(New(seed), 40)); got != want {
			t.Errorf("seed %d: expected %s, got %s", seed, want, got)
		}
	}
	if got, want := hex.EncodeToString(bytesOf(New(1).Fork("as"), 8)), "3b2c04a46167116d"; got != want {
		t.Errorf("a fork of seed 1: expected %s, got %s", want, got)
	}
}

// TestStreams draws a stream in one go and in pieces, and expects the same bytes.
func TestStreams(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, name := rapid.Uint64().Draw(t, "seed"), rapid.String().Draw(t, "name")
		pieces := rapid.SliceOfN(rapid.IntRange(0, 70), 1, 10).Draw(t, "pieces")
		pieced, whole := New(seed).Fork(name), New(seed).Fork(name)
		var got []byte
		for _, n := range pieces {
			got = append(got, bytesOf(pieced, n)...)
		}
		if want := bytesOf(whole, len(got)); !bytes.Equal(got, want) {
			t.Fatalf("expected %x, got %x", want, got)
		}
	})
}

func TestStreamsDiffer(t *testing.T) {
	seen := map[string]string{}
	for name, d := range map[string]*Dice{
		"seed 1":                 New(1),
		"seed 2":                 New(2),
		"a":                      New(1).Fork("a"),
		"b":                      New(1).Fork("b"),
		"no name":                New(1).Fork(""),
		"a of a":                 New(1).Fork("a").Fork("a"),
		"one name, not two":      New(1).Fork("aa"),
		"a of another seed":      New(2).Fork("a"),
		"the operating system's": Secure(),
		"and again":              Secure(),
	} {
		b := string(bytesOf(d, 32))
		if other, taken := seen[b]; taken {
			t.Errorf("expected %q and %q to differ", name, other)
		}
		seen[b] = name
	}
}

// Drawing from one stream disturbs no other: neither its forks, made before or after, nor its parent.
func TestForksAreIndependent(t *testing.T) {
	quiet, busy := New(1), New(1)
	early := busy.Fork("early")
	bytesOf(busy, 1000)
	bytesOf(busy.Fork("other"), 1000)
	if !bytes.Equal(bytesOf(early, 64), bytesOf(quiet.Fork("early"), 64)) {
		t.Error("expected a fork not to notice what its parent draws afterwards")
	}
	if !bytes.Equal(bytesOf(busy.Fork("late"), 64), bytesOf(quiet.Fork("late"), 64)) {
		t.Error("expected a fork not to notice what its parent drew before")
	}
	bytesOf(quiet, 1000)
	if !bytes.Equal(bytesOf(busy, 64), bytesOf(quiet, 64)) {
		t.Error("expected a parent not to notice its forks")
	}
}

func TestTokenAndID(t *testing.T) {
	d := New(1)
	token, id := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`), regexp.MustCompile(`^[0-9a-f]{32}$`)
	seen := map[string]bool{}
	for range 1000 {
		a, b := d.Token(), d.ID()
		if !token.MatchString(a) || !id.MatchString(b) {
			t.Fatalf("expected 43 characters of base64url and 32 of hexadecimal, got %q and %q", a, b)
		}
		if raw, err := base64.RawURLEncoding.Strict().DecodeString(a); err != nil || len(raw) != 32 {
			t.Fatalf("expected 32 bytes, got %d, %v", len(raw), err)
		}
		if seen[a] || seen[b] {
			t.Fatalf("expected each only once, got %q or %q again", a, b)
		}
		seen[a], seen[b] = true, true
	}
	if d.TokenOf("a") != d.Fork("a").Token() {
		t.Error("expected the first token of the stream of that name")
	}
	one, two := New(5), New(5)
	if one.Token() != two.Token() || one.ID() != two.ID() {
		t.Error("expected equal seeds to give equal tokens and ids")
	}
}

// With a fixed seed this is no gamble: either the generator is even, or it never was. The bound is
// four standard deviations.
func TestIntNIsEven(t *testing.T) {
	const draws = 60000
	for _, n := range []int{1, 2, 3, 6, 7, 10, 40, 100} {
		d, count := New(uint64(n)), make([]int, n)
		for range draws {
			count[d.IntN(n)]++
		}
		mean := float64(draws) / float64(n)
		for v, c := range count {
			if math.Abs(float64(c)-mean) > 4*math.Sqrt(mean) {
				t.Errorf("IntN(%d): expected %d about %.0f times, got it %d times", n, v, mean, c)
			}
		}
	}
}

func TestIntNInRange(t *testing.T) {
	d := New(1)
	for _, n := range []int{1, 2, math.MaxInt - 1, math.MaxInt, 1 << 62} {
		for range 200 {
			if v := d.IntN(n); v < 0 || v >= n {
				t.Fatalf("expected a number in [0,%d), got %d", n, v)
			}
		}
	}
}

func TestIntNRefuses(t *testing.T) {
	for _, n := range []int{0, -1, math.MinInt} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("IntN(%d): expected a panic", n)
				}
			}()
			New(1).IntN(n)
		}()
	}
}

// Bytes, too, are even: every bit is set about half of the time.
func TestBitsAreEven(t *testing.T) {
	const size = 1 << 16
	var set [8]int
	for _, b := range bytesOf(New(1), size) {
		for i := range set {
			set[i] += int(b>>i) & 1
		}
	}
	for i, n := range set {
		if math.Abs(float64(n)-size/2) > 4*math.Sqrt(size)/2 {
			t.Errorf("bit %d: expected it set about %d times, got %d", i, size/2, n)
		}
	}
}

// One stream shared by many loses nothing: together they draw what one would.
func TestConcurrentReaders(t *testing.T) {
	const readers, each = 8, 100
	d, drawn := New(1), make([][]string, readers)
	var all sync.WaitGroup
	for i := range readers {
		all.Go(func() {
			for range each {
				drawn[i] = append(drawn[i], d.Token())
			}
		})
	}
	all.Wait()
	want := map[string]bool{}
	for one := New(1); len(want) < readers*each; {
		want[one.Token()] = true
	}
	for _, tokens := range drawn {
		for _, token := range tokens {
			if !want[token] {
				t.Fatalf("expected a token of the stream, once, got %q", token)
			}
			delete(want, token)
		}
	}
}

func BenchmarkToken(b *testing.B) {
	d := New(1)
	b.ReportAllocs()
	for b.Loop() {
		d.Token()
	}
}
