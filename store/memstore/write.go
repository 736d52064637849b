package memstore

import (
	"context"
	"slices"

	"github.com/stepgate/stepgate/store"
)

// Commit implements store.Store. Changes of one activation in one call, which
// the contract rules out, are applied one after the other.
func (s *Store) Commit(ctx context.Context, changes []store.Change) []error {
	return s.write(ctx, len(changes), func(i int) error { return s.commit(&changes[i]) })
}

// Erase implements store.Store. Like Commit, it applies one after the other.
func (s *Store) Erase(ctx context.Context, erasures []store.Erasure) []error {
	return s.write(ctx, len(erasures), func(i int) error { return s.erase(&erasures[i]) })
}

// write does n writes under the lock, in their order, or none of them.
func (s *Store) write(ctx context.Context, n int, one func(i int) error) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return slices.Repeat([]error{err}, n)
	}
	results := make([]error, n)
	for i := range results {
		results[i] = one(i)
	}
	return results
}

// commit checks all of a change before it applies any of it.
func (s *Store) commit(c *store.Change) error {
	a := &c.Activation
	r := s.records[a.StepsID]
	switch {
	case c.From == 0 && (r != nil || s.bound[a.Binding] != nil):
		return store.ErrExists
	case c.From != 0 && (r == nil || r.activation.Revision != c.From):
		return store.ErrConflict
	case !s.holds(&c.Rests):
		return store.ErrConflict
	}
	if r == nil {
		r = &record{activation: *a}
		s.records[a.StepsID] = r
		s.bound[a.Binding] = r
		s.byID.insert(r)
	}
	r.activation = *a
	s.tell(r, len(r.history), len(c.Entries))
	r.history = append(r.history, c.Entries...)
	for _, subject := range c.Withdrawn {
		delete(s.evidence, subject)
	}
	for i := range c.Proven {
		s.evidence[c.Proven[i].Subject] = c.Proven[i]
	}
	for i := range c.Tallies {
		s.tallies[c.Tallies[i].Subject] = c.Tallies[i]
	}
	return nil
}

// holds reports whether everything that a change rests on is so.
func (s *Store) holds(rests *store.Rests) bool {
	for _, guard := range rests.Evidence {
		known := s.evidence[guard.Subject]
		known.Subject = guard.Subject // also where nothing is known
		if known != guard {
			return false
		}
	}
	for i := range rests.Tallies {
		guard := &rests.Tallies[i]
		if s.tallies[guard.Subject].Revision != guard.Revision {
			return false
		}
	}
	return true
}

// erase puts another history in the place of an activation's. What readers hold
// of the old one stays as it is.
func (s *Store) erase(e *store.Erasure) error {
	r := s.records[e.Activation.StepsID]
	if r == nil || r.activation.Revision != e.From {
		return store.ErrConflict
	}
	if s.bound[r.activation.Binding] == r {
		delete(s.bound, r.activation.Binding)
	}
	r.activation = e.Activation
	s.tell(r, len(r.history), len(e.Entries)-len(r.history))
	r.history = slices.Clone(e.Entries)
	for _, subject := range e.Subjects {
		delete(s.evidence, subject)
		delete(s.tallies, subject)
	}
	return nil
}

// tell puts n entries of a history, from the one at index first on, at the end
// of the feed.
func (s *Store) tell(r *record, first, n int) {
	for i := range n {
		s.feed = append(s.feed, place{record: r, index: first + i})
	}
}
