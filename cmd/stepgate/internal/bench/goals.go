package bench

import "fmt"

// Goal is a figure that was promised, and what became of it.
type Goal struct {
	Name   string  `json:"name"`
	AtMost bool    `json:"atMost"` // or else at least
	Wanted float64 `json:"wanted"`
	Got    float64 `json:"got"`
	Met    bool    `json:"met"`
}

func atLeast(wanted, got float64, name string, args ...any) Goal {
	return Goal{Name: fmt.Sprintf(name, args...), Wanted: wanted, Got: got, Met: got >= wanted}
}

func atMost(wanted, got float64, name string, args ...any) Goal {
	return Goal{Name: fmt.Sprintf(name, args...), AtMost: true, Wanted: wanted, Got: got, Met: got <= wanted}
}

// throughputGoals is what part of the limit's throughput the engine is to
// reach, by the number of callers.
var throughputGoals = map[int]float64{1: 0.60, 16: 0.75, 64: 0.60}

// p99Goals is how many times the limit's p99 the engine's may be.
var p99Goals = map[int]float64{64: 5}

// The other goals.
const (
	diskGoal     = 400  // bytes an activation
	openGoal     = 2    // seconds
	residentGoal = 512  // MiB
	ofEmptyGoal  = 0.80 // of the throughput on an empty store
	httpGoal     = 0.50 // of the rate of a handler without an engine
)

// judge returns what became of the goals that there are for a series.
func (s *Series) judge() []Goal {
	var goals []Goal
	if wanted, ok := throughputGoals[s.Callers]; ok {
		goals = append(goals, atLeast(wanted, s.Throughput.Median, "%d callers: throughput, of the limit's", s.Callers))
	}
	if wanted, ok := p99Goals[s.Callers]; ok {
		goals = append(goals, atMost(wanted, s.P99.Median, "%d callers: p99, of the limit's", s.Callers))
	}
	if s.Disk != nil {
		goals = append(goals, atMost(diskGoal, s.Disk.PerActivation, "%d callers: bytes on disk an activation", s.Callers))
	}
	if s.Opened != nil {
		goals = append(goals, atLeast(ofEmptyGoal, s.Opened.OfEmpty.Median, "%d callers: throughput on the full store just opened, of the empty one's", s.Callers))
	}
	if s.Full != nil {
		goals = append(goals, atLeast(ofEmptyGoal, s.Full.OfEmpty.Median, "%d callers: throughput on the full store, of the empty one's", s.Callers))
	}
	return goals
}

// judge returns what became of the goals for a full store.
func (p *Preload) judge() []Goal {
	goals := []Goal{atMost(openGoal, p.OpenSeconds.Median, "seconds to open the full store")}
	if p.ResidentPeak > 0 {
		goals = append(goals, atMost(residentGoal, p.ResidentPeak, "MiB resident with the full store"))
	}
	if p.Disk != nil {
		goals = append(goals, atMost(diskGoal, p.Disk.PerActivation, "bytes on disk an activation of the full store"))
	}
	return goals
}

// judge returns what became of the goal over HTTP.
func (h *HTTP) judge() []Goal {
	return []Goal{atLeast(httpGoal, h.Throughput.Median, "HTTP, %d connections: requests a second, of the bare handler's", h.Connections)}
}
