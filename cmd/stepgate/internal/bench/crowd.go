package bench

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Budget is how long one measurement goes on: for so many activations or for so
// long, whichever ends first; zero sets no bound. A caller that has begun an
// activation finishes it.
type Budget struct {
	Activations int
	Duration    time.Duration
}

// goOn returns whether one more may begin, for callers that began at a time.
func (b Budget) goOn(began time.Time) func() bool {
	var begun atomic.Int64
	deadline := began.Add(b.Duration)
	return func() bool {
		return (b.Activations == 0 || begun.Add(1) <= int64(b.Activations)) &&
			(b.Duration == 0 || time.Now().Before(deadline))
	}
}

// crowd runs n callers at once until the budget is spent, and returns what that
// took. Each calls live again and again.
func crowd(ctx context.Context, n int, b Budget, live func(caller int) error) (effort, error) {
	errs := make([]error, n)
	var failed atomic.Bool
	var callers sync.WaitGroup
	runtime.GC()
	meter := startMeter()
	goOn := b.goOn(meter.began)
	for i := range n {
		callers.Go(func() {
			for ctx.Err() == nil && !failed.Load() && goOn() {
				if errs[i] = live(i); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	callers.Wait()
	return meter.stop(), errors.Join(append(errs, ctx.Err())...)
}
