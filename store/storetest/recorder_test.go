package storetest

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// recorder is a testing.TB that keeps what a case reports to itself, so that a
// test can require that a case fails.
type recorder struct {
	testing.TB

	mu       sync.Mutex
	reports  []string
	skipped  bool
	cleanups []func()
}

// tryCase runs a case and returns what it reported: nothing, where it passed.
func tryCase(t *testing.T, c testCase, h Harness) (reports []string, skipped bool) {
	r := &recorder{TB: t}
	r.guard(func() { c.test(r, h) })
	for _, cleanup := range slices.Backward(r.cleanups) {
		r.guard(cleanup)
	}
	return r.reports, r.skipped
}

// guard runs f on a goroutine that FailNow and Skip can end.
func (r *recorder) guard(f func()) {
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				r.report(fmt.Sprint("panic: ", p))
			}
		}()
		f()
	})
	wg.Wait()
}

func (r *recorder) report(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reports = append(r.reports, text)
}

func (r *recorder) Cleanup(f func())    { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Helper()             {}
func (r *recorder) Log(...any)          {}
func (r *recorder) Logf(string, ...any) {}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.reports) > 0
}

func (r *recorder) Fail()                             { r.report("failed") }
func (r *recorder) Error(args ...any)                 { r.report(fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.report(fmt.Sprintf(format, args...)) }

func (r *recorder) FailNow() {
	r.Fail()
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) {
	r.Error(args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) SkipNow() {
	r.skipped = true
	runtime.Goexit()
}

func (r *recorder) Skipped() bool        { return r.skipped }
func (r *recorder) Skip(...any)          { r.SkipNow() }
func (r *recorder) Skipf(string, ...any) { r.SkipNow() }
