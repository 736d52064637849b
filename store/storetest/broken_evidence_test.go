package storetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// keepsFirstEvidence is INSERT … ON CONFLICT DO NOTHING.
type keepsFirstEvidence struct{ store.Store }

func (s keepsFirstEvidence) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		c.Proven = slices.DeleteFunc(slices.Clone(c.Proven), func(proven steps.Evidence) bool {
			known, err := s.Evidence(ctx, []steps.Subject{proven.Subject})
			return err == nil && known[0] != steps.Evidence{}
		})
		return c
	})
}

func buriesEvidence(st store.Store) store.Store {
	return &evidenceBurier{Store: st, buried: make(map[steps.Subject]bool)}
}

// evidenceBurier never again tells evidence that was once withdrawn.
type evidenceBurier struct {
	store.Store
	mu     sync.Mutex
	buried map[steps.Subject]bool
}

func (s *evidenceBurier) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		for _, subject := range c.Withdrawn {
			s.buried[subject] = true
		}
	}
	return s.Store.Commit(ctx, changes)
}

func (s *evidenceBurier) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, err := s.Store.Evidence(ctx, subjects)
	for i := range known {
		if s.buried[subjects[i]] {
			known[i] = steps.Evidence{}
		}
	}
	return known, err
}

// sortsEvidence answers in the order of its keys, and each subject once.
type sortsEvidence struct{ store.Store }

func (s sortsEvidence) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	known, err := s.Store.Evidence(ctx, subjects)
	slices.SortFunc(known, func(a, b steps.Evidence) int {
		return slices.Compare(
			[]string{a.Subject.Step, a.Subject.User, a.Subject.VIN},
			[]string{b.Subject.Step, b.Subject.User, b.Subject.VIN})
	})
	return slices.Compact(known), err
}

// endsEvidence takes no end for an end at once.
type endsEvidence struct{ store.Store }

func (s endsEvidence) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		c.Proven = slices.Clone(c.Proven)
		for i := range c.Proven {
			if c.Proven[i].Until.IsZero() {
				c.Proven[i].Until = c.Proven[i].At
			}
		}
		return c
	})
}

// immortalizesEvidence keeps no end of it.
type immortalizesEvidence struct{ store.Store }

func (s immortalizesEvidence) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	known, err := s.Store.Evidence(ctx, subjects)
	for i := range known {
		known[i].Until = time.Time{}
	}
	return known, err
}

// mixesSubjects keeps evidence by step and user alone.
type mixesSubjects struct{ store.Store }

func (s mixesSubjects) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	return s.Store.Evidence(ctx, stepsAndUsers(subjects))
}

func (s mixesSubjects) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		c.Withdrawn = stepsAndUsers(c.Withdrawn)
		c.Proven = slices.Clone(c.Proven)
		for i := range c.Proven {
			c.Proven[i].Subject.Device, c.Proven[i].Subject.VIN = "", ""
		}
		return c
	})
}

func stepsAndUsers(subjects []steps.Subject) []steps.Subject {
	subjects = slices.Clone(subjects)
	for i := range subjects {
		subjects[i].Device, subjects[i].VIN = "", ""
	}
	return subjects
}

// remembersAnything knows evidence of every subject.
type remembersAnything struct{ store.Store }

func (s remembersAnything) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	known, err := s.Store.Evidence(ctx, subjects)
	for i := range known {
		known[i].Subject = subjects[i]
	}
	return known, err
}
