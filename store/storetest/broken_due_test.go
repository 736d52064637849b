package storetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

type neverDue struct{ store.Store }

func (neverDue) Due(context.Context, time.Time, int) ([]steps.ID, error) { return nil, nil }

type dueByID struct{ store.Store }

func (s dueByID) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	ids, err := s.Store.Due(ctx, now, limit)
	slices.Sort(ids)
	return ids, err
}

// dueAfter is due only when its moment is over.
type dueAfter struct{ store.Store }

func (s dueAfter) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	return s.Store.Due(ctx, now.Add(-time.Millisecond), limit)
}

// dueBySecond keeps the moments to the second.
type dueBySecond struct{ store.Store }

func (s dueBySecond) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	return s.Store.Due(ctx, now.Truncate(time.Second).Add(time.Second-time.Millisecond), limit)
}

type dueWithoutLimit struct{ store.Store }

func (s dueWithoutLimit) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	if limit <= 0 {
		limit = store.MaxLimit
	}
	return s.Store.Due(ctx, now, max(limit, 6))
}

// dueTwice tells the first of a page again at its end.
type dueTwice struct{ store.Store }

func (s dueTwice) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	ids, err := s.Store.Due(ctx, now, limit)
	if len(ids) == limit && limit > 1 {
		ids[len(ids)-1] = ids[0]
	}
	return ids, err
}

// dueAmong is a store whose index of what is due is another function of an
// activation, kept at each change.
type dueAmong struct {
	store.Store
	of func(a *steps.Activation) time.Time

	mu    sync.Mutex
	index map[steps.ID]time.Time
}

func dueOf(of func(a *steps.Activation) time.Time) func(store.Store) store.Store {
	return func(st store.Store) store.Store {
		return &dueAmong{Store: st, of: of, index: make(map[steps.ID]time.Time)}
	}
}

func (s *dueAmong) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := s.Store.Commit(ctx, changes)
	for i, c := range changes {
		if results[i] == nil {
			s.index[c.Activation.StepsID] = s.of(&c.Activation)
		}
	}
	return results
}

func (s *dueAmong) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []steps.ID
	for id, at := range s.index {
		if !at.IsZero() && !at.After(now) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b steps.ID) int { return s.index[a].Compare(s.index[b]) })
	return ids[:min(limit, len(ids))], ctx.Err()
}

// dueByIndex keeps the index right at each change, and forgets erasures.
func dueByIndex(a *steps.Activation) time.Time { return a.Due() }

// deadlineAlone is due at its deadline, whatever its state is.
func deadlineAlone(a *steps.Activation) time.Time { return a.Deadline }

// anyEnd is due at what ends first, whatever its state is.
func anyEnd(a *steps.Activation) time.Time {
	open := *a
	open.State = "open"
	return open.Due()
}

// neverActivated is not due any more when it is activated.
func neverActivated(a *steps.Activation) time.Time {
	if a.State == steps.StateActivated {
		return time.Time{}
	}
	return a.Due()
}

// dueOnce is due as its creation says.
func dueOnce(st store.Store) store.Store {
	first := make(map[steps.ID]time.Time)
	return dueOf(func(a *steps.Activation) time.Time {
		if _, known := first[a.StepsID]; !known {
			first[a.StepsID] = a.Due()
		}
		return first[a.StepsID]
	})(st)
}

// unsigned takes the moment for an unsigned number.
type unsigned struct{ store.Store }

func (s unsigned) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	ids, err := s.Store.Due(ctx, now, store.MaxLimit)
	before, err2 := s.Store.Due(ctx, time.UnixMilli(-1), store.MaxLimit)
	if err != nil || err2 != nil {
		return nil, err
	}
	return append(ids[min(len(before), len(ids)):], before...), nil
}
