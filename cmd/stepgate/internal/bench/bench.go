// Package bench measures the engine on a store beside the disk's own limit: how
// fast records of the same size can be appended to a file, each synced before
// its caller goes on.
//
// What is measured is the life of an activation: created, its three steps
// completed, read. Each caller lives one after the other and waits for every
// answer. The four calls that make something durable are counted as throughput;
// reads come on top, and their time is in it.
//
// The engine and the limit take turns in each round, and ratios are medians over
// the rounds of what was measured right after each other, so that they hold on
// a machine that does other things too.
package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Options say what is measured.
type Options struct {
	Place   Place
	Callers []int  // how many at once, each a run of its own
	Rounds  int    // of each run
	Budget  Budget // of each measurement
	Command string // for the report
}

// Place is where stores can be made.
type Place struct {
	Name string
	// Dir is an empty or absent directory on the file system to be measured,
	// which is removed afterwards. "": the stores are in memory, and the limit
	// is that of the directory for temporary files.
	Dir string
	// Open opens a store in a directory that does not exist, or that it left.
	Open func(dir string) (store.Store, error)
}

// session is a run of the benchmark.
type session struct {
	Options
	plan    steps.Plan
	dir     string
	journal *journal
	records [][]byte
	stores  int // that were made
}

// Run measures, which takes len(Callers) * Rounds * 2 budgets.
func Run(ctx context.Context, o Options) (*Report, error) {
	s := &session{Options: o}
	s.plan, _ = steps.Default().Latest(steps.RemoteCommands)
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	report, err := s.run(ctx)
	return report, errors.Join(err, s.journal.close(), os.RemoveAll(s.dir))
}

func (s *session) prepare(ctx context.Context) error {
	var err error
	if s.records, err = record(ctx, s.plan); err != nil {
		return err
	}
	if s.dir, err = makeScratch(s.Place.Dir); err != nil {
		return err
	}
	if s.journal, err = newJournal(filepath.Join(s.dir, "limit")); err != nil {
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	return nil
}

// makeScratch makes the directory that everything is in, which must not hold
// anything yet.
func makeScratch(dir string) (string, error) {
	if dir == "" {
		return os.MkdirTemp("", "stepgate-bench-")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	files, err := os.ReadDir(dir)
	if err == nil && len(files) > 0 {
		err = fmt.Errorf("%s is not empty: the benchmark fills a directory and removes it", dir)
	}
	return dir, err
}

func (s *session) run(ctx context.Context) (*Report, error) {
	report := &Report{
		Date:    time.Now().UTC().Truncate(time.Second),
		Command: s.Command,
		Machine: thisMachine(),
		Store:   s.Place.Name,
		Journal: Journal{BytesPerWrite: meanLen(s.records), Bytes: recordedFrom},
		Runs:    make([]Series, len(s.Callers)),
	}
	for round := range s.Rounds {
		for i, callers := range s.Callers {
			r, err := s.round(ctx, callers, round%2 == 1)
			if err != nil {
				return nil, err
			}
			report.Runs[i].Callers = callers
			report.Runs[i].Rounds = append(report.Runs[i].Rounds, r)
		}
	}
	for i := range report.Runs {
		series := &report.Runs[i]
		series.sum()
		report.Goals = append(report.Goals, series.judge()...)
	}
	return report, nil
}

// round measures the limit and the engine, or the other way round.
func (s *session) round(ctx context.Context, callers int, engineFirst bool) (r Round, err error) {
	measure := []func() error{
		func() (err error) { r.Limit, err = s.limit(ctx, callers); return err },
		func() (err error) { r.Engine, err = s.engine(ctx, callers); return err },
	}
	if engineFirst {
		measure[0], measure[1] = measure[1], measure[0]
	}
	for _, m := range measure {
		if err := m(); err != nil {
			return Round{}, err
		}
	}
	return r, nil
}

// limit measures the journal: as many writes as activations have.
func (s *session) limit(ctx context.Context, callers int) (Sample, error) {
	times := make([]histogram, callers)
	writes := len(s.plan.Steps) + 1
	var took effort
	err := labelled(ctx, "limit", callers, func(ctx context.Context) (err error) {
		took, err = crowd(ctx, callers, s.Budget, func(i int) error {
			for range writes {
				record := s.records[times[i].total%int64(len(s.records))]
				began := time.Now()
				if err := s.journal.append(record); err != nil {
					return fmt.Errorf("the limit: %w", err)
				}
				times[i].add(time.Since(began))
			}
			return nil
		})
		return err
	})
	if err != nil {
		return Sample{}, err
	}
	return took.sample(merged(times), &histogram{}), nil
}

// engine measures an engine on a store of its own.
func (s *session) engine(ctx context.Context, callers int) (Sample, error) {
	s.stores++
	dir := filepath.Join(s.dir, "store-"+strconv.Itoa(s.stores))
	var sample Sample
	err := labelled(ctx, "engine", callers, func(ctx context.Context) error {
		st, err := s.Place.Open(dir)
		if err != nil {
			return err
		}
		sample, err = s.measure(ctx, st, callers)
		return errors.Join(err, st.Close())
	})
	return sample, errors.Join(err, os.RemoveAll(dir))
}

// measure measures an engine on a store.
func (s *session) measure(ctx context.Context, st store.Store, callers int) (Sample, error) {
	eng, err := newEngine(st, s.plan)
	if err != nil {
		return Sample{}, err
	}
	defer eng.Close()
	all := make([]*caller, callers)
	for i := range all {
		all[i] = &caller{eng: eng, plan: s.plan, rand: rand.New(rand.NewPCG(rand.Uint64(), uint64(i)))}
	}
	call := context.WithoutCancel(ctx) // Ctrl-C waits for the calls under way
	took, err := crowd(ctx, callers, s.Budget, func(i int) error { return all[i].live(call) })
	if err != nil {
		return Sample{}, err
	}
	var writes, reads histogram
	for _, c := range all {
		writes.merge(&c.writes)
		reads.merge(&c.reads)
	}
	return took.sample(&writes, &reads), nil
}

// sum sums the rounds up.
func (s *Series) sum() {
	var limit, engine []Sample
	var throughput, p99 []float64
	for _, round := range s.Rounds {
		limit, engine = append(limit, round.Limit), append(engine, round.Engine)
		throughput = append(throughput, round.Engine.PerSecond/round.Limit.PerSecond)
		p99 = append(p99, round.Engine.P99/round.Limit.P99)
	}
	s.Limit, s.Engine = median(limit), median(engine)
	s.Throughput, s.P99 = ratioOf(throughput), ratioOf(p99)
}

// labelled does something under labels by which `go tool pprof -tagfocus` can
// tell the measurements of one profile apart.
func labelled(ctx context.Context, what string, callers int, do func(context.Context) error) (err error) {
	labels := pprof.Labels("measured", what, "callers", strconv.Itoa(callers))
	pprof.Do(ctx, labels, func(ctx context.Context) { err = do(ctx) })
	return err
}

func merged(times []histogram) *histogram {
	all := &times[0]
	for i := range times[1:] {
		all.merge(&times[1+i])
	}
	return all
}

func meanLen(records [][]byte) float64 {
	total := 0
	for _, r := range records {
		total += len(r)
	}
	return float64(total) / float64(len(records))
}
