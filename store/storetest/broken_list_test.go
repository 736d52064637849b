package storetest

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

type listsBackwards struct{ store.Store }

func (s listsBackwards) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	listed, err := s.Store.List(ctx, q)
	slices.Reverse(listed)
	return listed, err
}

type listsFromBeginning struct{ store.Store }

func (s listsFromBeginning) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	q.After = 0
	return s.Store.List(ctx, q)
}

type listsMore struct{ store.Store }

func (s listsMore) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	if q.Limit <= 0 {
		q.Limit = store.MaxLimit
	}
	return s.Store.List(ctx, q)
}

// filtersOnce uses the index of the state and nothing else, where there is one.
type filtersOnce struct{ store.Store }

func (s filtersOnce) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	if q.State != "" {
		q.User, q.Service, q.Association = "", "", ""
	}
	return s.Store.List(ctx, q)
}

func listsOldStates(st store.Store) store.Store {
	return &oldStates{Store: st, states: make(map[steps.ID]steps.State)}
}

// oldStates is an index of states that only a creation writes.
type oldStates struct {
	store.Store
	mu     sync.Mutex
	states map[steps.ID]steps.State
}

func (s *oldStates) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := s.Store.Commit(ctx, changes)
	for i, c := range changes {
		if results[i] == nil && c.From == 0 {
			s.states[c.Activation.StepsID] = c.Activation.State
		}
	}
	return results
}

func (s *oldStates) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := q.State
	q.State = ""
	listed, err := s.Store.List(ctx, q)
	return slices.DeleteFunc(listed, func(a steps.Activation) bool { return state != "" && s.states[a.StepsID] != state }), err
}

func listsPassedStates(st store.Store) store.Store {
	return &passedStates{oldStates{Store: st, states: make(map[steps.ID]steps.State)}}
}

// passedStates is an index of states from which a change removes nothing but
// the state before it.
type passedStates struct{ oldStates }

func (s *passedStates) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := s.Store.Commit(ctx, changes)
	for i, c := range changes {
		if results[i] == nil {
			s.states[c.Activation.StepsID] = c.Entries[0].After
		}
	}
	return results
}

// listsByPrefix takes a filter for the beginning of a text.
type listsByPrefix struct{ store.Store }

func (s listsByPrefix) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	listed, err := s.Store.List(ctx, store.Query{After: q.After, Limit: q.Limit})
	return slices.DeleteFunc(listed, func(a steps.Activation) bool {
		return !strings.HasPrefix(string(a.State), string(q.State)) ||
			!strings.HasPrefix(a.User, q.User) || !strings.HasPrefix(a.Service, q.Service) || !strings.HasPrefix(a.Association, q.Association)
	}), err
}
