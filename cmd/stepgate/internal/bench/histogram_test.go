package bench

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestHistogramQuantiles: never below the exact quantile, and at most 1/128
// above it.
func TestHistogramQuantiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var parts [2]histogram
	exact := make([]time.Duration, 10_000)
	for i := range exact {
		exact[i] = time.Duration(r.Uint64N(1 << r.Uint64N(39)))
		parts[i%2].add(exact[i])
	}
	parts[0].merge(&parts[1])
	slices.Sort(exact)
	for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 1} {
		want := exact[int(q*float64(len(exact))+0.5)-1]
		got := parts[0].quantile(q)
		require.GreaterOrEqual(t, got, want, q)
		require.LessOrEqual(t, float64(got-want), float64(want)/128, q)
	}
}

// TestHistogramEdges: nothing, and what does not fit.
func TestHistogramEdges(t *testing.T) {
	var h histogram
	require.Zero(t, h.quantile(0.5))
	h.add(-time.Second)
	require.Zero(t, h.quantile(1))
	h.add(24 * time.Hour)
	require.Equal(t, time.Duration(1<<maxBits-1), h.quantile(1))
}
