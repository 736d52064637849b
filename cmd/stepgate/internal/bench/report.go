package bench

import (
	"slices"
	"time"
)

// Report is what a run measured. Its JSON form is what cmd/peerbench draws.
type Report struct {
	Date    time.Time `json:"date"`
	Command string    `json:"command"`
	Machine Machine   `json:"machine"`
	Store   string    `json:"store"`
	Journal Journal   `json:"journal"`
	Runs    []Series  `json:"runs"`
	Goals   []Goal    `json:"goals"`
}

// Journal says what the limit writes.
type Journal struct {
	BytesPerWrite float64 `json:"bytesPerWrite"` // mean
	Bytes         string  `json:"bytes"`         // where they come from
}

// Series is the measurements with one number of callers.
type Series struct {
	Callers    int     `json:"callers"`
	Limit      Sample  `json:"limit"`      // the median of the rounds, each figure by itself
	Engine     Sample  `json:"engine"`     // likewise
	Throughput Ratio   `json:"throughput"` // of the engine to the limit, round by round
	P99        Ratio   `json:"p99"`        // likewise
	Rounds     []Round `json:"rounds"`
}

// Round is what was measured right after each other.
type Round struct {
	Limit  Sample `json:"limit"`
	Engine Sample `json:"engine"`
}

// Sample is one measurement. Times are microseconds.
type Sample struct {
	Writes     int64   `json:"writes"` // calls that made something durable
	Reads      int64   `json:"reads,omitempty"`
	Seconds    float64 `json:"seconds"`
	PerSecond  float64 `json:"perSecond"` // writes; reads come on top
	P50        float64 `json:"p50"`       // of a write
	P99        float64 `json:"p99"`
	ReadP50    float64 `json:"readP50,omitempty"`
	ReadP99    float64 `json:"readP99,omitempty"`
	AllocsCall float64 `json:"allocsPerCall"` // of a write or a read, the benchmark's own included
	BytesCall  float64 `json:"bytesPerCall"`
}

// Ratio is a ratio in each round.
type Ratio struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// sample makes a sample of what callers counted.
func (e effort) sample(writes, reads *histogram) Sample {
	s := Sample{
		Writes:    writes.total,
		Reads:     reads.total,
		Seconds:   e.took.Seconds(),
		PerSecond: float64(writes.total) / e.took.Seconds(),
		P50:       micros(writes.quantile(0.50)),
		P99:       micros(writes.quantile(0.99)),
		ReadP50:   micros(reads.quantile(0.50)),
		ReadP99:   micros(reads.quantile(0.99)),
	}
	if calls := float64(s.Writes + s.Reads); calls > 0 {
		s.AllocsCall, s.BytesCall = float64(e.allocs)/calls, float64(e.bytes)/calls
	}
	return s
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// median returns the median of each figure by itself.
func median(samples []Sample) Sample {
	of := func(figure func(*Sample) float64) float64 {
		figures := make([]float64, len(samples))
		for i := range samples {
			figures[i] = figure(&samples[i])
		}
		return middle(figures)
	}
	return Sample{
		Writes:     int64(of(func(s *Sample) float64 { return float64(s.Writes) })),
		Reads:      int64(of(func(s *Sample) float64 { return float64(s.Reads) })),
		Seconds:    of(func(s *Sample) float64 { return s.Seconds }),
		PerSecond:  of(func(s *Sample) float64 { return s.PerSecond }),
		P50:        of(func(s *Sample) float64 { return s.P50 }),
		P99:        of(func(s *Sample) float64 { return s.P99 }),
		ReadP50:    of(func(s *Sample) float64 { return s.ReadP50 }),
		ReadP99:    of(func(s *Sample) float64 { return s.ReadP99 }),
		AllocsCall: of(func(s *Sample) float64 { return s.AllocsCall }),
		BytesCall:  of(func(s *Sample) float64 { return s.BytesCall }),
	}
}

// ratioOf returns what became of a ratio over the rounds.
func ratioOf(ratios []float64) Ratio {
	return Ratio{Median: middle(ratios), Min: slices.Min(ratios), Max: slices.Max(ratios)}
}

// middle returns the median, and the mean of the middle two where there are two.
func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
