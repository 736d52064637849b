package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// report is the part of a run's report that is drawn.
type report struct {
	name string // of its file

	Store   string `json:"store"`
	Machine struct {
		CPUs int    `json:"cpus"`
		CPU  string `json:"cpu"`
	} `json:"machine"`
	Series []series `json:"series"`
}

// series is what was measured with one number of callers.
type series struct {
	Callers int    `json:"callers"`
	Limit   sample `json:"limit"`
	Engine  sample `json:"engine"`
	Full    sample `json:"full"` // on a store that was filled before; zero: not measured
}

// sample is one measurement. Times are microseconds.
type sample struct {
	PerSecond float64 `json:"perSecond"`
	P50       float64 `json:"p50"`
	P99       float64 `json:"p99"`
}

func (s sample) measured() bool { return s.PerSecond > 0 }

// read reads a report that has something to draw.
func read(file string) (*report, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := &report{name: strings.TrimSuffix(filepath.Base(file), ".json")}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(r.Series) == 0 {
		return nil, fmt.Errorf("%s has no series of callers: run stepgate bench without --http", file)
	}
	return r, nil
}

// side is what is compared: the limit, or the engine on some store.
type side struct {
	name   string
	sample func(series) sample
	report *report
}

// sides returns what there is to compare in reports, each side's name with its
// report's where there are several.
func sides(reports []*report) []side {
	var all []side
	for _, r := range reports {
		prefix := ""
		if len(reports) > 1 {
			prefix = r.name + ": "
		}
		all = append(all,
			side{prefix + "the disk's own limit", func(s series) sample { return s.Limit }, r},
			side{prefix + "engine", func(s series) sample { return s.Engine }, r})
		if slices.ContainsFunc(r.Series, func(s series) bool { return s.Full.measured() }) {
			all = append(all, side{prefix + "engine, full store", func(s series) sample { return s.Full }, r})
		}
	}
	return all
}

// callers returns the numbers of callers of all reports, in ascending order.
func callers(reports []*report) []int {
	var all []int
	for _, r := range reports {
		for _, s := range r.Series {
			all = append(all, s.Callers)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
