package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/store"
)

// Benchmark measures a store's Commit with batches of 1, 16 and 64 changes: one
// caller creates activations and completes their three steps, each of which
// leaves evidence. It reports changes a second.
func Benchmark(b *testing.B, h Harness) {
	for _, size := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) { benchmarkCommit(b, h, size) })
	}
}

func benchmarkCommit(b *testing.B, h Harness, size int) {
	st := h.Open(b)
	b.Cleanup(func() { require.NoError(b, st.Close()) })
	ctx := b.Context()
	var seed uint64
	var batches [][]store.Change
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if len(batches) == 0 {
			b.StopTimer() // making the data is not what is measured
			batches = prepare(&seed, size)
			b.StartTimer()
		}
		for _, err := range st.Commit(ctx, batches[0]) {
			if err != nil {
				b.Fatal(err)
			}
		}
		batches = batches[1:]
	}
	b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "changes/s")
}

// prepare returns batches in which walks from seed on are created and
// completed, about 8192 changes.
func prepare(seed *uint64, size int) [][]store.Change {
	const stages = 4 // creation and three completions
	var batches [][]store.Change
	for range 8192 / (stages * size) {
		walks := make([]*Walk, size)
		for i := range walks {
			walks[i] = NewWalk(*seed)
			walks[i].Proves = true
			*seed++
		}
		for range stages {
			batch := make([]store.Change, size)
			for i, w := range walks {
				batch[i] = w.Next()
			}
			batches = append(batches, batch)
		}
	}
	return batches
}
