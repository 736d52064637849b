package storetest

import (
	"context"
	"runtime"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// scans is a store that scans in a way of its own.
type scans struct {
	store.Store
	scan func(ctx context.Context, st store.Store, after steps.ID, limit int) ([]store.Scanned, error)
}

func (s scans) Scan(ctx context.Context, after steps.ID, limit int) ([]store.Scanned, error) {
	return s.scan(ctx, s.Store, after, limit)
}

func scanning(scan func(context.Context, store.Store, steps.ID, int) ([]store.Scanned, error)) func(store.Store) store.Store {
	return func(st store.Store) store.Store { return scans{st, scan} }
}

// altersScan returns what a scan says, as altered.
func altersScan(alter func(scanned []store.Scanned) []store.Scanned) func(store.Store) store.Store {
	return scanning(func(ctx context.Context, st store.Store, after steps.ID, limit int) ([]store.Scanned, error) {
		scanned, err := st.Scan(ctx, after, limit)
		return alter(scanned), err
	})
}

func backwards(scanned []store.Scanned) []store.Scanned {
	slices.Reverse(scanned)
	return scanned
}

// withoutErased passes over what was erased.
func withoutErased(scanned []store.Scanned) []store.Scanned {
	return slices.DeleteFunc(scanned, func(s store.Scanned) bool { return s.Activation.State == steps.StateErased })
}

// cutHistories has a page of each history.
func cutHistories(scanned []store.Scanned) []store.Scanned {
	for i := range scanned {
		scanned[i].Entries = scanned[i].Entries[:min(10, len(scanned[i].Entries))]
	}
	return scanned
}

func scansFromBeginning(ctx context.Context, st store.Store, _ steps.ID, limit int) ([]store.Scanned, error) {
	return st.Scan(ctx, 0, limit)
}

// scansFrom begins at the ID itself.
func scansFrom(ctx context.Context, st store.Store, after steps.ID, limit int) ([]store.Scanned, error) {
	return st.Scan(ctx, max(after, 1)-1, limit)
}

func scansMore(ctx context.Context, st store.Store, after steps.ID, limit int) ([]store.Scanned, error) {
	if limit <= 0 {
		limit = store.MaxLimit
	}
	return st.Scan(ctx, after, limit)
}

// scansNothingLoudly is an error where nothing is left.
func scansNothingLoudly(ctx context.Context, st store.Store, after steps.ID, limit int) ([]store.Scanned, error) {
	scanned, err := st.Scan(ctx, after, limit)
	if err == nil && len(scanned) == 0 {
		return nil, store.ErrNotFound
	}
	return scanned, err
}

// scansInTwo reads the activations, lets others go first, and then reads their
// histories.
func scansInTwo(ctx context.Context, st store.Store, after steps.ID, limit int) ([]store.Scanned, error) {
	scanned, err := st.Scan(ctx, after, limit)
	if err != nil {
		return nil, err
	}
	ids := make([]steps.ID, len(scanned))
	for i := range scanned {
		ids[i] = scanned[i].StepsID
	}
	for range 100 {
		runtime.Gosched()
	}
	histories, err := st.History(ctx, ids)
	for i := range histories {
		scanned[i].Entries = histories[i]
	}
	return scanned, err
}

// newScansOnce answers from what it saw first.
func newScansOnce(st store.Store) store.Store {
	seen := make(map[steps.ID]store.Scanned)
	return altersScan(func(scanned []store.Scanned) []store.Scanned {
		for i, s := range scanned {
			if before, known := seen[s.StepsID]; known {
				scanned[i] = before
			}
			seen[s.StepsID] = scanned[i]
		}
		return scanned
	})(st)
}

// keepsScans returns the slices that it returned before.
func keepsScans(st store.Store) store.Store {
	seen := make(map[steps.ID]store.Scanned)
	return altersScan(func(scanned []store.Scanned) []store.Scanned {
		for i, s := range scanned {
			if before, known := seen[s.StepsID]; known && len(before.Entries) == len(s.Entries) {
				scanned[i].Entries = before.Entries
			}
			seen[s.StepsID] = scanned[i]
		}
		return scanned
	})(st)
}
