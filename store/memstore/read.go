package memstore

import (
	"context"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Load implements store.Store.
func (s *Store) Load(ctx context.Context, ids []steps.ID) ([]steps.Activation, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	loaded := make([]steps.Activation, len(ids))
	for i, id := range ids {
		if r := s.records[id]; r != nil {
			loaded[i] = r.activation
		}
	}
	return loaded, nil
}

// Find implements store.Store.
func (s *Store) Find(ctx context.Context, binding steps.Binding) (steps.Activation, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return steps.Activation{}, err
	}
	r := s.bound[binding]
	if r == nil {
		return steps.Activation{}, store.ErrNotFound
	}
	return r.activation, nil
}

// History implements store.Store.
func (s *Store) History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	histories := make([][]steps.Entry, len(ids))
	for i, id := range ids {
		if r := s.records[id]; r != nil {
			histories[i] = slices.Clone(r.history)
		}
	}
	return histories, nil
}

// Evidence implements store.Store.
func (s *Store) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	known := make([]steps.Evidence, len(subjects))
	for i, subject := range subjects {
		known[i] = s.evidence[subject]
	}
	return known, nil
}

// Tallies implements store.Store.
func (s *Store) Tallies(ctx context.Context, subjects []steps.Subject) ([]steps.Tally, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	counted := make([]steps.Tally, len(subjects))
	for i, subject := range subjects {
		counted[i] = s.tallies[subject]
	}
	return counted, nil
}

// Head implements store.Heads.
func (s *Store) Head(id steps.ID) (revision uint32, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.records[id]
	if r == nil {
		return 0, false
	}
	return r.activation.Revision, true
}
