package bench

import (
	"context"
	"errors"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/stepgate/stepgate/store"
)

// full is a store that was filled before anything is measured on it.
type full struct {
	dir    string
	report Preload
	held   int64     // how many activations it holds
	opens  []float64 // seconds
}

// fillers is how many callers fill a store: many, so that each durable write
// takes many changes.
const fillers = 1024

// fill makes a store of finished activations. They are made by the engine, one
// call a change, so that the store holds exactly what it would in life.
func (s *session) fill(ctx context.Context) error {
	dir := filepath.Join(s.dir, "full")
	st, err := s.Place.Open(dir)
	if err != nil {
		return err
	}
	began := time.Now()
	err = s.fillStore(ctx, st)
	if err = errors.Join(err, st.Close()); err != nil {
		return err
	}
	s.full = &full{dir: dir, held: int64(s.Preload), report: Preload{Activations: s.Preload, FillSeconds: time.Since(began).Seconds()}}
	return nil
}

func (s *session) fillStore(ctx context.Context, st store.Store) error {
	eng, err := newEngine(st, s.plan)
	if err != nil {
		return err
	}
	defer eng.Close()
	progress := newProgress(s.Progress, "fill", s.Preload)
	defer progress.stop()
	all := s.newCallers(eng, fillers)
	call := context.WithoutCancel(ctx)
	_, err = crowd(ctx, len(all), Budget{Activations: s.Preload}, func(i int) error {
		defer progress.done.Add(1)
		return all[i].live(call)
	})
	return err
}

// onFull opens the full store and measures an engine on it twice: right after
// opening, when the store may still be getting ready, and then. How much memory
// the process takes is noted from before the store is opened, when it has given
// back what it could, to the end.
func (s *session) onFull(ctx context.Context, callers int) (opened, then *Sample, err error) {
	opened, then = new(Sample), new(Sample)
	err = labelled(ctx, "full", callers, func(ctx context.Context) error {
		debug.FreeOSMemory()
		resetPeak()
		began := time.Now()
		st, err := s.Place.Open(s.full.dir)
		if err != nil {
			return err
		}
		s.full.opens = append(s.full.opens, time.Since(began).Seconds())
		atFirst := resident()
		if *opened, err = s.live(ctx, st, callers); err == nil {
			*then, err = s.live(ctx, st, callers)
		}
		s.full.held += opened.Reads + then.Reads
		s.full.noteMemory(atFirst, residentPeak())
		return errors.Join(err, st.Close())
	})
	return opened, then, err
}

func (f *full) noteMemory(opened, peak float64) {
	f.report.ResidentOpened = max(f.report.ResidentOpened, opened)
	f.report.ResidentPeak = max(f.report.ResidentPeak, peak)
}

// reportFull reports what is not a sample about the full store.
func (s *session) reportFull(ctx context.Context, report *Report) error {
	p := &s.full.report
	p.OpenSeconds = spread(s.full.opens)
	if s.Place.Dir != "" {
		var err error
		if p.Disk, err = s.perActivation(ctx, s.full.dir, s.full.held); err != nil {
			return err
		}
	}
	report.Preload = p
	report.Goals = append(report.Goals, p.judge()...)
	return nil
}
