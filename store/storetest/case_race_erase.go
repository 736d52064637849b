package storetest

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// eraseRaceCases are about erasures among writers and readers.
func eraseRaceCases() []testCase {
	return []testCase{
		{name: "an erasure among writers gets through, and is the last", run: func(e *env) {
			for range 5 {
				w := e.created(1)[0]
				id := w.Activation.StepsID
				e.together(writers, func(i int) error {
					if i == 0 {
						return e.persistErasing(w, id)
					}
					return e.writeUntilErased(w, id, uint64(i))
				})
				a, entries := e.load(id), e.history(id)
				require.Equal(e, steps.StateErased, a.State)
				e.requireChain(a, entries)
				e.requireNotFound(w.Activation.Binding)
			}
			for _, scanned := range e.scan(0, 10) {
				var told []steps.Entry
				for _, t := range e.feed("") {
					if t.StepsID == scanned.StepsID {
						told = append(told, t.Entry)
					}
				}
				e.requireEntries(scanned.Entries, told)
			}
		}},
		{name: "one erasure of those at once", run: func(e *env) {
			walks := e.created(10)
			for _, w := range walks {
				erased := e.requireOneErasure(w)
				e.requireShown(erased)
				*w = *erased
			}
			e.requireFeed(walks...)
		}},
		{name: "one taker of the binding that an erasure frees", run: func(e *env) {
			for range 20 {
				e.takeWhileErasing()
			}
		}},
		{name: "a reader sees an erasure whole, or not yet", run: func(e *env) {
			walks := e.created(writers * 10)
			ids := idsOf(walks)
			write := func(i int) error {
				for _, w := range walks[i*10 : (i+1)*10] {
					if err := commitOne(e.Context(), e.st, Join(w.Complete(), w.Fail())); err != nil {
						return err
					}
					if err := eraseOne(e.Context(), e.st, w.Erase()); err != nil {
						return err
					}
					runtime.Gosched() // on one processor, the readers look
				}
				return nil
			}
			e.whileWriting(write, 2, func(int) error {
				if err := e.checkErasedWhole(ids); err != nil {
					return err
				}
				return e.checkScan()
			})
			e.requireFeed(walks...)
		}},
	}
}

// persistErasing loads an activation and erases it, until nobody is faster.
func (e *env) persistErasing(w *Walk, id steps.ID) error {
	for range 1000 { // more often than there are writes to lose to
		scanned, err := e.st.Scan(e.Context(), id-1, 1)
		if err != nil {
			return err
		}
		now := w.From(scanned[0].Activation, 0)
		now.Entries = scanned[0].Entries
		err = eraseOne(e.Context(), e.st, now.Erase())
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return errors.New("the erasure lost to writers, again and again")
}

// writeUntilErased moves an activation on until it is erased, or often enough.
func (e *env) writeUntilErased(w *Walk, id steps.ID, seed uint64) error {
	for range 50 {
		loaded, err := e.st.Load(e.Context(), []steps.ID{id})
		if err != nil || loaded[0].State == steps.StateErased {
			return err
		}
		err = commitOne(e.Context(), e.st, w.From(loaded[0], seed).Fail())
		if err != nil && !errors.Is(err, store.ErrConflict) {
			return err
		}
		runtime.Gosched() // the erasure has its turn
	}
	return nil
}

// requireOneErasure erases a walk from many sides at once, and returns it as
// the only one that got through left it.
func (e *env) requireOneErasure(w *Walk) *Walk {
	e.Helper()
	results := make([]error, writers)
	erased := make([]*Walk, writers)
	e.together(writers, func(i int) error {
		erased[i] = w.twin(uint64(i))
		results[i] = eraseOne(e.Context(), e.st, erased[i].Erase())
		return nil
	})
	var winner *Walk
	for i, err := range results {
		if err == nil {
			require.Nil(e, winner, "two erased it")
			winner = erased[i]
		} else {
			require.ErrorIs(e, err, store.ErrConflict)
		}
	}
	require.NotNil(e, winner, "nobody erased it: %v", results)
	return winner
}

// takeWhileErasing erases an activation while others try to take its binding,
// and requires that at most one of them has it afterwards.
func (e *env) takeWhileErasing() {
	e.Helper()
	w := e.created(1)[0]
	binding := w.Activation.Binding
	rivals := make([]*Walk, writers)
	for i := range rivals {
		rivals[i] = e.walk()
		rivals[i].Activation.Binding = binding
	}
	results := make([]error, writers)
	e.together(writers+1, func(i int) error {
		if i == writers {
			return eraseOne(e.Context(), e.st, w.Erase())
		}
		results[i] = commitOne(e.Context(), e.st, rivals[i].Create())
		return nil
	})
	e.requireShown(w)
	var taker *Walk
	for i, err := range results {
		if err == nil {
			require.Nil(e, taker, "two took it")
			taker = rivals[i]
		} else {
			require.ErrorIs(e, err, store.ErrExists)
		}
	}
	if taker == nil {
		e.requireNotFound(binding)
	} else {
		e.requireShown(taker)
	}
}

// checkErasedWhole returns an error where a history is seen half erased.
func (e *env) checkErasedWhole(ids []steps.ID) error {
	histories, err := e.st.History(e.Context(), ids)
	if err != nil {
		return err
	}
	for i, entries := range histories {
		last := &entries[len(entries)-1]
		before := entries[:len(entries)-1]
		if last.Kind != steps.Erased {
			before = entries
		}
		for j := range before {
			if (before[j].Digest != steps.Hash{}) != (last.Kind == steps.Erased) {
				return fmt.Errorf("activation %d is half erased: entry %d of %d", ids[i], j+1, len(entries))
			}
		}
	}
	return nil
}

// checkScan returns an error where a scan shows an activation beside a history
// that is not its own.
func (e *env) checkScan() error {
	scanned, err := e.st.Scan(e.Context(), 0, store.MaxLimit)
	if err != nil {
		return err
	}
	for i := range scanned {
		s := &scanned[i]
		if s.Err != nil {
			return s.Err
		}
		var head steps.Hash
		for j := range s.Entries {
			if head = s.Entries[j].Chain(head, s.StepsID, s.Activation.Salt); head != s.Entries[j].Hash {
				return fmt.Errorf("activation %d: the chain breaks at entry %d", s.StepsID, j+1)
			}
		}
		if head != s.Activation.Hash {
			return fmt.Errorf("activation %d is at revision %d, its history has %d", s.StepsID, s.Activation.Revision, len(s.Entries))
		}
	}
	return nil
}
