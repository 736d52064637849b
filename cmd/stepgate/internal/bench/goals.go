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

func atLeast(name string, wanted, got float64) Goal {
	return Goal{Name: name, Wanted: wanted, Got: got, Met: got >= wanted}
}

func atMost(name string, wanted, got float64) Goal {
	return Goal{Name: name, AtMost: true, Wanted: wanted, Got: got, Met: got <= wanted}
}

// throughputGoals is what part of the limit's throughput the engine is to
// reach, by the number of callers.
var throughputGoals = map[int]float64{1: 0.60, 16: 0.75, 64: 0.60}

// p99Goals is how many times the limit's p99 the engine's may be.
var p99Goals = map[int]float64{64: 5}

// judge returns the goals that there are for a run.
func (s *Series) judge() []Goal {
	var goals []Goal
	if wanted, ok := throughputGoals[s.Callers]; ok {
		goals = append(goals, atLeast(fmt.Sprintf("throughput of %d callers, of the limit's", s.Callers), wanted, s.Throughput.Median))
	}
	if wanted, ok := p99Goals[s.Callers]; ok {
		goals = append(goals, atMost(fmt.Sprintf("p99 of %d callers, of the limit's", s.Callers), wanted, s.P99.Median))
	}
	return goals
}
