package bench

import "time"

// Sample is one measurement. Times are microseconds. A call is a write or a
// read; what it allocates and the CPU time that it takes are those of the whole
// process, the benchmark's own part included.
type Sample struct {
	Writes        int64   `json:"writes"` // calls that made something durable
	Reads         int64   `json:"reads,omitempty"`
	Seconds       float64 `json:"seconds"`
	PerSecond     float64 `json:"perSecond"` // writes; reads come on top
	P50           float64 `json:"p50"`       // of a write
	P99           float64 `json:"p99"`
	ReadP50       float64 `json:"readP50,omitempty"`
	ReadP99       float64 `json:"readP99,omitempty"`
	CPUPerCall    float64 `json:"cpuPerCall,omitempty"` // 0: not known
	AllocsPerCall float64 `json:"allocsPerCall"`
	BytesPerCall  float64 `json:"bytesPerCall"` // allocated
}

// sample makes a sample of what callers noted.
func (e effort) sample(writes, reads *histogram) Sample {
	calls := float64(max(writes.total+reads.total, 1))
	return Sample{
		Writes:        writes.total,
		Reads:         reads.total,
		Seconds:       e.took.Seconds(),
		PerSecond:     float64(writes.total) / e.took.Seconds(),
		P50:           micros(writes.quantile(0.50)),
		P99:           micros(writes.quantile(0.99)),
		ReadP50:       micros(reads.quantile(0.50)),
		ReadP99:       micros(reads.quantile(0.99)),
		CPUPerCall:    micros(e.cpu) / calls,
		AllocsPerCall: float64(e.allocs) / calls,
		BytesPerCall:  float64(e.bytes) / calls,
	}
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// median returns the median of each figure of samples by itself.
func median[T any](of []T, sample func(T) Sample) Sample {
	middle := func(figure func(Sample) float64) float64 {
		figures := make([]float64, len(of))
		for i := range of {
			figures[i] = figure(sample(of[i]))
		}
		return spread(figures).Median
	}
	return Sample{
		Writes:        int64(middle(func(s Sample) float64 { return float64(s.Writes) })),
		Reads:         int64(middle(func(s Sample) float64 { return float64(s.Reads) })),
		Seconds:       middle(func(s Sample) float64 { return s.Seconds }),
		PerSecond:     middle(func(s Sample) float64 { return s.PerSecond }),
		P50:           middle(func(s Sample) float64 { return s.P50 }),
		P99:           middle(func(s Sample) float64 { return s.P99 }),
		ReadP50:       middle(func(s Sample) float64 { return s.ReadP50 }),
		ReadP99:       middle(func(s Sample) float64 { return s.ReadP99 }),
		CPUPerCall:    middle(func(s Sample) float64 { return s.CPUPerCall }),
		AllocsPerCall: middle(func(s Sample) float64 { return s.AllocsPerCall }),
		BytesPerCall:  middle(func(s Sample) float64 { return s.BytesPerCall }),
	}
}
