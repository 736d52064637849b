package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/bench"
	"github.com/stepgate/stepgate/store"
)

type benchCmd struct {
	Store       place         `env:"STEPGATE_STORE" default:"pebble:./stepgate-bench" placeholder:"PLACE" help:"Measure stores in pebble:DIR, an empty directory that is removed afterwards, or in memory:."`
	Callers     []int         `default:"1,16,64" placeholder:"N,…" help:"How many call at once, each for itself a run."`
	Rounds      int           `default:"5" help:"How often each run is measured; the median counts."`
	Duration    time.Duration `default:"2s" help:"How long each measurement takes."`
	Activations int           `placeholder:"N" help:"How many activations each measurement has, in place of a duration."`
	Preload     int           `placeholder:"N" help:"Measure also on a store that holds N activations: how it opens, what memory it takes, how fast it is."`
	HTTP        bool          `name:"http" help:"Measure requests to a server, one event each, beside a handler without an engine."`
	JSON        bool          `name:"json" help:"Print the report as JSON; the table goes to stderr."`
	CPUProfile  string        `name:"cpuprofile" placeholder:"FILE" help:"Write a profile for go tool pprof."`
}

// Help implements kong.HelpProvider.
func (benchCmd) Help() string {
	return `Measures what an activation costs (created, three steps completed, read; each call waits for its durable
answer), beside the disk's own limit in the same run: the same bytes appended to a file and synced.

Examples:

    stepgate bench
    stepgate bench --store pebble:/data/bench --json > run.json
    stepgate bench --callers 64 --rounds 1 --cpuprofile cpu.prof
    go tool pprof -tagfocus=measured=engine -top cpu.prof`
}

// Run implements the command.
func (c *benchCmd) Run(a *app) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if c.CPUProfile != "" {
		f, err := os.Create(c.CPUProfile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var progress io.Writer
	if isTerminal(a.err) {
		progress = a.err
	}
	report, err := bench.Run(ctx, bench.Options{
		Place:    c.place(),
		Callers:  c.Callers,
		Rounds:   c.Rounds,
		Budget:   c.budget(),
		Preload:  c.Preload,
		HTTP:     c.HTTP,
		Command:  strings.Join(os.Args, " "),
		Progress: progress,
	})
	if errors.Is(err, bench.ErrInUse) {
		return &failure{code: exitUsage, err: err, next: "name another with --store pebble:DIR"}
	}
	if err != nil {
		return err
	}
	if !c.JSON {
		return report.Draw(a.out)
	}
	if err := report.Draw(a.err); err != nil {
		return err
	}
	return writeJSON(a.out, report)
}

// Validate implements kong's check of what was given.
func (c *benchCmd) Validate() error {
	switch {
	case len(c.Callers) == 0 || slices.Min(c.Callers) < 1:
		return errors.New("--callers takes numbers from 1 on")
	case c.Rounds < 1:
		return errors.New("--rounds takes a number from 1 on")
	case c.Activations < 0 || c.Preload < 0:
		return errors.New("--activations and --preload take a number from 0 on")
	case c.Activations == 0 && c.Duration <= 0:
		return errors.New("--duration takes a time, such as 2s")
	case c.HTTP && c.Preload > 0:
		return errors.New("--http and --preload are measured one at a time")
	}
	return nil
}

// budget returns how long each measurement goes on.
func (c *benchCmd) budget() bench.Budget {
	if c.Activations > 0 {
		return bench.Budget{Activations: c.Activations}
	}
	return bench.Budget{Duration: c.Duration}
}

// place returns where the benchmark makes its stores.
func (c *benchCmd) place() bench.Place {
	name, _, _ := strings.Cut(c.Store.String(), ":")
	return bench.Place{Name: name, Dir: c.Store.dir, Open: func(dir string) (store.Store, error) {
		return place{memory: c.Store.memory, dir: dir}.open()
	}}
}
