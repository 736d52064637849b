package storetest

import (
	"context"
	"fmt"
	"slices"

	"github.com/stepgate/stepgate/store"
)

// Commit implements store.Store.
func (f *Faulty) Commit(ctx context.Context, changes []store.Change) []error {
	fault, err := f.begin(ctx, Commit)
	if err != nil {
		return slices.Repeat([]error{err}, len(changes))
	}
	f.writeLate(ctx)
	unknown := plannedFault(Commit)
	switch fault.Kind {
	case FailAfter:
		return f.failAfter(f.store.Commit(ctx, changes), unknown)
	case FailLate:
		f.mu.Lock()
		f.late = append(f.late, copyChanges(changes))
		f.mu.Unlock()
		f.hit(FailLate)
		return slices.Repeat([]error{unknown}, len(changes))
	case ShortBatch:
		keep := min(fault.Keep, len(changes))
		results := f.store.Commit(ctx, changes[:keep])
		f.hit(ShortBatch)
		return append(results, slices.Repeat([]error{unknown}, len(changes)-keep)...)
	case Overtaken:
		if len(changes) > 0 && f.overtake(ctx, &changes[0]) {
			f.hit(Overtaken)
		}
	}
	return f.store.Commit(ctx, changes)
}

// Erase implements store.Store. It fails before or after, and in no other way.
func (f *Faulty) Erase(ctx context.Context, erasures []store.Erasure) []error {
	fault, err := f.begin(ctx, Erase)
	if err != nil {
		return slices.Repeat([]error{err}, len(erasures))
	}
	results := f.store.Erase(ctx, erasures)
	if fault.Kind == FailAfter {
		return f.failAfter(results, plannedFault(Erase))
	}
	return results
}

func plannedFault(method Method) error {
	return fmt.Errorf("%w: planned fault of %s", store.ErrUnavailable, method)
}

// failAfter lets what was done look as if nobody knew.
func (f *Faulty) failAfter(results []error, unknown error) []error {
	for i, err := range results {
		if err == nil {
			results[i] = unknown
		}
	}
	f.hit(FailAfter)
	return results
}

// writeLate writes the batches that are late.
func (f *Faulty) writeLate(ctx context.Context) {
	f.mu.Lock()
	late := f.late
	f.late = nil
	f.mu.Unlock()
	for _, changes := range late {
		f.store.Commit(context.WithoutCancel(ctx), changes)
	}
}
