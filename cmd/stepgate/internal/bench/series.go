package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"slices"
	"strconv"
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/store"
)

// measureEngine measures the engine beside the limit, with each number of
// callers, in rounds.
func (s *session) measureEngine(ctx context.Context, report *Report) error {
	report.Journal = &Journal{BytesPerWrite: meanLen(s.records), Bytes: recordedFrom}
	report.Series = make([]Series, len(s.Callers))
	if s.Preload > 0 {
		if err := s.fill(ctx); err != nil {
			return err
		}
	}
	progress := newProgress(s.Progress, "measure", s.Rounds*len(s.Callers))
	defer progress.stop()
	for round := range s.Rounds {
		for i, callers := range s.Callers {
			series := &report.Series[i]
			series.Callers = callers
			if err := s.round(ctx, series, round); err != nil {
				return err
			}
			progress.done.Add(1)
		}
	}
	for i := range report.Series {
		series := &report.Series[i]
		series.sum()
		report.Goals = append(report.Goals, series.judge()...)
	}
	if s.full == nil {
		return nil
	}
	return s.reportFull(ctx, report)
}

// round measures the limit, the engine, and the engine on the full store where
// there is one; every other round, the other way round.
func (s *session) round(ctx context.Context, series *Series, round int) error {
	var r Round
	measure := []func() error{
		func() (err error) { r.Limit, err = s.limit(ctx, series.Callers); return err },
		func() (err error) {
			r.Engine, series.Disk, err = s.engine(ctx, series.Callers, round == s.Rounds-1)
			return err
		},
	}
	if s.full != nil {
		measure = append(measure, func() (err error) { r.Opened, r.Full, err = s.onFull(ctx, series.Callers); return err })
	}
	if round%2 == 1 {
		slices.Reverse(measure)
	}
	for _, m := range measure {
		if err := m(); err != nil {
			return err
		}
	}
	series.Rounds = append(series.Rounds, r)
	return nil
}

// limit measures the journal: as many writes as an activation has, each time.
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
	for i := range times[1:] {
		times[0].merge(&times[1+i])
	}
	return took.sample(&times[0], &histogram{}), nil
}

// engine measures an engine on a store of its own, and where it is the last
// time also what that takes on the disk.
func (s *session) engine(ctx context.Context, callers int, last bool) (sample Sample, disk *Disk, err error) {
	dir := s.newDir()
	err = labelled(ctx, "engine", callers, func(ctx context.Context) error {
		st, err := s.Place.Open(dir)
		if err != nil {
			return err
		}
		sample, err = s.live(ctx, st, callers)
		return errors.Join(err, st.Close())
	})
	if err == nil && last && s.Place.Dir != "" {
		disk, err = s.perActivation(ctx, dir, sample.Reads)
	}
	return sample, disk, errors.Join(err, os.RemoveAll(dir))
}

// live measures callers of an engine on a store.
func (s *session) live(ctx context.Context, st store.Store, callers int) (Sample, error) {
	eng, err := newEngine(st, s.plan)
	if err != nil {
		return Sample{}, err
	}
	defer eng.Close()
	all := s.newCallers(eng, callers)
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

func (s *session) newCallers(eng *engine.Engine, n int) []*caller {
	all := make([]*caller, n)
	for i := range all {
		all[i] = &caller{eng: eng, plan: s.plan, rand: newRand()}
	}
	return all
}

// labelled does something under labels by which `go tool pprof -tagfocus` can
// tell the measurements of one profile apart.
func labelled(ctx context.Context, what string, callers int, do func(context.Context) error) (err error) {
	labels := pprof.Labels("measured", what, "callers", strconv.Itoa(callers))
	pprof.Do(ctx, labels, func(ctx context.Context) { err = do(ctx) })
	return err
}
