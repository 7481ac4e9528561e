package sim

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/report"
)

// BenchmarkMatrix is the whole matrix, and what its cryptography alone takes, in the same process. What is measured is
// said in these words:
//
//   - made: the signatures that stand in the runs' messages, and the rulings on signatures in their logs. Each of them
//     is a signature, or a verification, that an honest party or the thief made in his world.
//   - done: those for which crypto/ecdsa or crypto/rsa was called. The others had been done, with the same key over the
//     same bytes, in another world of the same seed, and a fapi.Memo answered.
//
// "workers" are with the memo, as `thiefbox matrix` is; "alone" plays the runs without one. "ratio" takes turns: a
// matrix with its memo by the cryptography done, and one without by the cryptography made. Keys are made once, and not
// counted; nor are the certificates that are verified under mutual TLS.
//
// With 250 techniques under nine profiles, 1,749 runs make 27,900 signatures and 27,600 verifications on P-256, and 810 and
// 760 with RSA; done are 3,500 and 2,400, and 82 and 55. So the cryptography is a fifth of the matrix, and not the cost.
func BenchmarkMatrix(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as main does
	play := func(b *testing.B, o MatrixOptions) {
		if _, err := Matrix(context.Background(), attacker.All(), control.Profiles(), o); err != nil {
			b.Fatal(err)
		}
	}
	with := func() { play(b, MatrixOptions{Seed: seed, Workers: 1}) }
	without := func() { play(b, MatrixOptions{Seed: seed, Workers: 1, stock: newStock(seed)}) }
	made, done, runs, most := survey(b, play)
	for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				play(b, MatrixOptions{Seed: seed, Workers: workers})
			}
			perSecond := float64(runs*b.N) / b.Elapsed().Seconds()
			b.ReportMetric(perSecond, "runs/s")
			b.ReportMetric(perSecond/float64(min(workers, runtime.GOMAXPROCS(0))), "runs/s/core")
			b.ReportMetric(float64(most)/(1<<20), "MB-heap")
		})
	}
	b.Run("alone", func(b *testing.B) {
		for b.Loop() {
			without()
		}
		b.ReportMetric(float64(runs*b.N)/b.Elapsed().Seconds(), "runs/s")
	})
	b.Run("cryptography/made", func(b *testing.B) { made.bench(b) })
	b.Run("cryptography/done", func(b *testing.B) { done.bench(b) })
	b.Run("ratio/done", func(b *testing.B) { b.ReportMetric(ratio(b, with, done.alone(b)), "x-cryptography") })
	b.Run("ratio/made", func(b *testing.B) { b.ReportMetric(ratio(b, without, made.alone(b)), "x-cryptography") })
}

// survey plays a matrix once, and returns what its runs made of cryptography, how much of that was done, how many runs
// there are, and how much memory was in use at most, garbage included.
func survey(b *testing.B, play func(*testing.B, MatrixOptions)) (made, done cryptography, runs int, most uint64) {
	b.Helper()
	shared := newSharedStock(seed)
	play(b, MatrixOptions{Seed: seed, stock: shared, Each: func(r report.Run) func() {
		one := count(r.Recording.Events, profile(b, r.Profile).Dialect)
		return func() {
			made.add(one)
			if runs++; runs%50 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	}})
	return made, doneOf(shared.memo.Tallies()), runs, most
}

func doneOf(t fapi.Tallies) cryptography {
	return cryptography{
		signed: t.Signatures.Done, verified: t.Verifications.Done,
		signedRSA: t.SignaturesRSA.Done, verifiedRSA: t.VerificationsRSA.Done,
	}
}

// bench does this cryptography and nothing else, and says how much it is.
func (c cryptography) bench(b *testing.B) {
	alone := c.alone(b)
	for b.Loop() {
		alone()
	}
	b.ReportMetric(float64(c.signed), "signatures/op")
	b.ReportMetric(float64(c.verified), "verifications/op")
	b.ReportMetric(float64(c.signedRSA), "RSA-signatures/op")
	b.ReportMetric(float64(c.verifiedRSA), "RSA-verifications/op")
}
