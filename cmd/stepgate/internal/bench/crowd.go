package bench

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Budget is how long one measurement goes on: for so many activations where
// Activations is set, or else for Duration. A caller that has begun an
// activation finishes it.
type Budget struct {
	Activations int
	Duration    time.Duration
}

// crowd runs n callers at once until the budget is spent, and returns how long
// that took and what it allocated. Each calls live again and again.
func crowd(ctx context.Context, n int, b Budget, live func(caller int) error) (effort, error) {
	var (
		left     atomic.Int64
		failed   atomic.Bool
		errs     = make([]error, n)
		callers  sync.WaitGroup
		before   runtime.MemStats
		after    runtime.MemStats
		deadline time.Time
	)
	left.Store(int64(b.Activations))
	goOn := func() bool { return left.Add(-1) >= 0 }
	if b.Activations == 0 {
		goOn = func() bool { return time.Now().Before(deadline) }
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu, began := cpuTime(), time.Now()
	deadline = began.Add(b.Duration)
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
	took, used := time.Since(began), cpuTime()-cpu
	runtime.ReadMemStats(&after)
	return effort{
		took:   took,
		cpu:    used,
		allocs: after.Mallocs - before.Mallocs,
		bytes:  after.TotalAlloc - before.TotalAlloc,
	}, errors.Join(append(errs, ctx.Err())...)
}
