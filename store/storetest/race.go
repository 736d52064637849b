package storetest

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// requireOneWinner commits the changes of rivals at once and requires that one
// of them is durable and every other lost. It returns the one.
func (e *env) requireOneWinner(lost error, rival func(i int) *Walk) *Walk {
	e.Helper()
	rivals := make([]*Walk, writers)
	changes := make([]store.Change, writers)
	for i := range rivals {
		rivals[i] = rival(i)
		newest := rivals[i].Entries
		changes[i] = store.Change{From: newest[0].Revision - 1, Activation: rivals[i].Activation, Entries: newest}
	}
	results := make([]error, writers)
	e.together(writers, func(i int) error {
		results[i] = commitOne(e.Context(), e.st, changes[i])
		return nil
	})
	winner := slices.Index(results, nil)
	require.NotEqual(e, -1, winner, "nobody won: %v", results)
	for i, err := range results {
		if i != winner {
			require.ErrorIs(e, err, lost, "writer %d beside the winner %d", i, winner)
		}
	}
	a := rivals[winner].Activation
	require.Equal(e, a, e.load(a.StepsID))
	return rivals[winner]
}

// overlappingBatches has four writers commit a change of each of 16
// activations, each in an order of its own.
func (e *env) overlappingBatches() {
	e.Helper()
	const batches = 4
	walks := e.created(16)
	results := make([][]error, batches)
	changes := make([][]store.Change, batches)
	for b := range changes {
		for i := range walks {
			w := walks[i*(2*b+1)%16] // an odd factor: every walk once
			changes[b] = append(changes[b], w.From(w.Activation, uint64(b)).Fail())
		}
	}
	e.together(batches, func(b int) error {
		results[b] = e.st.Commit(e.Context(), changes[b])
		return nil
	})
	winners := make(map[steps.ID]steps.Activation)
	for b := range changes {
		require.Len(e, results[b], len(walks))
		for i, err := range results[b] {
			a := changes[b][i].Activation
			if err == nil {
				require.NotContains(e, winners, a.StepsID, "two won")
				winners[a.StepsID] = a
			} else {
				require.ErrorIs(e, err, store.ErrConflict)
			}
		}
	}
	for _, w := range walks {
		require.Equal(e, winners[w.Activation.StepsID], e.load(w.Activation.StepsID))
	}
}

