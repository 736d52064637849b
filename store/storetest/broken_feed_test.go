package storetest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// swapsTold swaps the first two entries of a page, but not their cursors.
type swapsTold struct{ store.Store }

func (s swapsTold) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	told, err := s.Store.Changes(ctx, after, limit)
	if len(told) >= 2 {
		told[0].StepsID, told[1].StepsID = told[1].StepsID, told[0].StepsID
		told[0].Entry, told[1].Entry = told[1].Entry, told[0].Entry
	}
	return told, err
}

type tellsNoResets struct{ store.Store }

func (s tellsNoResets) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	told, err := s.Store.Changes(ctx, after, limit)
	return slices.DeleteFunc(told, func(t store.Told) bool { return t.Entry.Kind == steps.Reset }), err
}

type takesAnyCursor struct{ store.Store }

func (s takesAnyCursor) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	told, err := s.Store.Changes(ctx, after, limit)
	if errors.Is(err, store.ErrCursor) {
		return s.Store.Changes(ctx, "", limit)
	}
	return told, err
}

func fillsLater(st store.Store) store.Store { return &sequence{Store: st} }

// sequence is a feed in the order of a sequence whose numbers are drawn before
// the commit, as a database's are: a reader passes over what is not there yet.
type sequence struct {
	store.Store
	mu     sync.Mutex
	places []*store.Told // nil: drawn, not yet filled
}

func (s *sequence) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	next := len(s.places)
	for _, c := range changes {
		s.places = append(s.places, make([]*store.Told, len(c.Entries))...)
	}
	s.mu.Unlock()
	for range next % 2 * 100 { // every other commit is slow
		runtime.Gosched()
	}
	results := s.Store.Commit(ctx, changes)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range changes {
		for _, entry := range c.Entries {
			if results[i] == nil {
				cursor := store.Cursor(strconv.Itoa(next + 1))
				s.places[next] = &store.Told{Cursor: cursor, StepsID: c.Activation.StepsID, Entry: entry}
			}
			next++
		}
	}
	return results
}

func (s *sequence) Changes(_ context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, _ := strconv.Atoi(string(after))
	var told []store.Told
	for _, place := range s.places[from:] {
		if place != nil && len(told) < limit {
			told = append(told, *place)
		}
	}
	return told, nil
}

// leaking is a store that leaves a goroutine behind, until the test ends.
func leaking() control {
	open := func(tb testing.TB) store.Store {
		end := make(chan struct{})
		tb.Cleanup(func() { close(end) })
		go func() { <-end }()
		return memstore.New()
	}
	return control{"leaves a goroutine", Harness{Open: open}, []string{"close/leaves no goroutine"}}
}
