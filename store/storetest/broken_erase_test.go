package storetest

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// eraseEach erases one by one, each as alter returns it.
func eraseEach(ctx context.Context, st store.Store, erasures []store.Erasure, alter func(store.Erasure) store.Erasure) []error {
	results := make([]error, len(erasures))
	for i := range erasures {
		results[i] = eraseOne(ctx, st, alter(erasures[i]))
	}
	return results
}

// erases is a store that alters each erasure.
type erases struct {
	store.Store
	alter func(ctx context.Context, st store.Store, e store.Erasure) store.Erasure
}

func erasing(alter func(ctx context.Context, st store.Store, e store.Erasure) store.Erasure) func(store.Store) store.Store {
	return func(st store.Store) store.Store { return erases{st, alter} }
}

func (s erases) Erase(ctx context.Context, erasures []store.Erasure) []error {
	return eraseEach(ctx, s.Store, erasures, func(e store.Erasure) store.Erasure { return s.alter(ctx, s.Store, e) })
}

// atAnyRevision erases whatever is there.
func atAnyRevision(ctx context.Context, st store.Store, e store.Erasure) store.Erasure {
	e.From = revisionOf(ctx, st, e.Activation.StepsID)
	return e
}

// keepsSubjects forgets no evidence and no tally.
func keepsSubjects(_ context.Context, _ store.Store, e store.Erasure) store.Erasure {
	e.Subjects = nil
	return e
}

// forgetsFirst forgets the first subject alone.
func forgetsFirst(_ context.Context, _ store.Store, e store.Erasure) store.Erasure {
	e.Subjects = e.Subjects[:min(1, len(e.Subjects))]
	return e
}

// keepsSalt leaves what the payloads can be guessed with.
func keepsSalt(ctx context.Context, st store.Store, e store.Erasure) store.Erasure {
	if loaded, err := st.Load(ctx, []steps.ID{e.Activation.StepsID}); err == nil {
		e.Activation.Salt = loaded[0].Salt
	}
	return e
}

// keepsHistory erases the activation alone.
func keepsHistory(ctx context.Context, st store.Store, e store.Erasure) store.Erasure {
	histories, err := st.History(ctx, []steps.ID{e.Activation.StepsID})
	if err == nil && len(histories[0])+1 == len(e.Entries) {
		e.Entries = append(slices.Clone(histories[0]), e.Entries[len(e.Entries)-1])
	}
	return e
}

// keepsCreation does not get at the first entry.
func keepsCreation(ctx context.Context, st store.Store, e store.Erasure) store.Erasure {
	histories, err := st.History(ctx, []steps.ID{e.Activation.StepsID})
	if err == nil && len(histories[0]) > 0 {
		e.Entries = append(slices.Clone(histories[0][:1]), e.Entries[1:]...)
	}
	return e
}

// ignoresErasures acknowledges what it does not do.
type ignoresErasures struct{ store.Store }

func (ignoresErasures) Erase(_ context.Context, erasures []store.Erasure) []error {
	return make([]error, len(erasures))
}

// failsErasures is a transaction around the call.
type failsErasures struct{ store.Store }

func (s failsErasures) Erase(ctx context.Context, erasures []store.Erasure) []error {
	for _, e := range erasures {
		if revisionOf(ctx, s.Store, e.Activation.StepsID) != e.From {
			return slices.Repeat([]error{store.ErrConflict}, len(erasures))
		}
	}
	return s.Store.Erase(ctx, erasures)
}

// erasesFew erases the first hundred of a call.
type erasesFew struct{ store.Store }

func (s erasesFew) Erase(ctx context.Context, erasures []store.Erasure) []error {
	n := min(len(erasures), 100)
	return append(s.Store.Erase(ctx, erasures[:n]), make([]error, len(erasures)-n)...)
}

// missesErasures is another error where there is nothing to erase.
type missesErasures struct{ store.Store }

func (s missesErasures) Erase(ctx context.Context, erasures []store.Erasure) []error {
	results := s.Store.Erase(ctx, erasures)
	for i, e := range erasures {
		if results[i] != nil && revisionOf(ctx, s.Store, e.Activation.StepsID) == 0 {
			results[i] = store.ErrNotFound
		}
	}
	return results
}

// forgetsAnyway forgets what is known of a person before it looks at the
// activation.
type forgetsAnyway struct{ store.Store }

func (s forgetsAnyway) Erase(ctx context.Context, erasures []store.Erasure) []error {
	for _, e := range erasures {
		w := NewWalk(1<<36 + uint64(e.Activation.StepsID))
		change := w.Create()
		change.Withdrawn = e.Subjects
		_ = commitOne(ctx, s.Store, change)
	}
	return s.Store.Erase(ctx, erasures)
}

