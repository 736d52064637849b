package storetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

type losesTallies struct{ store.Store }

func (s losesTallies) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		if c.From == 0 {
			c.Tallies = nil
		}
		return c
	})
}

// alteredTallies is a store that alters each tally before it keeps it.
type alteredTallies struct {
	store.Store
	alter func(t *steps.Tally)
}

func alteringTallies(alter func(t *steps.Tally)) func(store.Store) store.Store {
	return func(st store.Store) store.Store { return alteredTallies{st, alter} }
}

func (s alteredTallies) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		c.Tallies = copyTallies(c.Tallies)
		for i := range c.Tallies {
			s.alter(&c.Tallies[i])
		}
		return c
	})
}

func dropsFailures(t *steps.Tally) { t.Failures = nil }

func dropsOpens(t *steps.Tally) { t.Opens = time.Time{} }

func dropsSpent(t *steps.Tally) { t.Spent = false }

func opensAtOnce(t *steps.Tally) {
	if t.Opens.IsZero() {
		t.Opens = time.UnixMilli(0).UTC()
	}
}

func cutsTotals(t *steps.Tally) { t.Total = int(int32(t.Total)) }

func cutsTallyRevisions(t *steps.Tally) { t.Revision &= 1<<31 - 1 }

func countsByUser(t *steps.Tally) { t.Subject.Device, t.Subject.VIN, t.Subject.StepsID = "", "", 0 }

// compactsFailures keeps the failures of one time once.
func compactsFailures(t *steps.Tally) { t.Failures = slices.Compact(t.Failures) }

// dropsEmptyTallies takes a tally without failures for none.
type dropsEmptyTallies struct{ store.Store }

func (s dropsEmptyTallies) Tallies(ctx context.Context, subjects []steps.Subject) ([]steps.Tally, error) {
	counted, err := s.Store.Tallies(ctx, subjects)
	for i := range counted {
		if len(counted[i].Failures) == 0 {
			counted[i] = steps.Tally{}
		}
	}
	return counted, err
}

// keepsGreaterTallies takes a tally of a lower revision for an older one.
type keepsGreaterTallies struct{ store.Store }

func (s keepsGreaterTallies) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		c.Tallies = slices.DeleteFunc(slices.Clone(c.Tallies), func(t steps.Tally) bool {
			known, err := s.Store.Tallies(ctx, []steps.Subject{t.Subject})
			return err == nil && known[0].Revision > t.Revision
		})
		return c
	})
}

// sortsTallies answers in the order of its keys, and each subject once.
type sortsTallies struct{ store.Store }

func (s sortsTallies) Tallies(ctx context.Context, subjects []steps.Subject) ([]steps.Tally, error) {
	counted, err := s.Store.Tallies(ctx, subjects)
	slices.SortFunc(counted, func(a, b steps.Tally) int {
		return slices.Compare(
			[]string{a.Subject.Step, a.Subject.User, a.Subject.VIN},
			[]string{b.Subject.Step, b.Subject.User, b.Subject.VIN})
	})
	return slices.CompactFunc(counted, func(a, b steps.Tally) bool { return a.Subject == b.Subject }), err
}

// talliesAnything knows a tally of every subject.
type talliesAnything struct{ store.Store }

func (s talliesAnything) Tallies(ctx context.Context, subjects []steps.Subject) ([]steps.Tally, error) {
	counted, err := s.Store.Tallies(ctx, subjects)
	for i := range counted {
		counted[i].Subject = subjects[i]
	}
	return counted, err
}

func sharesRows(st store.Store) store.Store {
	return &rowSharer{Store: st, withdrawn: make(map[steps.Subject]bool)}
}

// rowSharer keeps a subject's evidence and its tally in one row, which a
// withdrawal deletes.
type rowSharer struct {
	store.Store
	mu        sync.Mutex
	withdrawn map[steps.Subject]bool
}

func (s *rowSharer) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		for _, subject := range c.Withdrawn {
			s.withdrawn[subject] = true
		}
		for _, t := range c.Tallies {
			delete(s.withdrawn, t.Subject)
		}
	}
	return s.Store.Commit(ctx, changes)
}

func (s *rowSharer) Tallies(ctx context.Context, subjects []steps.Subject) ([]steps.Tally, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counted, err := s.Store.Tallies(ctx, subjects)
	for i := range counted {
		if s.withdrawn[subjects[i]] {
			counted[i] = steps.Tally{}
		}
	}
	return counted, err
}

// takesTalliesForEvidence shows that something is known of a subject where only
// its tally is.
type takesTalliesForEvidence struct{ store.Store }

func (s takesTalliesForEvidence) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	known, err := s.Store.Evidence(ctx, subjects)
	if err != nil {
		return nil, err
	}
	counted, err := s.Store.Tallies(ctx, subjects)
	for i := range counted {
		if known[i] == (steps.Evidence{}) {
			known[i].Subject = counted[i].Subject
		}
	}
	return known, err
}
