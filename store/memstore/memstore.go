// Package memstore is a store in memory: the reference of the store contract,
// and enough where a restart may forget.
//
// It promises no durability: a nil result of Commit lasts as long as the
// process. One lock guards everything, and a List that filters looks at every
// activation behind its cursor.
package memstore

import (
	"context"
	"sync"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Store is a store.Store and store.Heads in memory. It is safe for concurrent
// use. Make one with New.
type Store struct {
	mu       sync.RWMutex
	closed   bool
	records  map[steps.ID]*record
	bound    map[steps.Binding]*record
	byID     order
	evidence map[steps.Subject]steps.Evidence
	feed     []place
}

var (
	_ store.Store = (*Store)(nil)
	_ store.Heads = (*Store)(nil)
)

// record is an activation with its history.
type record struct {
	activation steps.Activation
	history    []steps.Entry
}

// New returns an empty store.
func New() *Store {
	return &Store{
		records:  make(map[steps.ID]*record),
		bound:    make(map[steps.Binding]*record),
		evidence: make(map[steps.Subject]steps.Evidence),
	}
}

// Commit implements store.Store. Changes of one activation in one call, which
// the contract rules out, are applied one after the other.
func (s *Store) Commit(ctx context.Context, changes []store.Change) []error {
	results := make([]error, len(changes))
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		for i := range results {
			results[i] = err
		}
		return results
	}
	for i := range changes {
		results[i] = s.commit(&changes[i])
	}
	return results
}

// commit checks all of a change before it applies any of it.
func (s *Store) commit(c *store.Change) error {
	a := &c.Activation
	r := s.records[a.StepsID]
	switch {
	case c.From == 0:
		if r != nil || s.bound[a.Binding] != nil {
			return store.ErrExists
		}
		r = &record{activation: *a}
		s.records[a.StepsID] = r
		s.bound[a.Binding] = r
		s.byID.insert(r)
	case r == nil || r.activation.Revision != c.From:
		return store.ErrConflict
	default:
		r.activation = *a
	}
	for i := range c.Entries {
		s.feed = append(s.feed, place{record: r, index: len(r.history) + i})
	}
	r.history = append(r.history, c.Entries...)
	for _, subject := range c.Withdrawn {
		delete(s.evidence, subject)
	}
	for i := range c.Proven {
		s.evidence[c.Proven[i].Subject] = c.Proven[i]
	}
	return nil
}

// Close implements store.Store. What the store held is gone.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.records, s.bound, s.byID, s.evidence, s.feed = nil, nil, order{}, nil, nil
	return nil
}

// ready returns why a call cannot begin, or nil. The lock is held.
func (s *Store) ready(ctx context.Context) error {
	if s.closed {
		return store.ErrClosed
	}
	return ctx.Err()
}