func forgetsEverybody(st store.Store) store.Store { return &everybody{Store: st} }

// everybody takes an erasure for one of everything that is known.
type everybody struct {
	store.Store
	mu       sync.Mutex
	subjects []steps.Subject
}

func (s *everybody) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		s.subjects = append(s.subjects, subjectsOf(c.Proven)...)
		s.subjects = append(s.subjects, talliedSubjects(c.Tallies)...)
	}
	return s.Store.Commit(ctx, changes)
}

func (s *everybody) Erase(ctx context.Context, erasures []store.Erasure) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return eraseEach(ctx, s.Store, erasures, func(e store.Erasure) store.Erasure {
		e.Subjects = s.subjects
		return e
	})
}

// erasesLater looks at the revision, lets others go first, and then erases what
// is there.
type erasesLater struct{ store.Store }

func (s erasesLater) Erase(ctx context.Context, erasures []store.Erasure) []error {
	results := make([]error, len(erasures))
	for i, e := range erasures {
		at := revisionOf(ctx, s.Store, e.Activation.StepsID)
		for range 100 {
			runtime.Gosched()
		}
		if at == e.From && at > 0 {
			e.From = revisionOf(ctx, s.Store, e.Activation.StepsID)
		}
		results[i] = eraseOne(ctx, s.Store, e)
	}
	return results
}

// erasesInTwo takes the payloads away from half of a history first.
type erasesInTwo struct{ store.Store }

func (s erasesInTwo) Erase(ctx context.Context, erasures []store.Erasure) []error {
	results := make([]error, len(erasures))
	for i, e := range erasures {
		half := keepsCreation(ctx, s.Store, e)
		if results[i] = eraseOne(ctx, s.Store, half); results[i] == nil {
			for range 100 {
				runtime.Gosched()
			}
			e.From = e.Activation.Revision
			results[i] = eraseOne(ctx, s.Store, e)
		}
	}
	return results
}

func keepsBindings(st store.Store) store.Store {
	return &bindingKeeper{Store: st, kept: make(map[steps.Binding]bool)}
}

// bindingKeeper never gives a binding to a second activation.
type bindingKeeper struct {
	store.Store
	mu   sync.Mutex
	kept map[steps.Binding]bool
}

func (s *bindingKeeper) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := make([]error, len(changes))
	for i, c := range changes {
		if results[i] = store.ErrExists; c.From > 0 || !s.kept[c.Activation.Binding] {
			results[i] = commitOne(ctx, s.Store, c)
			s.kept[c.Activation.Binding] = s.kept[c.Activation.Binding] || results[i] == nil
		}
	}
	return results
}

// findsErased finds the newest that was erased by the empty binding.
type findsErased struct{ store.Store }

func (s findsErased) Find(ctx context.Context, binding steps.Binding) (steps.Activation, error) {
	if erased, err := s.List(ctx, store.Query{State: steps.StateErased}); err == nil && binding == (steps.Binding{}) && len(erased) > 0 {
		return erased[0], nil
	}
	return s.Store.Find(ctx, binding)
}

// reusesIDs takes an erased activation for none.
type reusesIDs struct{ store.Store }

func (s reusesIDs) Commit(ctx context.Context, changes []store.Change) []error {
	return commitEach(ctx, s.Store, changes, func(c store.Change) store.Change {
		loaded, err := s.Load(ctx, []steps.ID{c.Activation.StepsID})
		if err == nil && c.From == 0 && loaded[0].State == steps.StateErased {
			c.From = loaded[0].Revision
		}
		return c
	})
}

// hidesErased lists what was erased by no filter but its state.
type hidesErased struct{ store.Store }

func (s hidesErased) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	listed, err := s.Store.List(ctx, q)
	return slices.DeleteFunc(listed, func(a steps.Activation) bool {
		return a.State == steps.StateErased && q.State == ""
	}), err
}

func listsErased(st store.Store) store.Store {
	return &userIndex{Store: st, users: make(map[steps.ID]string)}
}

// userIndex is an index of users that an erasure does not touch.
type userIndex struct {
	store.Store
	mu    sync.Mutex
	users map[steps.ID]string
}

func (s *userIndex) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := s.Store.Commit(ctx, changes)
	for i, c := range changes {
		if results[i] == nil {
			s.users[c.Activation.StepsID] = c.Activation.User
		}
	}
	return results
}

func (s *userIndex) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := q.User
	q.User = ""
	listed, err := s.Store.List(ctx, q)
	return slices.DeleteFunc(listed, func(a steps.Activation) bool { return user != "" && s.users[a.StepsID] != user }), err
}
