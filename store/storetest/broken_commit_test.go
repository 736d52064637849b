package storetest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// commitEach commits changes one by one, each as alter returns it.
func commitEach(ctx context.Context, st store.Store, changes []store.Change, alter func(store.Change) store.Change) []error {
	results := make([]error, len(changes))
	for i := range changes {
		results[i] = commitOne(ctx, st, alter(changes[i]))
	}
	return results
}

// revisionOf returns at which revision an activation is; 0: it is absent, or
// the store does not say.
func revisionOf(ctx context.Context, st store.Store, id steps.ID) uint32 {
	loaded, err := st.Load(ctx, []steps.ID{id})
	if err != nil {
		return 0
	}
	return loaded[0].Revision
}

type forgetsCAS struct{ store.Store }

func (s forgetsCAS) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		if c.From > 0 {
			c.From = revisionOf(ctx, s.Store, c.Activation.StepsID)
		}
		return c
	})
}

// swapsLater compares, lets others go first, and then swaps whatever is there.
type swapsLater struct{ store.Store }

func (s swapsLater) Commit(ctx context.Context, changes []store.Change) []error {
	results := make([]error, len(changes))
	for i, c := range changes {
		at := revisionOf(ctx, s.Store, c.Activation.StepsID)
		for range 100 {
			runtime.Gosched()
		}
		if at == c.From {
			c.From = revisionOf(ctx, s.Store, c.Activation.StepsID)
		}
		results[i] = commitOne(ctx, s.Store, c)
	}
	return results
}

type overwritesID struct{ store.Store }

func (s overwritesID) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		if c.From == 0 {
			c.From = revisionOf(ctx, s.Store, c.Activation.StepsID)
		}
		return c
	})
}

// ignoresBinding gives a second activation of a binding to another device.
type ignoresBinding struct{ store.Store }

func (s ignoresBinding) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		if _, err := s.Find(ctx, c.Activation.Binding); err == nil && c.From == 0 {
			c.Activation.Device += c.Activation.StepsID.String()
		}
		return c
	})
}

func joinsBinding(st store.Store) store.Store {
	return &bindingJoiner{Store: st, taken: make(map[string]bool)}
}

type bindingJoiner struct {
	store.Store
	mu    sync.Mutex
	taken map[string]bool
}

func (s *bindingJoiner) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		key := c.Activation.Association + "/" + c.Activation.User + "/" + c.Activation.Device
		if c.From == 0 && s.taken[key] {
			return slices.Repeat([]error{store.ErrExists}, len(changes))
		}
		s.taken[key] = true
	}
	return s.Store.Commit(ctx, changes)
}

// failsBatch is a transaction around the batch.
type failsBatch struct{ store.Store }

func (s failsBatch) Commit(ctx context.Context, changes []store.Change) []error {
	for _, c := range changes {
		_, err := s.Find(ctx, c.Activation.Binding)
		if revisionOf(ctx, s.Store, c.Activation.StepsID) != c.From || c.From == 0 && err == nil {
			return slices.Repeat([]error{store.ErrConflict}, len(changes))
		}
	}
	return s.Store.Commit(ctx, changes)
}

type endsBatch struct{ store.Store }

func (s endsBatch) Commit(ctx context.Context, changes []store.Change) []error {
	results := make([]error, len(changes))
	for i, c := range changes {
		if results[i] = commitOne(ctx, s.Store, c); results[i] != nil {
			for j := range results[i:] {
				results[i+j] = results[i]
			}
			break
		}
	}
	return results
}

type writesInTwo struct{ store.Store }

func (s writesInTwo) Commit(ctx context.Context, changes []store.Change) []error {
	results := make([]error, len(changes))
	for i, c := range changes {
		if len(c.Entries) < 2 {
			results[i] = commitOne(ctx, s.Store, c)
			continue
		}
		first, rest := c, c
		first.Entries, rest.Entries = c.Entries[:1], c.Entries[1:]
		first.Activation.Revision = c.From + 1
		rest.From = c.From + 1
		if results[i] = commitOne(ctx, s.Store, first); results[i] == nil {
			for range 100 {
				runtime.Gosched()
			}
			results[i] = commitOne(ctx, s.Store, rest)
		}
	}
	return results
}

type losesEntries struct{ store.Store }

func (s losesEntries) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		c.Entries = c.Entries[:1]
		return c
	})
}

type losesEvidence struct{ store.Store }

func (s losesEvidence) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		if c.From == 0 {
			c.Proven = nil
		}
		return c
	})
}

type forgetsWithdrawal struct{ store.Store }

func (s forgetsWithdrawal) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		c.Withdrawn = nil
		return c
	})
}

func keepsRefusedEvidence(st store.Store) store.Store {
	return &evidenceKeeper{Store: st, kept: make(map[steps.Subject]steps.Evidence)}
}

// evidenceKeeper remembers evidence before it knows what becomes of the change.
type evidenceKeeper struct {
	store.Store
	mu   sync.Mutex
	kept map[steps.Subject]steps.Evidence
}

func (s *evidenceKeeper) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		for _, subject := range c.Withdrawn {
			delete(s.kept, subject)
		}
		for _, proven := range c.Proven {
			s.kept[proven.Subject] = proven
		}
	}
	return s.Store.Commit(ctx, changes)
}

func (s *evidenceKeeper) Evidence(_ context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := make([]steps.Evidence, len(subjects))
	for i, subject := range subjects {
		known[i] = s.kept[subject]
	}
	return known, nil
}

// acknowledgesAll takes no answer for a good one.
type acknowledgesAll struct{ store.Store }

func (s acknowledgesAll) Commit(ctx context.Context, changes []store.Change) []error {
	results := s.Store.Commit(ctx, changes)
	for i, err := range results {
		if !errors.Is(err, store.ErrExists) {
			results[i] = nil
		}
	}
	return results
}

type writesToSlices struct{ store.Store }

func (s writesToSlices) Commit(ctx context.Context, changes []store.Change) []error {
	results := s.Store.Commit(ctx, changes)
	for i := range changes {
		slices.Reverse(changes[i].Entries)
	}
	return results
}

type writesBehindSlices struct{ store.Store }

func (s writesBehindSlices) Commit(ctx context.Context, changes []store.Change) []error {
	for _, c := range changes {
		_ = append(c.Entries, steps.Entry{Of: 7})
	}
	return s.Store.Commit(ctx, changes)
}
