// Package memstore is a store in memory: the reference of the store contract,
// and enough where a restart may forget.
//
// It promises no durability: a nil result of Commit or Erase lasts as long as
// the process. One lock guards everything, a List that filters looks at every
// activation behind its cursor, and Due looks at every activation.
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
	bound    map[steps.Binding]*record // those that are not erased
	byID     order
	evidence map[steps.Subject]steps.Evidence
	tallies  map[steps.Subject]steps.Tally
	feed     []place
}

var (
	_ store.Store = (*Store)(nil)
	_ store.Heads = (*Store)(nil)
)

// record is an activation with its history. No other history shares its slice.
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
		tallies:  make(map[steps.Subject]steps.Tally),
	}
}

// Close implements store.Store. What the store held is gone.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.records, s.bound, s.byID, s.evidence, s.tallies, s.feed = nil, nil, order{}, nil, nil, nil
	return nil
}

// ready returns why a call cannot begin, or nil. The lock is held.
func (s *Store) ready(ctx context.Context) error {
	if s.closed {
		return store.ErrClosed
	}
	return ctx.Err()
}
