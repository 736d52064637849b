// Peerbench draws what `stepgate bench --json` measured.
//
//	go run . -o ../../docs/benchmarks/embedded.svg ../../docs/benchmarks/embedded.json
//
// It is a module of its own, so that what it needs to draw never reaches the
// product.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// report is the part of a report that is drawn.
type report struct {
	Store   string `json:"store"`
	Machine struct {
		CPUs int    `json:"cpus"`
		CPU  string `json:"cpu"`
	} `json:"machine"`
	Series []struct {
		Callers int    `json:"callers"`
		Limit   sample `json:"limit"`
		Engine  sample `json:"engine"`
	} `json:"series"`
}

type sample struct {
	PerSecond float64 `json:"perSecond"`
}

func main() {
	out := flag.String("o", "bench.svg", "the picture: .svg, .png or .pdf")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "peerbench:", err)
		os.Exit(1)
	}
}

func run(out string, files []string) error {
	if len(files) != 1 {
		return errors.New("name one file that stepgate bench --json wrote")
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("%s: %w", files[0], err)
	}
	if len(r.Series) == 0 {
		return fmt.Errorf("%s has no series of callers: run stepgate bench without --http", files[0])
	}
	p, err := draw(&r)
	if err != nil {
		return err
	}
	return p.Save(16*vg.Centimeter, 10*vg.Centimeter, out)
}

// draw draws two bars for each number of callers: the disk's limit, and the
// engine.
func draw(r *report) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("Durable changes a second, %s store, %d CPUs %s", r.Store, r.Machine.CPUs, r.Machine.CPU)
	p.X.Label.Text = "callers, each waiting for its durable answer"
	p.Y.Min = 0
	var limits, engines plotter.Values
	var names []string
	for _, s := range r.Series {
		limits = append(limits, s.Limit.PerSecond)
		engines = append(engines, s.Engine.PerSecond)
		names = append(names, strconv.Itoa(s.Callers))
	}
	width := vg.Points(30)
	for i, bars := range []struct {
		name   string
		values plotter.Values
	}{{"the disk's own limit", limits}, {"engine", engines}} {
		chart, err := plotter.NewBarChart(bars.values, width)
		if err != nil {
			return nil, err
		}
		chart.Color = plotutil.Color(i)
		chart.Offset = width * vg.Length(2*i-1) / 2
		p.Add(chart)
		p.Legend.Add(bars.name, chart)
	}
	p.Legend.Top, p.Legend.Left = true, true
	p.NominalX(names...)
	return p, nil
}
