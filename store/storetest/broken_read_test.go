package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func keepsSlices(st store.Store) store.Store {
	return &sliceKeeper{Store: st, kept: make(map[steps.ID][][]steps.Entry)}
}

// sliceKeeper keeps the entries that the caller gave, not copies of them.
type sliceKeeper struct {
	store.Store
	mu   sync.Mutex
	kept map[steps.ID][][]steps.Entry
}

func (s *sliceKeeper) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := s.Store.Commit(ctx, changes)
	for i, c := range changes {
		if results[i] == nil {
			s.kept[c.Activation.StepsID] = append(s.kept[c.Activation.StepsID], c.Entries)
		}
	}
	return results
}

func (s *sliceKeeper) History(_ context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	histories := make([][]steps.Entry, len(ids))
	for i, id := range ids {
		histories[i] = slices.Concat(s.kept[id]...)
	}
	return histories, nil
}

func returnsAgain(st store.Store) store.Store {
	return &returnsSame{Store: st, histories: make(map[steps.ID][]steps.Entry)}
}

// returnsSame returns the slice that it returned before, where nothing came to
// it.
type returnsSame struct {
	store.Store
	mu        sync.Mutex
	histories map[steps.ID][]steps.Entry
}

func (s *returnsSame) History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	histories, err := s.Store.History(ctx, ids)
	for i, history := range histories {
		if before := s.histories[ids[i]]; len(before) == len(history) {
			histories[i] = before
		}
		s.histories[ids[i]] = histories[i]
	}
	return histories, err
}

func answersStale(st store.Store) store.Store {
	return &stale{Store: st, found: make(map[steps.Binding]steps.Activation)}
}

// stale is a cache that nobody told of a commit.
type stale struct {
	store.Store
	mu    sync.Mutex
	found map[steps.Binding]steps.Activation
}

func (s *stale) Find(ctx context.Context, binding steps.Binding) (steps.Activation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.found[binding]; ok {
		return a, nil
	}
	a, err := s.Store.Find(ctx, binding)
	if err == nil {
		s.found[binding] = a
	}
	return a, err
}

func (s *stale) Commit(ctx context.Context, changes []store.Change) []error {
	results := s.Store.Commit(ctx, changes)
	for _, c := range changes {
		_, _ = s.Find(ctx, c.Activation.Binding)
	}
	return results
}

// sortsIDs sorts what it was asked for where it lies.
type sortsIDs struct{ store.Store }

func (s sortsIDs) History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	histories, err := s.Store.History(ctx, ids)
	slices.Sort(ids)
	return histories, err
}

// guessesHeads is at the revision that was last tried.
type guessesHeads struct {
	store.Store
	mu    sync.Mutex
	tried map[steps.ID]uint32
}

func newGuessesHeads(st store.Store) store.Store {
	return &guessesHeads{Store: st, tried: make(map[steps.ID]uint32)}
}

func (s *guessesHeads) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		s.tried[c.Activation.StepsID] = c.Activation.Revision
	}
	return s.Store.Commit(ctx, changes)
}

func (s *guessesHeads) Head(id steps.ID) (uint32, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.tried[id], 1), true
}

type headsBehind struct{ store.Store }

func (s headsBehind) Head(id steps.ID) (uint32, bool) {
	revision, ok := s.Store.(store.Heads).Head(id)
	return min(revision, 3), ok
}

type neverCloses struct{ store.Store }

func (neverCloses) Close() error { return nil }

// closesOnce is an error the second time.
type closesOnce struct {
	store.Store
	closed atomic.Bool
}

func (s *closesOnce) Close() error {
	if s.closed.Swap(true) {
		return errors.New("closed already")
	}
	return s.Store.Close()
}
