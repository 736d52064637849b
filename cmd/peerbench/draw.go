package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The picture's size.
const (
	width  = 26 * vg.Centimeter
	height = 11 * vg.Centimeter
)

// drawTo draws two plots beside each other into a file.
func drawTo(out string, reports []*report) error {
	throughput, err := drawThroughput(reports)
	if err != nil {
		return err
	}
	latency, err := drawLatency(reports)
	if err != nil {
		return err
	}
	canvas, err := draw.NewFormattedCanvas(width, height, strings.TrimPrefix(filepath.Ext(out), "."))
	if err != nil {
		return fmt.Errorf("%s: %w", out, err)
	}
	plots := [][]*plot.Plot{{throughput, latency}}
	tiles := draw.Tiles{Rows: 1, Cols: 2, PadX: vg.Centimeter}
	for i, c := range plot.Align(plots, tiles, draw.New(canvas))[0] {
		plots[0][i].Draw(c)
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	if _, err := canvas.WriteTo(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// newPlot returns a plot over the numbers of callers, with a title.
func newPlot(title string, reports []*report) *plot.Plot {
	p := plot.New()
	p.Title.Text = title
	p.X.Label.Text = "callers, each waiting for its durable answer"
	p.Legend.Top, p.Legend.Left = true, true
	var names []string
	for _, n := range callers(reports) {
		names = append(names, strconv.Itoa(n))
	}
	p.NominalX(names...)
	p.X.Min, p.X.Max = -0.5, float64(len(names))-0.5
	return p
}

// drawThroughput draws a bar for each side and number of callers.
func drawThroughput(reports []*report) (*plot.Plot, error) {
	first := reports[0]
	p := newPlot(fmt.Sprintf("Thousand durable changes a second, %s store, %d CPUs", first.Store, first.Machine.CPUs), reports)
	p.Y.Min = 0
	all, places := sides(reports), callers(reports)
	bar := vg.Points(80) / vg.Length(len(all))
	for i, s := range all {
		values := make(plotter.Values, len(places)) // 0 where it was not measured
		for _, one := range s.report.Series {
			values[slices.Index(places, one.Callers)] = s.sample(one).PerSecond / 1000
		}
		bars, err := plotter.NewBarChart(values, bar)
		if err != nil {
			return nil, err
		}
		bars.Color = plotutil.Color(i)
		bars.Offset = bar * (vg.Length(i) - vg.Length(len(all)-1)/2)
		p.Add(bars)
		p.Legend.Add(s.name, bars)
	}
	p.Y.Max *= 1.2 // room for the legend
	return p, nil
}

// drawLatency draws two lines for each side: the median, and dashed the 99th
// percentile.
func drawLatency(reports []*report) (*plot.Plot, error) {
	p := newPlot("Microseconds a call: median, and 99th percentile (dashed)", reports)
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	places := callers(reports)
	for i, s := range sides(reports) {
		var p50, p99 plotter.XYs
		for _, one := range s.report.Series {
			found := s.sample(one)
			if !found.measured() {
				continue
			}
			x := float64(slices.Index(places, one.Callers))
			p50 = append(p50, plotter.XY{X: x, Y: found.P50})
			p99 = append(p99, plotter.XY{X: x, Y: found.P99})
		}
		for dash, points := range []plotter.XYs{p50, p99} {
			line, dots, err := plotter.NewLinePoints(points)
			if err != nil {
				return nil, err
			}
			line.Color, dots.Color = plotutil.Color(i), plotutil.Color(i)
			line.Dashes = plotutil.Dashes(dash)
			p.Add(line, dots)
			if dash == 0 {
				p.Legend.Add(s.name, line)
			}
		}
	}
	p.Y.Max *= 3 // room for the legend
	return p, nil
}
