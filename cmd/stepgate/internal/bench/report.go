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
	Journal *Journal  `json:"journal,omitempty"`
	Series  []Series  `json:"series,omitempty"`
	Preload *Preload  `json:"preload,omitempty"`
	HTTP    *HTTP     `json:"http,omitempty"`
	Goals   []Goal    `json:"goals"`
}

// Journal says what the limit writes.
type Journal struct {
	BytesPerWrite float64 `json:"bytesPerWrite"` // mean
	Bytes         string  `json:"bytes"`         // where they come from
}

// Series is the measurements with one number of callers. Each of its figures is
// the median of the rounds by itself, and its ratios are of the same round.
type Series struct {
	Callers    int     `json:"callers"`
	Limit      Sample  `json:"limit"`
	Engine     Sample  `json:"engine"`
	Throughput Ratio   `json:"throughput"`       // of the engine to the limit
	P99        Ratio   `json:"p99"`              // of the engine to the limit
	Opened     *Full   `json:"opened,omitempty"` // on the full store, right after it was opened
	Full       *Full   `json:"full,omitempty"`   // on the full store, after that
	Disk       *Disk   `json:"disk,omitempty"`
	Rounds     []Round `json:"rounds"`
}

// Round is what was measured right after each other.
type Round struct {
	Limit  Sample  `json:"limit"`
	Engine Sample  `json:"engine"`
	Opened *Sample `json:"opened,omitempty"` // the engine on a store that holds much already, right after it was opened
	Full   *Sample `json:"full,omitempty"`   // likewise, after that
}

// Full is the engine on a store that holds much already.
type Full struct {
	Sample
	OfEmpty Ratio `json:"ofEmpty"` // throughput, of the full store to the empty one
}

// Disk is what a finished activation takes on the disk, its history and its
// keys included.
type Disk struct {
	Activations   int64   `json:"activations"`
	PerActivation float64 `json:"perActivation"` // bytes
	How           string  `json:"how"`
}

// Preload is a store that held activations before anything was measured on it.
// Memory is MiB of the process, 0 where it is not known.
type Preload struct {
	Activations    int     `json:"activations"`
	FillSeconds    float64 `json:"fillSeconds"`
	OpenSeconds    Ratio   `json:"openSeconds"`    // over the openings, one a measurement
	ResidentOpened float64 `json:"residentOpened"` // the most right after opening
	ResidentPeak   float64 `json:"residentPeak"`   // the most from opening to the end of a measurement
	Disk           *Disk   `json:"disk,omitempty"`
}

// Ratio is the spread of a figure over the rounds.
type Ratio struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// sum sums the rounds up.
func (s *Series) sum() {
	s.Limit = median(s.Rounds, func(r Round) Sample { return r.Limit })
	s.Engine = median(s.Rounds, func(r Round) Sample { return r.Engine })
	s.Throughput = s.spread(func(r Round) float64 { return r.Engine.PerSecond / r.Limit.PerSecond })
	s.P99 = s.spread(func(r Round) float64 { return r.Engine.P99 / r.Limit.P99 })
	if s.Rounds[0].Full != nil {
		s.Opened = s.sumFull(func(r Round) Sample { return *r.Opened })
		s.Full = s.sumFull(func(r Round) Sample { return *r.Full })
	}
}

func (s *Series) sumFull(sample func(Round) Sample) *Full {
	return &Full{
		Sample:  median(s.Rounds, sample),
		OfEmpty: s.spread(func(r Round) float64 { return sample(r).PerSecond / r.Engine.PerSecond }),
	}
}

// spread returns the spread of a figure over the rounds.
func (s *Series) spread(figure func(Round) float64) Ratio {
	figures := make([]float64, len(s.Rounds))
	for i, r := range s.Rounds {
		figures[i] = figure(r)
	}
	return spread(figures)
}

// spread returns the median of values, and their range.
func spread(values []float64) Ratio {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return Ratio{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Min: sorted[0], Max: sorted[n-1]}
}
