package storetest

import (
	"context"
	"reflect"
	"runtime"

	"github.com/stepgate/stepgate/store"
)

// guardsOf returns which of a change's guards hold, in a store as it is.
func guardsOf(ctx context.Context, st store.Store, c store.Change) (evidence, tallies []bool) {
	known, _ := st.Evidence(ctx, subjectsOf(c.Rests.Evidence))
	for i, guard := range c.Rests.Evidence {
		if len(known) > 0 {
			known[i].Subject = guard.Subject
			evidence = append(evidence, known[i] == guard)
		}
	}
	counted, _ := st.Tallies(ctx, talliedSubjects(c.Rests.Tallies))
	for i, guard := range c.Rests.Tallies {
		if len(counted) > 0 {
			tallies = append(tallies, counted[i].Revision == guard.Revision)
		}
	}
	return evidence, tallies
}

// guards holds a store to guards of its own making.
type guards struct {
	store.Store
	hold func(ctx context.Context, st store.Store, c store.Change) bool
}

func guarding(hold func(ctx context.Context, st store.Store, c store.Change) bool) func(store.Store) store.Store {
	return func(st store.Store) store.Store { return guards{st, hold} }
}

func (s guards) Commit(ctx context.Context, changes []store.Change) []error {
	results := make([]error, len(changes))
	for i, c := range changes {
		holds := s.hold(ctx, s.Store, c)
		c.Rests = store.Rests{}
		if results[i] = store.ErrConflict; holds {
			results[i] = commitOne(ctx, s.Store, c)
		}
	}
	return results
}

func ignoresGuards(context.Context, store.Store, store.Change) bool { return true }

// guardsEvidence and guardsTallies look at one kind of guards alone.
func guardsEvidence(ctx context.Context, st store.Store, c store.Change) bool {
	evidence, _ := guardsOf(ctx, st, c)
	return all(evidence)
}

func guardsTallies(ctx context.Context, st store.Store, c store.Change) bool {
	_, tallies := guardsOf(ctx, st, c)
	return all(tallies)
}

// guardsFirst looks at the first guard of each kind.
func guardsFirst(ctx context.Context, st store.Store, c store.Change) bool {
	evidence, tallies := guardsOf(ctx, st, c)
	return all(evidence[:min(1, len(evidence))]) && all(tallies[:min(1, len(tallies))])
}

// guardsLast looks at the last guard of each kind.
func guardsLast(ctx context.Context, st store.Store, c store.Change) bool {
	evidence, tallies := guardsOf(ctx, st, c)
	return all(evidence[max(0, len(evidence)-1):]) && all(tallies[max(0, len(tallies)-1):])
}

// guardsPresence looks at whether there is evidence, and at no more of it.
func guardsPresence(ctx context.Context, st store.Store, c store.Change) bool {
	known, _ := st.Evidence(ctx, subjectsOf(c.Rests.Evidence))
	for i := range known {
		if (known[i].StepsID != 0) != (c.Rests.Evidence[i].StepsID != 0) {
			return false
		}
	}
	return guardsTallies(ctx, st, c)
}

// guardsZero takes the guard that nothing is known for evidence.
func guardsZero(ctx context.Context, st store.Store, c store.Change) bool {
	known, _ := st.Evidence(ctx, subjectsOf(c.Rests.Evidence))
	for i := range known {
		if known[i] != c.Rests.Evidence[i] {
			return false
		}
	}
	return guardsTallies(ctx, st, c)
}

// guardsWholeTallies compares all of a tally.
func guardsWholeTallies(ctx context.Context, st store.Store, c store.Change) bool {
	counted, _ := st.Tallies(ctx, talliedSubjects(c.Rests.Tallies))
	for i := range counted {
		if guard := c.Rests.Tallies[i]; guard.Revision != 0 && !reflect.DeepEqual(counted[i], guard) {
			return false
		}
	}
	return guardsEvidence(ctx, st, c)
}

// guardsNewer takes a tally that is newer than the guard's for good enough.
func guardsNewer(ctx context.Context, st store.Store, c store.Change) bool {
	counted, _ := st.Tallies(ctx, talliedSubjects(c.Rests.Tallies))
	for i := range counted {
		if counted[i].Revision < c.Rests.Tallies[i].Revision {
			return false
		}
	}
	return guardsEvidence(ctx, st, c)
}

// guardsEarly looks at the guards, lets others go first, and then commits.
func guardsEarly(ctx context.Context, st store.Store, c store.Change) bool {
	evidence, tallies := guardsOf(ctx, st, c)
	for range 100 {
		runtime.Gosched()
	}
	return all(evidence) && all(tallies)
}

// guardsBatch looks at the guards of a whole batch before it writes any of it.
type guardsBatch struct{ store.Store }

func (s guardsBatch) Commit(ctx context.Context, changes []store.Change) []error {
	results := make([]error, len(changes))
	for i, c := range changes {
		evidence, tallies := guardsOf(ctx, s.Store, c)
		if !all(evidence) || !all(tallies) {
			results[i] = store.ErrConflict
		}
	}
	for i, c := range changes {
		c.Rests = store.Rests{}
		if results[i] == nil {
			results[i] = commitOne(ctx, s.Store, c)
		}
	}
	return results
}

// guardsLate writes a change's evidence, and then looks at its guards.
type guardsLate struct{ store.Store }

func (s guardsLate) Commit(ctx context.Context, changes []store.Change) []error {
	results := make([]error, len(changes))
	for i, c := range changes {
		for j, guard := range c.Rests.Evidence {
			for _, proven := range c.Proven {
				if proven.Subject == guard.Subject {
					c.Rests.Evidence = append(c.Rests.Evidence[:j:j], proven)
				}
			}
		}
		results[i] = commitOne(ctx, s.Store, c)
	}
	return results
}

// existsWhereGuarded takes a guard that does not hold for a creation's rival.
type existsWhereGuarded struct{ store.Store }

func (s existsWhereGuarded) Commit(ctx context.Context, changes []store.Change) []error {
	results := s.Store.Commit(ctx, changes)
	for i, err := range results {
		if err != nil && changes[i].From == 0 {
			results[i] = store.ErrExists
		}
	}
	return results
}

func all(held []bool) bool {
	for _, h := range held {
		if !h {
			return false
		}
	}
	return true
}

// keepsRefusedTallies remembers a tally before it knows what becomes of the
// change.
type keepsRefusedTallies struct{ store.Store }

func (s keepsRefusedTallies) Commit(ctx context.Context, changes []store.Change) []error {
	results := s.Store.Commit(ctx, changes)
	for i, err := range results {
		if err != nil && len(changes[i].Tallies) > 0 {
			w := NewWalk(1<<35 + uint64(changes[i].Activation.StepsID))
			c := w.Create()
			c.Tallies = changes[i].Tallies
			_ = commitOne(ctx, s.Store, c)
		}
	}
	return results
}
