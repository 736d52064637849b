package bench

import (
	"math/bits"
	"time"
)

// histogram counts durations. Its buckets are at most 1/128 of their value
// wide; noting a duration allocates nothing, so that what a measurement
// allocates is what it measures.
type histogram struct {
	counts [buckets]uint32
	total  int64
}

const (
	subBits = 7  // of a value, behind its highest bit, choose a bucket
	maxBits = 40 // of a value: 18 minutes; what is longer counts as that
	buckets = (maxBits - subBits + 1) << subBits
)

func (h *histogram) add(d time.Duration) {
	h.counts[bucketOf(d)]++
	h.total++
}

func (h *histogram) merge(other *histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
}

// quantile returns the duration that the fraction q of all does not exceed, 0
// where there is none.
func (h *histogram) quantile(q float64) time.Duration {
	rank := int64(q*float64(h.total) + 0.5)
	var seen int64
	for i, n := range h.counts {
		if seen += int64(n); n > 0 && seen >= rank {
			return bucketEnd(i)
		}
	}
	return 0
}

func bucketOf(d time.Duration) int {
	v := min(uint64(max(d, 0)), 1<<maxBits-1)
	shift := max(bits.Len64(v)-subBits-1, 0)
	return shift<<subBits + int(v>>shift)
}

// bucketEnd returns the longest duration of a bucket.
func bucketEnd(i int) time.Duration {
	if i < 2<<subBits {
		return time.Duration(i)
	}
	shift := i>>subBits - 1
	return time.Duration((i-shift<<subBits+1)<<shift - 1)
}