// persist loads an activation and moves it on, until nobody is faster.
func (e *env) persist(w *Walk, id steps.ID, seed uint64) error {
	for range 1000 { // far more than there are rivals to lose to
		loaded, err := e.st.Load(e.Context(), []steps.ID{id})
		if err != nil {
			return err
		}
		err = commitOne(e.Context(), e.st, w.From(loaded[0], seed).Fail())
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return errors.New("lost to nobody, again and again")
}

// threeEach returns what writer i does: it commits changes of three entries
// each.
func threeEach(e *env, walks []*Walk) func(i int) error {
	return func(i int) error {
		for range 40 {
			change := Join(walks[i].Next(), walks[i].Refuse(), walks[i].Next())
			if err := commitOne(e.Context(), e.st, change); err != nil {
				return err
			}
			runtime.Gosched() // on one processor, the readers look
		}
		return nil
	}
}

// whileWriting runs the writers at once, with readers beside them that read
// again and again, and a last time when the writers are done.
func (e *env) whileWriting(write func(i int) error, readers int, read func(i int) error) {
	e.Helper()
	var done atomic.Int32
	e.together(writers+readers, func(i int) error {
		if i < writers {
			defer done.Add(1)
			return write(i)
		}
		for {
			last := done.Load() == writers
			if err := read(i - writers); err != nil || last {
				return err
			}
			runtime.Gosched() // on one processor, the writers go on
		}
	})
}

// follow returns the feed as far as it was seen with what came since.
func (e *env) follow(seen []store.Told) ([]store.Told, error) {
	for {
		cursor := store.Cursor("")
		if len(seen) > 0 {
			cursor = seen[len(seen)-1].Cursor
		}
		told, err := e.st.Changes(e.Context(), cursor, 7)
		if err != nil || len(told) == 0 {
			return seen, err
		}
		if told[len(told)-1].Cursor == cursor {
			return seen, fmt.Errorf("the feed does not go on behind %q", cursor)
		}
		seen = append(seen, told...)
	}
}

// feedUpTo reads the feed as far as the newest entry of an activation and
// returns the cursor behind it.
func (e *env) feedUpTo(cursor store.Cursor, a *steps.Activation) (store.Cursor, error) {
	for {
		page, err := e.st.Changes(e.Context(), cursor, 16)
		if err != nil {
			return "", err
		}
		if len(page) == 0 {
			return "", fmt.Errorf("the feed ends before revision %d of %d", a.Revision, a.StepsID)
		}
		if page[len(page)-1].Cursor == cursor {
			return "", fmt.Errorf("the feed does not go on behind %q", cursor)
		}
		for _, told := range page {
			cursor = told.Cursor
			if told.StepsID == a.StepsID && told.Entry.Revision == a.Revision {
				return cursor, nil
			}
		}
	}
}

// checkShown returns an error where the store does not show the newest of a
// walk.
func (e *env) checkShown(w *Walk) error {
	a := &w.Activation
	loaded, err := e.st.Load(e.Context(), []steps.ID{a.StepsID})
	if err != nil || loaded[0].Revision != a.Revision {
		return fmt.Errorf("Load after revision %d: %+v, %w", a.Revision, loaded, err)
	}
	found, err := e.st.Find(e.Context(), a.Binding)
	if err != nil || found.Revision != a.Revision {
		return fmt.Errorf("Find after revision %d: %+v, %w", a.Revision, found, err)
	}
	histories, err := e.st.History(e.Context(), []steps.ID{a.StepsID})
	if err != nil || len(histories[0]) != int(a.Revision) {
		return fmt.Errorf("History after revision %d: %+v, %w", a.Revision, histories, err)
	}
	listed, err := e.st.List(e.Context(), store.Query{State: a.State, Association: a.Association})
	if err != nil || len(listed) != 1 || listed[0].Revision != a.Revision {
		return fmt.Errorf("List after revision %d: %+v, %w", a.Revision, listed, err)
	}
	return nil
}

// checkWhole returns an error where an activation or its history is seen inside
// a change of three entries, or before what newest says was seen.
func (e *env) checkWhole(walks []*Walk, newest []uint32) error {
	ids := idsOf(walks)
	loaded, err := e.st.Load(e.Context(), ids)
	if err != nil {
		return err
	}
	histories, err := e.st.History(e.Context(), ids)
	if err != nil {
		return err
	}
	for i := range loaded {
		a, entries := &loaded[i], histories[i]
		switch {
		case a.Revision%3 != 1 || len(entries)%3 != 1:
			return fmt.Errorf("a change is half there: revision %d, %d entries", a.Revision, len(entries))
		case a.Revision < newest[i]:
			return fmt.Errorf("revision %d after %d", a.Revision, newest[i])
		case len(entries) < int(a.Revision):
			return fmt.Errorf("revision %d, then %d entries", a.Revision, len(entries))
		case entries[a.Revision-1].Hash != a.Hash:
			return fmt.Errorf("revision %d is not its entry's", a.Revision)
		}
		newest[i] = uint32(len(entries))
	}
	return nil
}

// checkListed returns an error where pages of a list do not begin with old.
func (e *env) checkListed(old []steps.ID) error {
	var listed []steps.ID
	for after := steps.ID(0); ; {
		page, err := e.st.List(e.Context(), store.Query{After: after, Limit: 9})
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		if page[0].StepsID <= after {
			return fmt.Errorf("the list does not go on behind %d", after)
		}
		for i := range page {
			listed = append(listed, page[i].StepsID)
		}
		after = listed[len(listed)-1]
	}
	if len(listed) < len(old) || !slices.Equal(listed[:len(old)], old) || !slices.IsSorted(listed) {
		return fmt.Errorf("listed %v, want first %v", listed, old)
	}
	return nil
}
